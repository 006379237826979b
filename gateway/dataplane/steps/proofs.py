"""Whether a call proves to hold the key its token is bound to (RFC 9449 §7)."""

import hashlib
from typing import Final
from urllib.parse import urlsplit

from gateway.dataplane.exchange import Exchange
from kernel.signing.dpop import (
    FUTURE_SECONDS,
    PAST_SECONDS,
    NonceNeeded,
    Proof,
    ProofInvalid,
    normal_target,
    verify_proof,
)
from kernel.signing.dpop_nonce import ServerNonces

REMEMBERED_PROOFS: Final = 200_000
_SLOT_SECONDS = 5
_KEPT_SLOTS = (PAST_SECONDS + FUTURE_SECONDS) // _SLOT_SECONDS + 1


class OwnAddresses:
    """What a call's address may be in the eyes of its client: below our public address, or by a system's host name.

    ``domain`` is what follows a system's name in host names, as in ``SystemHosts``.
    """

    __slots__ = ("_base", "_domain", "_port", "_scheme")

    def __init__(self, public_url: str, domain: str = "") -> None:
        parts = urlsplit(public_url)
        self._base = public_url.rstrip("/")
        self._scheme = parts.scheme
        self._port = f":{parts.port}" if parts.port is not None else ""
        self._domain = domain.lower().strip(".")

    def of(self, raw_path: bytes) -> tuple[str, ...]:
        """As ``normal_target`` writes them."""
        path = raw_path.decode("latin-1")
        found = [normal_target(self._base + path)]
        if self._domain:
            _, _, system, rest = path.split("/", 3)
            found.append(normal_target(f"{self._scheme}://{system}.{self._domain}{self._port}/{rest}"))
        return tuple(found)


class SeenProofs:
    """Proofs that were taken, as long as they could be sent again; bounded, and no proof is ever taken twice.

    Where there are more than ``bound`` of them the oldest are forgotten, and proofs as old as these refused from then
    on: who floods the gateway shortens the window, and opens none.
    """

    __slots__ = ("_bound", "_count", "_floor", "_slots")

    def __init__(self, bound: int = REMEMBERED_PROOFS) -> None:
        self._bound = bound
        self._count = 0
        self._floor = 0
        self._slots: dict[int, set[bytes]] = {}

    def take(self, proof: Proof, now: float) -> bool:
        """Whether the proof comes for the first time; from now on it doesn't."""
        slot = int(proof.issued_at) // _SLOT_SECONDS
        if slot < self._floor:
            return False
        seen = self._slots.get(slot)
        if seen is None:
            self._forget_before(int(now) // _SLOT_SECONDS - _KEPT_SLOTS)
            seen = self._slots[slot] = set()
        key = hashlib.sha256(f"{proof.thumbprint} {proof.proof_id}".encode("utf-8", "surrogatepass")).digest()[:16]
        if key in seen:
            return False
        if self._count >= self._bound:
            self._forget_oldest()
            if slot < self._floor:
                return False
        seen.add(key)
        self._count += 1
        return True

    def _forget_before(self, slot: int) -> None:
        for past in [kept for kept in self._slots if kept < slot]:
            self._count -= len(self._slots.pop(past))

    def _forget_oldest(self) -> None:
        oldest = min(self._slots)
        self._count -= len(self._slots.pop(oldest))
        self._floor = oldest + 1


class Proofs:
    """Checks the proofs of this process's calls.

    ``nonces`` has clients use nonces of ours; without it none is asked for.
    """

    __slots__ = ("_addresses", "_nonces", "_seen")

    def __init__(self, addresses: OwnAddresses, nonces: ServerNonces | None = None) -> None:
        self._addresses = addresses
        self._nonces = nonces
        self._seen = SeenProofs()

    def nonce(self, now: float) -> str:
        """What the client is to put into its next proof; empty where it need not."""
        return self._nonces.current(now) if self._nonces is not None else ""

    def require(self, exchange: Exchange, sent: bytes | None, token: str, thumbprint: str | None, now: float) -> None:
        """Returns when the call proves to hold the key with that thumbprint, and for the first time.

        Raises ProofInvalid; NonceNeeded when only the nonce is missing.
        """
        if sent is None:
            raise ProofInvalid("the header DPoP with its proof is missing")
        proof = verify_proof(
            sent.decode("latin-1"),
            method=exchange.method,
            targets=self._addresses.of(exchange.raw_path),
            now=now,
            access_token=token,
        )
        if proof.thumbprint != thumbprint:
            raise ProofInvalid("the token is not bound to the key of the proof")
        if self._nonces is not None and not self._nonces.accepts(proof.nonce, now):
            raise NonceNeeded("the proof needs the nonce that this answer has in DPoP-Nonce")
        if not self._seen.take(proof, now):
            raise ProofInvalid("the proof was used before; make one for each request")
