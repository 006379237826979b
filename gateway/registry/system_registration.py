"""A system with its first stage: by form, or as part of an import."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.users.repository import find_user
from gateway.registry.models import Release, Stage, System
from gateway.registry.repository import PROD, all_systems, find_stage, find_system
from gateway.registry.shards import system_document
from gateway.registry.signing.keyring import KeyMaterial, SystemKeyring, make_key
from gateway.registry.stages.history import Change, serve_release
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.service import require_configured
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.database import Database
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from kernel.principal import Principal
from kernel.signing.jwt import ESB_KEY_ID

RESERVED_NAMES = frozenset({"c", "bk-apigateway", "bk-esb", ESB_KEY_ID})
USUAL_SIGNING = "http-message-signature"
_ESB_KEY = re.compile(rf"{ESB_KEY_ID}-\d+")


def is_esb_key(name: str) -> bool:
    """Whether it names one of the keys that follow the first: BlueKing's clients ask for keys as for gateways."""
    return _ESB_KEY.fullmatch(name) is not None


def is_reserved(name: str) -> bool:
    return name in RESERVED_NAMES or is_esb_key(name)


@dataclass(frozen=True, slots=True)
class SystemOrder:
    """What a system shall be; `None` keeps what it is, or takes the usual value for a new one.

    Attributes:
        upstream_url: where stage `prod` forwards to; a new system needs one, unless `forwards` is false.
        forwards: some component does not answer by itself.
    """

    name: str
    upstream_url: str | None = None
    aliases: Sequence[str] | None = None
    signing: str | None = None
    envelope: bool | None = None
    owner: str | None = None
    title: str | None = None
    description: str | None = None
    forwards: bool = True


@dataclass(frozen=True, slots=True)
class PreparedSystem:
    """An order after everything that takes its time: addresses are resolved, a key is made."""

    order: SystemOrder
    upstream_url: str
    signing: str
    key: KeyMaterial | None


