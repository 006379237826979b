"""The secret in a callback's address.

Derived from the node run, not drawn: a call repeated after a crash must be the same to the byte, or the system that
keeps its ``Idempotency-Key`` would refuse it. Nothing is stored, so nothing can leak from the database; without the
key a token can be neither guessed nor made, and it is worth nothing once its node run is over.
"""

import hashlib
import hmac
from collections.abc import Sequence

_HEX = 40


class CallbackTokens:
    """Makes and checks tokens; ``keys`` are the current one and those it replaced."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(hmac.digest(key, b"trunkline callback tokens", hashlib.sha256) for key in keys)

    def token(self, run_id: str) -> str:
        return f"{run_id}-{_mac(self._keys[0], run_id)}"

    def run_of(self, token: str) -> str | None:
        """The node run a token was made for, or none when it was not made by us."""
        run_id, _, mac = token.rpartition("-")
        good = [hmac.compare_digest(_mac(key, run_id).encode(), mac.encode()) for key in self._keys]
        return run_id if run_id and any(good) else None


def _mac(key: bytes, run_id: str) -> str:
    return hmac.digest(key, run_id.encode(), hashlib.sha256).hex()[:_HEX]
