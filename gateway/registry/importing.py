"""Registering a system by its OpenAPI document, and again whenever the document changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.users.repository import find_user
from gateway.registry.drafts.filling import draft_of, fill_draft, merged
from gateway.registry.importers.definitions import ImportedDocument
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.keys import KeyMaterial, SystemKeyring, make_key
from gateway.registry.models import Release, Stage, System
from gateway.registry.releasing import digest_of, write_release
from gateway.registry.repository import PROD, all_systems, find_stage, find_system, newest_release
from gateway.registry.shards import system_document
from gateway.registry.stages.history import Change, serve_release
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.service import require_configured
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.repository import shard_revision
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.database import Database
from kernel.errors import Conflict, FieldProblem, Invalid
from kernel.principal import Principal

FIRST_VERSION = "1.0.0"
RESERVED_NAMES = frozenset({"c", "bk-apigateway"})


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import; `None` keeps what the system has, or takes the usual value for a new one."""

    document: Any
    name: str
    upstream_url: str
    aliases: Sequence[str] | None = None
    signing: str | None = None
    envelope: bool | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Attributes:
    revision: at which the result is live.
    """

    system: str
    release: str
    stage: str
    components: int
    revision: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    order: ImportOrder
    document: ImportedDocument
    upstream_url: str
    signing: str
    key: KeyMaterial | None


class ImportService:
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

    async def run(self, database: Database, principal: Principal, order: ImportOrder) -> ImportResult:
        """Reads the document, makes a release of it unless it is the newest one's equal, activates it on `prod`.

        Opens its own unit of work: reading a document and making a key take their time, and no transaction waits.

        Raises:
            Invalid: the document or the upstream address, naming each wrong place.
            Conflict: the name or an alias belongs to another system.
        """
        _refuse_reserved(order)
        async with database.reading() as session:
            await self._require(session, principal, order.name)
            stage = await find_stage(session, order.name, PROD)
        document = await asyncio.to_thread(import_openapi, order.document, order.name)
        try:
            upstream_url = await self._upstreams.check(order.upstream_url)
        except Invalid as error:
            if not document.problems:
                raise
            raise _bad_document(document.problems, error.fields) from error
        if document.problems:
            raise _bad_document(document.problems)
        signing = order.signing or (stage.signing if stage is not None else "http-message-signature")
        prepared = _Prepared(order, document, upstream_url, signing, await make_key(signing))
        async with database.unit_of_work() as session:
            return await self._store(session, principal, prepared)

    async def _require(self, session: AsyncSession, principal: Principal, name: str) -> None:
        if await find_system(session, name) is None:
            await self._authorizer.require(session, principal, Action.SYSTEM_REGISTER, PLATFORM)
        else:
            await self._authorizer.require(
                session, principal, Action.SYSTEM_MANAGE, Resource(ResourceKind.SYSTEM, name)
            )

    async def _store(self, session: AsyncSession, principal: Principal, prepared: _Prepared) -> ImportResult:
        await self._publisher.lock(session)
        order = prepared.order
        await self._require(session, principal, order.name)
        changed = await self._put_system(session, principal, prepared)
        release, is_new = await self._put_release(session, principal, prepared)
        changed |= await self._keyring.ensure(session, order.name, prepared.signing, prepared.key)
        changed |= await self._put_stage(session, principal, prepared, release)
        if changed or is_new:
            revision = await self._publisher.publish(session, lambda inside: system_document(inside, order.name))
        else:
            revision = await shard_revision(session, f"system:{order.name}")
        return ImportResult(order.name, release.version, PROD, release.components_count, revision)

    async def _put_system(self, session: AsyncSession, principal: Principal, prepared: _Prepared) -> bool:
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
        system.title = prepared.document.title or system.title or order.name
        system.description = prepared.document.description
        await session.flush()
        after = _described(system)
        if before != after:
            action = "system.registered" if is_new else "system.changed"
            record(session, principal, action, "system", system.name, before=before, after=after)
        return before != after

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
            await self._authorizer.unbind_role(session, principal, system.owner, "owner", resource)
        system.owner = wanted

    async def _put_release(
        self, session: AsyncSession, principal: Principal, prepared: _Prepared
    ) -> tuple[Release, bool]:
        name = prepared.order.name
        components = merged(await draft_of(session, name), prepared.document, keep_others=False)
        await fill_draft(session, principal, name, components, self._clock.now())
        newest = await newest_release(session, name)
        if newest is not None and newest.digest == digest_of(components):
            return newest, False
        version = _next_version(newest.version) if newest is not None else FIRST_VERSION
        number = newest.number + 1 if newest is not None else 1
        return await write_release(session, principal, name, version, number, components, self._clock.now()), True

    async def _put_stage(
        self, session: AsyncSession, principal: Principal, prepared: _Prepared, release: Release
    ) -> bool:
        order = prepared.order
        stage = await find_stage(session, order.name, PROD)
        before = None if stage is None else _staged(stage)
        if stage is None:
            stage = Stage(system=order.name, name=PROD, release_id="", release="", upstream_url="", signing="none")
            session.add(stage)
        if stage.release_id != release.id:
            await serve_release(session, stage, release, Change(principal, self._clock.now(), "activated"))
        await require_configured(session, stage, prepared.upstream_url)
        stage.upstream_url, stage.signing = prepared.upstream_url, prepared.signing
        stage.envelope = order.envelope if order.envelope is not None else stage.envelope
        after = _staged(stage)
        if before == after:
            return False
        stage.updated_at = self._clock.now()
        await session.flush()
        record(session, principal, "stage.activated", "system", order.name, before=before, after=after)
        return True


def _wanted_names(order: ImportOrder) -> dict[str, str]:
    """Name → the field it stands in."""
    return dict.fromkeys(order.aliases or (), "aliases") | {order.name: "name"}


def _refuse_reserved(order: ImportOrder) -> None:
    for name, field in _wanted_names(order).items():
        if name in RESERVED_NAMES:
            raise Invalid.field(field, f"{name} is reserved", "Choose another name")


async def _check_free(session: AsyncSession, order: ImportOrder) -> None:
    wanted = _wanted_names(order)
    for system in await all_systems(session):
        if system.name == order.name:
            continue
        for name in (system.name, *system.aliases):
            if name in wanted:
                raise Conflict(
                    f"{wanted[name]}: {name} belongs to the system {system.name}",
                    code="name_taken",
                    fields=[FieldProblem(wanted[name], f"{name} belongs to the system {system.name}")],
                )


def _bad_document(problems: Sequence[FieldProblem], others: Sequence[FieldProblem] = ()) -> Invalid:
    """The problems, at their places in the body of the call: `document` and the JSON pointer inside it."""
    placed = [replace(problem, field=f"document{problem.field}".rstrip("/")) for problem in problems]
    fields = [*others, *placed]
    shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in fields[:5])
    return Invalid(f"The document can't be imported: {shown}", code="bad_document", fields=fields)


def _next_version(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def _described(system: System) -> dict[str, Any]:
    return {
        "title": system.title,
        "description": system.description[:200],
        "aliases": system.aliases,
        "owner": system.owner,
    }


def _staged(stage: Stage) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "release": stage.release,
        "upstream_url": stage.upstream_url,
        "signing": stage.signing,
        "envelope": stage.envelope,
    }