class SystemRegistration:
    def __init__(
        self,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        keyring: SystemKeyring,
        upstreams: UpstreamPolicy,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._publisher = publisher
        self._keyring = keyring
        self._upstreams = upstreams
        self._clock = clock

    async def create(self, database: Database, principal: Principal, order: SystemOrder) -> int:
        """Registers a system whose components are still to be described; answers the revision.

        Raises:
            Conflict: the name or an alias belongs to another system.
            Invalid: naming each wrong field.
        """
        async with database.reading() as session:
            await self._refuse_taken(session, order)
        prepared = await self.prepare(database, principal, order)
        async with database.unit_of_work() as session:
            await self._publisher.lock(session)
            await self._refuse_taken(session, order)
            await self.require(session, principal, order.name)
            await self.put_system(session, principal, prepared)
            await self.put_stage(session, principal, prepared, None)
            return await self._publisher.publish(session, lambda inside: system_document(inside, order.name))

    async def prepare(self, database: Database, principal: Principal, order: SystemOrder) -> PreparedSystem:
        """Raises PermissionDenied, Invalid."""
        _refuse_reserved(order)
        async with database.reading() as session:
            await self.require(session, principal, order.name)
            stage = await find_stage(session, order.name, PROD)
        url = order.upstream_url
        if url is not None:
            url = await self._upstreams.check(url)
        elif stage is None and order.forwards:
            raise Invalid.field("upstream_url", "is missing", "Send the address that calls are forwarded to")
        signing = order.signing or (stage.signing if stage is not None else USUAL_SIGNING)
        return PreparedSystem(
            order, url or (stage.upstream_url if stage is not None else ""), signing, await make_key(signing)
        )

    async def require(self, session: AsyncSession, principal: Principal, name: str) -> None:
        """Raises PermissionDenied: new systems are registrars' to make, others their owners' to change."""
        if await find_system(session, name) is None:
            await self._authorizer.require(session, principal, Action.SYSTEM_REGISTER, PLATFORM)
        else:
            system = Resource(ResourceKind.SYSTEM, name)
            await self._authorizer.require(session, principal, Action.SYSTEM_MANAGE, system)

    async def _refuse_taken(self, session: AsyncSession, order: SystemOrder) -> None:
        if await find_system(session, order.name) is not None:
            raise _taken("name", order.name, order.name)

    async def put_system(self, session: AsyncSession, principal: Principal, prepared: PreparedSystem) -> bool:
        """The system and its key; says whether that changed anything.

        The caller holds the publisher's lock, has checked the right to, and publishes; so for `put_stage`.

        Raises:
            Conflict: the name or an alias belongs to another system.
        """
        order = prepared.order
        await _check_free(session, order)
        system = await find_system(session, order.name)
        is_new = system is None
        if system is None:
            system = System(name=order.name, owner=order.owner or principal.id, created_at=self._clock.now())
            session.add(system)
        before = None if is_new else _described(system)
        await self._set_owner(session, principal, system, order.owner, is_new=is_new)
        if order.aliases is not None:
            system.aliases = list(dict.fromkeys(order.aliases))
        system.title = order.title or system.title or order.name
        system.description = order.description if order.description is not None else system.description
        await session.flush()
        after = _described(system)
        if before != after:
            action = "system.registered" if is_new else "system.changed"
            record(session, principal, action, "system", system.name, before=before, after=after)
        has_new_key = await self._keyring.ensure(session, order.name, prepared.signing, prepared.key)
        return before != after or has_new_key

    async def _set_owner(
        self, session: AsyncSession, principal: Principal, system: System, owner: str | None, *, is_new: bool
    ) -> None:
        wanted = owner or system.owner
        if not is_new and wanted == system.owner:
            return
        if await find_user(session, wanted) is None:
            raise Invalid.field("owner", f"there is no user {wanted}", "Name a user of this platform")
        resource = Resource(ResourceKind.SYSTEM, system.name)
        await self._authorizer.bind_role(session, principal, wanted, "owner", resource)
        if not is_new:
            with suppress(NotFound):  # he may have lost the role already
                await self._authorizer.unbind_role(session, principal, system.owner, "owner", resource)
        system.owner = wanted

    async def put_stage(
        self, session: AsyncSession, principal: Principal, prepared: PreparedSystem, release: Release | None
    ) -> bool:
        """Stage `prod`, which serves `release` from then on, or what it served; says whether anything changed."""
        order = prepared.order
        stage = await find_stage(session, order.name, PROD)
        before = None if stage is None else _staged(stage)
        if stage is None:
            stage = Stage(system=order.name, name=PROD, release_id="", release="", upstream_url="", signing="none")
            session.add(stage)
        serves_another = release is not None and stage.release_id != release.id
        if release is not None and serves_another:
            await serve_release(session, stage, release, Change(principal, self._clock.now(), "activated"))
        if order.upstream_url is not None:
            await require_configured(session, stage, prepared.upstream_url)
        stage.upstream_url, stage.signing = prepared.upstream_url, prepared.signing
        stage.envelope = order.envelope if order.envelope is not None else stage.envelope
        after = _staged(stage)
        if before == after:
            return False
        stage.updated_at = self._clock.now()
        await session.flush()
        usual = "stage.changed" if before is not None else "stage.created"
        action = "stage.activated" if serves_another else usual
        record(session, principal, action, "system", order.name, before=before, after=after)
        return True


def _wanted_names(order: SystemOrder) -> dict[str, str]:
    """Name → the field it stands in."""
    return dict.fromkeys(order.aliases or (), "aliases") | {order.name: "name"}


def _refuse_reserved(order: SystemOrder) -> None:
    for name, field in _wanted_names(order).items():
        if is_reserved(name):
            raise Invalid.field(field, f"{name} is reserved", "Choose another name")


async def _check_free(session: AsyncSession, order: SystemOrder) -> None:
    wanted = _wanted_names(order)
    for system in await all_systems(session):
        if system.name == order.name:
            continue
        for name in (system.name, *system.aliases):
            if name in wanted:
                raise _taken(wanted[name], name, system.name)


def _taken(field: str, name: str, system: str) -> Conflict:
    problem = f"{name} belongs to the system {system}"
    return Conflict(f"{field}: {problem}", code="name_taken", fields=[FieldProblem(field, problem)])


def _described(system: System) -> dict[str, Any]:
    return {
        "title": system.title,
        "description": system.description[:200],
        "aliases": system.aliases,
        "owner": system.owner,
    }


def _staged(stage: Stage) -> dict[str, Any]:
    canary = {"canary": stage.canary["release"]} if stage.canary is not None else {}
    return canary | {
        "stage": stage.name,
        "release": stage.release,
        "upstream_url": stage.upstream_url,
        "signing": stage.signing,
        "envelope": stage.envelope,
    }
