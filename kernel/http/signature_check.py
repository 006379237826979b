"""Whether the gateway signed a call to a system."""

import time
from collections.abc import Mapping
from typing import Any

from kernel.clock import Clock
from kernel.contracts.system_keys import SystemKeys
from kernel.http.nonces import NonceStore
from kernel.signing.algorithms import VerificationKey
from kernel.signing.errors import SignatureInvalid
from kernel.signing.http_message_signature import RequestMessage
from kernel.signing.request_signature import VerifiedSignature, message_from_asgi, verify_request

_KEPT_SECONDS = 1.0
"""How long a key that was withdrawn may still be taken."""


class SignatureCheck:
    """Checks calls to one system by the profile `http-message-signature` (RFC 9421)."""

    def __init__(self, system: str, keys: SystemKeys, nonces: NonceStore, clock: Clock) -> None:
        self._system = system
        self._keys = keys
        self._nonces = nonces
        self._clock = clock
        self._kept: Mapping[str, VerificationKey] = {}
        self._kept_until = 0.0

    async def require(self, scope: Mapping[str, Any], body: bytes) -> None:
        """Returns when the gateway signed exactly this call within the window and it comes for the first time.

        Raises:
            SignatureInvalid: with the reason.
        """
        signature = await self._verified(message_from_asgi(scope), body)
        if not await self._nonces.take(self._system, signature.nonce, signature.created, signature.expires):
            raise SignatureInvalid("the request was seen before, or was signed before this system started")

    async def _verified(self, message: RequestMessage, body: bytes) -> VerifiedSignature:
        """By the keys of a moment ago; when they don't do, by those of now: one may have come meanwhile."""
        if time.monotonic() < self._kept_until:
            try:
                return self._verify(message, body)
            except SignatureInvalid:
                self._kept_until = 0.0
        self._kept = await self._keys.verification_keys(self._system)
        if not self._kept:
            raise SignatureInvalid(f"the system {self._system} is not registered with the gateway yet")
        self._kept_until = time.monotonic() + _KEPT_SECONDS
        return self._verify(message, body)

    def _verify(self, message: RequestMessage, body: bytes) -> VerifiedSignature:
        return verify_request(
            message,
            body,
            keys=self._kept,
            now=self._clock.now().timestamp(),
            nonce_seen=lambda _nonce, _expires: False,
        )
