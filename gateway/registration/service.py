"""A gateway as BlueKing's clients keep it: made by the first call, described, and managed by its related apps."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.identity.users.repository import find_user, is_administrator
from gateway.registration.related_apps import relate
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.models import System
from gateway.registry.repository import all_systems, find_system
from gateway.registry.signing.keyring import KeyMaterial, SystemKeyring, make_key
from gateway.registry.signing.profiles import JWT
from gateway.registry.system_registration import is_esb_key, is_reserved
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.database import Database
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from kernel.signing.jwt import ESB_KEY_ID

ISSUER = "APIGW"
ESB_NAMES = frozenset({"bk-esb", ESB_KEY_ID})
"""Under which clients ask for the key of the ESB's addresses."""


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """`None` keeps what is there.

    Attributes:
        maintainers: become owners as far as they are users here.
    """

    description: str | None = None
    maintainers: tuple[str, ...] = ()


class GatewayRegistration:
    def __init__(
        self,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        systems: ManagedSystems,
        keyring: SystemKeyring,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._publisher = publisher
        self._systems = systems
        self._keyring = keyring
        self._clock = clock

    async def sync(
        self, database: Database, principal: Principal, name: str, order: GatewayOrder
    ) -> tuple[System, int]:
        """Describes the gateway, and makes it when there is none; answers it and the revision.

        A new gateway belongs to the app's owner, who must be allowed to register systems; the app becomes related.
        Opens its own unit of work: making a key takes its time, and no transaction waits.

        Raises:
            PermissionDenied: the app isn't related to the gateway, or its owner registers no systems.
            Conflict: the name is another system's alias.
        """
        if is_reserved(name):
            raise Invalid.field("name", f"{name} is reserved", "Choose another name")
        async with database.reading() as session:
            is_new = await find_system(session, name) is None
        key = await make_key(JWT) if is_new else None
        async with database.unit_of_work() as session:
            await self._publisher.lock(session)
            system = await find_system(session, name)
            if system is None:
                system = await self._register(session, principal, name, order, key)
            else:
                await self._systems.managed(session, principal, name)
                self._describe(session, principal, system, order)
            await self._add_maintainers(session, principal, system, order)
            return system, await self._systems.publish(session, name)

    async def public_key(self, session: AsyncSession, principal: Principal, name: str) -> dict[str, str]:
        """With which the gateway's backends verify `X-Bkapi-JWT`; raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, name)
        public_key = await self._keyring.public_key(session, name)
        if public_key is None:
            raise NotFound(f"{name} has no key for {JWT}; set the signing of one of its stages to {JWT}")
        return {"issuer": ISSUER, "public_key": public_key}

    async def esb_public_key(self, database: Database, name: str) -> dict[str, str]:
        """With which all backends verify `X-Bkapi-JWT` on the ESB's addresses; the first is made when it is asked for.

        Args:
            name: of the ESB for the key that signs now, or of one key, so that readers can keep the next beside it.

        Raises:
            NotFound: no such key, or no longer.
        """
        async with database.unit_of_work() as session:
            await self._publisher.lock(session)
            await self._keyring.ensure_esb_key(session)
            if is_esb_key(name):
                public_key = await self._keyring.esb_public_key(session, name)
            else:
                public_key = await self._keyring.public_key(session, ESB_KEY_ID)
        if public_key is None:
            raise NotFound(f"There is no key {name}")
        return {"issuer": ISSUER, "public_key": public_key}

    async def _register(
        self, session: AsyncSession, principal: Principal, name: str, order: GatewayOrder, key: KeyMaterial | None
    ) -> System:
        owner = await self._owner(session, principal)
        await self._authorizer.require(session, owner, Action.SYSTEM_REGISTER, PLATFORM)
        for other in await all_systems(session):
            if name in other.aliases:
                problem = f"{name} belongs to the system {other.name}"
                raise Conflict(f"name: {problem}", code="name_taken", fields=[FieldProblem("name", problem)])
        system = System(
            name=name,
            title=name,
            description=order.description or "",
            owner=owner.id,
            parameter_credentials=True,  # as every gateway of BlueKing's
            created_at=self._clock.now(),
        )
        session.add(system)
        await self._authorizer.bind_role(session, principal, owner.id, "owner", Resource(ResourceKind.SYSTEM, name))
        await self._keyring.ensure(session, name, JWT, key)
        await session.flush()
        record(session, principal, "system.registered", "system", name, after=_described(system))
        if principal.kind is PrincipalKind.APP:
            await relate(session, principal, name, principal.id, self._clock.now())
        return system

    def _describe(self, session: AsyncSession, principal: Principal, system: System, order: GatewayOrder) -> None:
        before = _described(system)
        if order.description is not None:
            system.description = order.description
        after = _described(system)
        if before != after:
            record(session, principal, "system.changed", "system", system.name, before=before, after=after)

    async def _owner(self, session: AsyncSession, principal: Principal) -> Principal:
        """The person behind the caller."""
        if principal.kind is PrincipalKind.USER:
            return principal
        app = await find_app(session, principal.id)
        user = await find_user(session, app.owner) if app is not None and app.owner is not None else None
        if user is None or not user.is_active:
            raise PermissionDenied(f"The app {principal.id} belongs to nobody who could own a gateway")
        is_admin = await is_administrator(session, user.username)
        return Principal(PrincipalKind.USER, user.username, is_admin=is_admin, request_id=principal.request_id)

    async def _add_maintainers(
        self, session: AsyncSession, principal: Principal, system: System, order: GatewayOrder
    ) -> None:
        for username in order.maintainers:
            if await find_user(session, username) is not None:
                resource = Resource(ResourceKind.SYSTEM, system.name)
                await self._authorizer.bind_role(session, principal, username, "owner", resource)


def _described(system: System) -> dict[str, Any]:
    return {
        "title": system.title,
        "description": system.description[:200],
        "aliases": system.aliases,
        "owner": system.owner,
    }
