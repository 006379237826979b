"""Whether the gateway signed a call to a system."""

from collections.abc import Mapping
from typing import Any

from kernel.clock import Clock
from kernel.contracts.system_keys import SystemKeys
from kernel.http.nonces import NonceStore
from kernel.signing.errors import SignatureInvalid
from kernel.signing.request_signature import message_from_asgi, verify_request


class SignatureCheck:
    """Checks calls to one system by the profile `http-message-signature` (RFC 9421)."""

    def __init__(self, system: str, keys: SystemKeys, nonces: NonceStore, clock: Clock) -> None:
        self._system = system
        self._keys = keys
        self._nonces = nonces
        self._clock = clock

    async def require(self, scope: Mapping[str, Any], body: bytes) -> None:
        """Returns when the gateway signed exactly this call within the window and it comes for the first time.

        Raises:
            SignatureInvalid: with the reason.
        """
        keys = await self._keys.verification_keys(self._system)
        if not keys:
            raise SignatureInvalid(f"the system {self._system} is not registered with the gateway yet")
        signature = verify_request(
            message_from_asgi(scope),
            body,
            keys=keys,
            now=self._clock.now().timestamp(),
            nonce_seen=lambda _nonce, _expires: False,
        )
        if not await self._nonces.take(self._system, signature.nonce, signature.created, signature.expires):
            raise SignatureInvalid("the request was seen before, or was signed before this system started")
