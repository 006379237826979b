"""Tokens that are bound to a key, at our own resources off the hot road: userinfo and MCP (RFC 9449 §7)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kernel.http.nonces import NonceStore
from kernel.signing.access_token import AccessClaims
from kernel.signing.dpop import PAST_SECONDS, NonceNeeded, Proof, ProofInvalid, normal_target, verify_proof
from kernel.signing.dpop_nonce import ServerNonces
from kernel.signing.errors import TokenInvalid
from kernel.signing.jwk import CURVES

USE_NONCE: Final = "use_dpop_nonce"
_USED = "oauth resources"


@dataclass(frozen=True, slots=True)
class SentToken:
    """A token as it was sent, before anything of it is checked.

    Attributes:
        is_bound: it was sent as `DPoP`, with a proof; else as `Bearer`.
    """

    value: str
    is_bound: bool
    proof: str | None

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "SentToken | None":
        """None where no token was sent. A header that was sent twice must be told as both."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "dpop") or not token.strip():
            return None
        return cls(token.strip(), scheme.lower() == "dpop", headers.get("dpop"))


class Possession:
    """Whether who sends a token that is bound to a key holds that key.

    Args:
        used: remembers proofs for all processes, so that none is taken twice.
        nonces: what proofs must carry; `None` where they need none.
    """

    def __init__(self, used: NonceStore, nonces: ServerNonces | None) -> None:
        self._used = used
        self._nonces = nonces

    async def require(
        self, sent: SentToken, claims: AccessClaims, *, method: str, addresses: Sequence[str], now: float
    ) -> None:
        """Returns when the token was sent the way it must be, and its proof for the first time.

        Args:
            addresses: what the request's may be, as its client knows it.

        Raises:
            TokenInvalid: a bound token came as another, or another as a bound one.
            ProofInvalid: the proof does not hold; NonceNeeded when only our nonce is missing.
        """
        if claims.key_thumbprint is None:
            if sent.is_bound:
                raise TokenInvalid("the token is bound to no key; send it as Authorization: Bearer")
            return
        if not sent.is_bound:
            raise TokenInvalid("the token is bound to a key; send it as Authorization: DPoP, with a proof")
        if sent.proof is None:
            raise ProofInvalid("the header DPoP with its proof is missing")
        targets = [normal_target(address) for address in addresses]
        proof = verify_proof(sent.proof, method=method, targets=targets, now=now, access_token=sent.value)
        if proof.thumbprint != claims.key_thumbprint:
            raise ProofInvalid("the token is not bound to the key of the proof")
        if self._nonces is not None and not self._nonces.accepts(proof.nonce, now):
            raise NonceNeeded("the proof needs the nonce that this answer has in DPoP-Nonce")
        await self._take(proof)

    def nonce_headers(self, now: float) -> dict[str, str]:
        """What an answer says about nonces (RFC 9449 §8.2)."""
        return {"DPoP-Nonce": self._nonces.current(now)} if self._nonces is not None else {}

    async def _take(self, proof: Proof) -> None:
        name = hashlib.sha256(f"{proof.thumbprint} {proof.proof_id}".encode("utf-8", "surrogatepass")).hexdigest()
        if not await self._used.take(_USED, name, proof.issued_at, proof.issued_at + PAST_SECONDS + 1):
            raise ProofInvalid("the proof was used before; make one for each request")


def error_of(problem: TokenInvalid) -> str:
    """The error's name in a challenge (RFC 6750 §3.1, RFC 9449 §7.1)."""
    if isinstance(problem, NonceNeeded):
        return USE_NONCE
    return "invalid_dpop_proof" if isinstance(problem, ProofInvalid) else "invalid_token"


def challenges(sent: SentToken | None, error: str, reason: str, *further: str) -> str:
    """Both ways to send a token; the one that was used tells what was wrong with it.

    Args:
        sent: None where it does not matter how it was sent.
        further: parameters of the challenges, as they are written.
    """
    wrong = [f'error="{error}"', f'error_description="{_quotable(reason)}"'] if error else []
    bearer = [*further, *(wrong if sent is None or not sent.is_bound else [])]
    dpop = [f'algs="{" ".join(CURVES)}"', *further, *(wrong if sent is None or sent.is_bound else [])]
    return f"Bearer {', '.join(bearer)}, DPoP {', '.join(dpop)}"


def _quotable(text: str) -> str:
    return "".join(sign if " " <= sign <= "~" and sign not in '"\\' else "'" for sign in text)
