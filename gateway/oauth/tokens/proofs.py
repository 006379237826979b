"""DPoP at the token endpoint: which key the tokens of a request are to be bound to (RFC 9449 §5, §8)."""

import hashlib
from collections.abc import Mapping

from gateway.oauth.errors import InvalidProof, NonceNeeded
from gateway.oauth.form import tellable
from kernel.clock import Clock
from kernel.http.nonces import NonceStore
from kernel.signing.dpop import PAST_SECONDS, Proof, ProofInvalid, normal_target, verify_proof
from kernel.signing.dpop_nonce import ServerNonces

_PROOFS = "oauth token endpoint"


class TokenProofs:
    """Args:
    seen: remembers proofs for all processes, so that none is taken twice.
    nonces: what proofs must carry; `None` where they need none.
    """

    def __init__(self, issuer: str, seen: NonceStore, nonces: ServerNonces | None, clock: Clock) -> None:
        self._target = normal_target(f"{issuer}/oauth/token")
        self._seen = seen
        self._nonces = nonces
        self._clock = clock

    def read(self, headers: Mapping[str, str]) -> Proof | None:
        """The proof of a request, if it has one.

        Raises:
            InvalidProof: it does not hold.
            NonceNeeded: only our nonce is missing.
        """
        sent = headers.get("dpop")
        if sent is None:
            return None
        now = self._clock.now().timestamp()
        try:
            proof = verify_proof(sent, method="POST", targets=[self._target], now=now)
        except ProofInvalid as error:
            raise InvalidProof(f"The DPoP proof does not hold: {tellable(str(error))}") from error
        if self._nonces is not None and not self._nonces.accepts(proof.nonce, now):
            raise NonceNeeded("The DPoP proof needs the nonce that this answer has in DPoP-Nonce")
        return proof

    async def take(self, proof: Proof) -> None:
        """Uses the proof up; raises InvalidProof when it was used before."""
        name = hashlib.sha256(f"{proof.thumbprint} {proof.proof_id}".encode("utf-8", "surrogatepass")).hexdigest()
        if not await self._seen.take(_PROOFS, name, proof.issued_at, proof.issued_at + PAST_SECONDS + 1):
            raise InvalidProof("The DPoP proof was used before; make one for each request")

    def headers(self) -> dict[str, str]:
        """What an answer says about nonces (RFC 9449 §8.2)."""
        if self._nonces is None:
            return {}
        return {"DPoP-Nonce": self._nonces.current(self._clock.now().timestamp())}
