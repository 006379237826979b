"""The stages of a system: made like another, changed, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems, existing_release, existing_stage
from gateway.registry.models import Release, Stage
from gateway.registry.repository import PROD, find_stage, stages_of
from gateway.registry.signing.keyring import KeyMaterial, SystemKeyring, make_key
from gateway.registry.stages.history import Change, serve_release
from gateway.registry.stages.repository import copy_configuration, remove_stage
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal

MOST_STAGES = 20
DEFAULT_SIGNING = "http-message-signature"


@dataclass(frozen=True, slots=True)
class StageOrder:
    """A new stage; what is `None` is taken from the stage `like`.

    Attributes:
        like: none when there is nothing to take anything from; then release and upstream address must be said.
        upstream_url: the one target of the default upstream. `None` copies all upstreams and how calls are signed.
        settings: of those a stage has itself: `variables`, `envelope`, `validate_requests`.
    """

    system: str
    name: str
    like: str | None
    release: str | None
    upstream_url: str | None
    settings: Mapping[str, Any]


class StageService:
    def __init__(
        self, systems: ManagedSystems, keyring: SystemKeyring, addresses: UpstreamPolicy, clock: Clock
    ) -> None:
        self._systems = systems
        self._keyring = keyring
        self._addresses = addresses
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str) -> list[Stage]:
        """Raises NotFound."""
        await self._systems.visible(session, principal, system)
        return await stages_of(session, [system])

    async def get(self, session: AsyncSession, principal: Principal, system: str, name: str) -> Stage:
        """Raises NotFound."""
        await self._systems.visible(session, principal, system)
        return await existing_stage(session, system, name)

    async def create(self, database: Database, principal: Principal, order: StageOrder) -> tuple[Stage, int]:
        """Makes the stage, serving its release at once; answers it and the revision.

        Opens its own unit of work: checking an address and making a key take their time, and no transaction waits.

        Raises:
            NotFound: no such system, release or stage to be like.
            Conflict: the stage is there already, or there are too many.
            Invalid: what it needs is neither said nor to be had from another stage, or the address may not be called.
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, order.system)
            await self._require_free(session, order)
            model = await self._model(session, order)
        url = await self._addresses.check(order.upstream_url) if order.upstream_url is not None else None
        key = await make_key(model.signing if model is not None else DEFAULT_SIGNING)
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, order.system)
            await self._require_free(session, order)
            stage = await self._store(session, principal, order, url, key)
            return stage, await self._systems.publish(session, order.system)

    async def change(
        self, session: AsyncSession, principal: Principal, system: str, name: str, settings: Mapping[str, Any]
    ) -> int:
        """Sets `variables`, `envelope` or `validate_requests`, as far as they are given; answers the revision.

        Raises:
            NotFound: no such system or stage.
            Invalid: a component needs a variable that is not there any more.
        """
        await self._systems.lock(session, principal, system)
        stage = await existing_stage(session, system, name)
        before = {key: getattr(stage, key) for key in settings}
        if before == settings:
            return await self._systems.revision(session, system)
        for key, value in settings.items():
            setattr(stage, key, value)
        stage.updated_at = self._clock.now()
        record(
            session,
            principal,
            "stage.changed",
            "system",
            system,
            before={"stage": name, **before},
            after={"stage": name, **settings},
        )
        return await self._systems.publish(session, system)

    async def remove(self, session: AsyncSession, principal: Principal, system: str, name: str) -> int:
        """Calls to the stage are refused from then on; answers the revision.

        Raises:
            NotFound: no such system or stage.
            Conflict: the stage is `prod`.
        """
        await self._systems.lock(session, principal, system)
        stage = await existing_stage(session, system, name)
        if name == PROD:
            raise Conflict(f"Every system keeps its stage {PROD}", code="stage_protected")
        await remove_stage(session, stage)
        record(session, principal, "stage.removed", "system", system, before={"stage": name, "release": stage.release})
        return await self._systems.publish(session, system)

    async def _store(
        self, session: AsyncSession, principal: Principal, order: StageOrder, url: str | None, key: KeyMaterial | None
    ) -> Stage:
        model = await self._model(session, order)
        release = await self._release(session, order, model)
        stage = Stage(
            system=order.system,
            name=order.name,
            release_id=release.id,
            release=release.version,
            upstream_url=url or (model.upstream_url if model is not None else ""),
            signing=model.signing if model is not None else DEFAULT_SIGNING,
        )
        if model is not None:
            for name in ("variables", "envelope", "validate_requests", "connect_timeout", "timeout"):
                setattr(stage, name, getattr(model, name))
        for name, value in order.settings.items():
            setattr(stage, name, value)
        session.add(stage)
        if model is not None:
            await copy_configuration(session, model, stage, upstreams=url is None)
        await self._keyring.ensure(session, order.system, stage.signing, key)
        await serve_release(session, stage, release, Change(principal, self._clock.now(), "activated"))
        record(
            session,
            principal,
            "stage.created",
            "system",
            order.system,
            after={"stage": stage.name, "release": stage.release, "upstream_url": stage.upstream_url},
        )
        return stage

    async def _require_free(self, session: AsyncSession, order: StageOrder) -> None:
        stages = await stages_of(session, [order.system])
        if any(stage.name == order.name for stage in stages):
            raise Conflict(f"{order.system} has the stage {order.name} already", code="stage_exists")
        if len(stages) >= MOST_STAGES:
            raise Conflict(f"A system has at most {MOST_STAGES} stages; remove one that is not used")

    async def _model(self, session: AsyncSession, order: StageOrder) -> Stage | None:
        """The stage to be like: the one that is named, else `prod` if there is one."""
        if order.like is not None:
            return await existing_stage(session, order.system, order.like)
        model = await find_stage(session, order.system, PROD)
        if model is None and order.upstream_url is None:
            raise Invalid.field("upstream_url", f"is missing, and there is no stage {PROD} to take it from")
        return model

    async def _release(self, session: AsyncSession, order: StageOrder, model: Stage | None) -> Release:
        version = order.release or (model.release if model is not None else "")
        if not version:
            raise Invalid.field("release", "is missing, and there is no stage that serves one to take it from")
        return await existing_release(session, order.system, version)
