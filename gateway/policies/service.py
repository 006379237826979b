"""Laying down policies for systems, stages and apps."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.service import AppService
from gateway.access.shards import app_document
from gateway.policies.kinds.policy import Level, PolicyError
from gateway.policies.kinds.registry import documents_of, read_policies
from gateway.policies.models import PolicySet
from gateway.policies.repository import find_policy_set, stage_place
from gateway.registry.repository import find_stage, find_system
from gateway.registry.shards import system_document
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.repository import shard_revision
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.errors import Conflict, Invalid, NotFound
from kernel.principal import Principal

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StandingPolicies:
    """Attributes:
    version: 0 where nothing was ever laid down.
    """

    policies: Sequence[Document]
    version: int = 0
    updated_by: str | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where policies stand.

    Attributes:
        shard: which of the configuration's shards they are part of.
        audited: kind and id under which a change stands in the audit log.
    """

    level: Level
    name: str
    shard: str
    audited: tuple[str, str]
    build: Callable[[AsyncSession], Awaitable[Mapping[str, Any]]]


class PolicyService:
    """Everybody who sees a system sees its policies; who manages it lays them down.

    An app's limits protect the systems from it, so its owner sees them, and administrators lay them down.
    """

    def __init__(self, authorizer: Authorizer, publisher: SnapshotPublisher, apps: AppService, clock: Clock) -> None:
        self._authorizer = authorizer
        self._publisher = publisher
        self._apps = apps
        self._clock = clock

    async def of_system(
        self, session: AsyncSession, principal: Principal, system: str, stage: str | None = None
    ) -> StandingPolicies:
        """Those of the system, or of its stage; raises NotFound."""
        place = await self._place(session, principal, system, stage, Action.SYSTEM_VIEW)
        return await _standing(session, place)

    async def of_app(self, session: AsyncSession, principal: Principal, app_code: str) -> StandingPolicies:
        """Raises NotFound, PermissionDenied."""
        await self._apps.get(session, principal, app_code)
        return await _standing(session, self._app(app_code))

    async def put_of_system(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        stage: str | None,
        documents: Sequence[Document],
        version: int | None,
    ) -> tuple[StandingPolicies, int]:
        """Replaces the whole list; answers what stands now and the revision at which it is live.

        Raises:
            Invalid: a policy is wrong; nothing was changed.
            Conflict: `version` isn't the present one.
        """
        await self._publisher.lock(session)
        place = await self._place(session, principal, system, stage, Action.SYSTEM_MANAGE)
        return await self._put(session, principal, place, documents, version)

    async def put_of_app(
        self,
        session: AsyncSession,
        principal: Principal,
        app_code: str,
        documents: Sequence[Document],
        version: int | None,
    ) -> tuple[StandingPolicies, int]:
        """As `put_of_system`."""
        await self._publisher.lock(session)
        await self._apps.existing(session, app_code)
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await self._put(session, principal, self._app(app_code), documents, version)

    async def _place(
        self, session: AsyncSession, principal: Principal, system: str, stage: str | None, action: Action
    ) -> _Place:
        if await find_system(session, system) is None:
            raise NotFound(f"There is no system {system}")
        await self._authorizer.require(session, principal, action, Resource(ResourceKind.SYSTEM, system))
        if stage is not None and await find_stage(session, system, stage) is None:
            raise NotFound(f"{system} has no stage {stage}")
        return _Place(
            level=Level.SYSTEM if stage is None else Level.STAGE,
            name=system if stage is None else stage_place(system, stage),
            shard=f"system:{system}",
            audited=("system", system),
            build=lambda inside: system_document(inside, system),
        )

    def _app(self, app_code: str) -> _Place:
        return _Place(
            level=Level.APP,
            name=app_code,
            shard=f"app:{app_code}",
            audited=("app", app_code),
            build=lambda inside: app_document(inside, app_code, self._clock.now()),
        )

    async def _put(
        self,
        session: AsyncSession,
        principal: Principal,
        place: _Place,
        documents: Sequence[Document],
        version: int | None,
    ) -> tuple[StandingPolicies, int]:
        wanted = _checked(documents, place.level)
        found = await find_policy_set(session, place.level, place.name)
        present = found or PolicySet(level=place.level.value, place=place.name)
        if version is not None and version != present.version:
            raise Conflict(
                f"The policies are at version {present.version} by now; read them again and repeat the change"
            )
        before = present.policies
        if wanted == before:
            return _view(present), await shard_revision(session, place.shard)
        present.policies, present.version = wanted, present.version + 1
        present.updated_by, present.updated_at = principal.id, self._clock.now()
        session.add(present)
        record(
            session,
            principal,
            "policies.changed",
            *place.audited,
            before={"level": place.level.value, "place": place.name, "policies": before},
            after={"level": place.level.value, "place": place.name, "policies": wanted},
        )
        return _view(present), await self._publisher.publish(session, place.build)


def _checked(documents: Sequence[Document], level: Level) -> list[Document]:
    try:
        return documents_of(read_policies(list(documents), level))
    except PolicyError as error:
        raise Invalid(str(error), fields=error.problems) from None


async def _standing(session: AsyncSession, place: _Place) -> StandingPolicies:
    found = await find_policy_set(session, place.level, place.name)
    return _view(found) if found is not None else StandingPolicies(())


def _view(row: PolicySet) -> StandingPolicies:
    return StandingPolicies(row.policies, row.version, row.updated_by or None, row.updated_at if row.version else None)
