"""Other gateways whose word about app and user is taken for the truth."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.trusted_gateways.models import TrustedGateway
from gateway.access.trusted_gateways.repository import find_trusted_gateway, trusted_gateways
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal

_SHORTEST = 2048

KeysDocument = Callable[[AsyncSession], Awaitable[Mapping[str, Any]]]


class TrustedGatewayService:
    """For administrators alone: who is trusted here names any app and any user."""

    def __init__(
        self, authorizer: Authorizer, publisher: SnapshotPublisher, keys_document: KeysDocument, clock: Clock
    ) -> None:
        self._authorizer = authorizer
        self._publisher = publisher
        self._keys_document = keys_document
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal) -> list[TrustedGateway]:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await trusted_gateways(session)

    async def put(
        self, session: AsyncSession, principal: Principal, kid: str, title: str, public_key: str
    ) -> tuple[TrustedGateway, int]:
        """Trusts the gateway whose tokens name that key; answers it and the revision.

        Raises:
            Invalid: no RSA key, or one that is too short.
        """
        await self._publisher.lock(session)
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        _check(public_key)
        found = await find_trusted_gateway(session, kid)
        before = _described(found) if found is not None else None
        if found is None:
            found = TrustedGateway(kid=kid, public_key="", added_by=principal.id, created_at=self._clock.now())
            session.add(found)
        found.title, found.public_key = title, public_key
        await session.flush()
        record(session, principal, "gateway.trusted", "gateway", kid, before=before, after=_described(found))
        return found, await self._publisher.publish(session, self._keys_document)

    async def remove(self, session: AsyncSession, principal: Principal, kid: str) -> int:
        """Its word counts no more; answers the revision. Raises NotFound."""
        await self._publisher.lock(session)
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        found = await find_trusted_gateway(session, kid)
        if found is None:
            raise NotFound(f"No gateway with the key {kid} is trusted")
        await session.delete(found)
        record(session, principal, "gateway.trusted_no_more", "gateway", kid, before=_described(found))
        return await self._publisher.publish(session, self._keys_document)


def _check(public_key: str) -> None:
    try:
        key = load_pem_public_key(public_key.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid.field("public_key", "is no PEM public key", "Send -----BEGIN PUBLIC KEY----- …") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST:
        raise Invalid.field("public_key", f"is no RSA key of {_SHORTEST} bits or more", "Ask for the gateway's own")


def _described(gateway: TrustedGateway) -> dict[str, Any]:
    return {"title": gateway.title, "public_key_sha256": hashlib.sha256(gateway.public_key.encode()).hexdigest()}
