"""Nonces a server has clients put into their DPoP proofs (RFC 9449 §8): each says when it was made, none is kept."""

import base64
import binascii
import hmac
from typing import Final

SECONDS: Final = 300
"""A nonce is accepted in the period it was made in and in the next one."""

_MOMENT_BYTES = 5
_MAC_BYTES = 12


class ServerNonces:
    """Made and known by every process that has the same secret."""

    __slots__ = ("_key",)

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"trunkline DPoP nonces", "sha256")

    def current(self, now: float) -> str:
        """The nonce to hand out; ``now`` is in seconds since 1970."""
        return self._nonce(int(now) // SECONDS)

    def accepts(self, nonce: str | None, now: float) -> bool:
        """Whether the nonce is ours and recent."""
        if nonce is None:
            return False
        try:
            period = int.from_bytes(base64.urlsafe_b64decode(nonce.encode())[:_MOMENT_BYTES], "big")
        except (ValueError, binascii.Error):
            return False
        present = int(now) // SECONDS
        return period in (present, present - 1) and hmac.compare_digest(self._nonce(period).encode(), nonce.encode())

    def _nonce(self, period: int) -> str:
        moment = period.to_bytes(_MOMENT_BYTES, "big")
        mac = hmac.digest(self._key, moment, "sha256")[:_MAC_BYTES]
        return base64.urlsafe_b64encode(moment + mac + b"\0").decode("ascii")
