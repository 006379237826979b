"""Which release a stage serves: forth, back, and what it served before."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems, existing_release, existing_stage
from gateway.registry.models import Stage
from gateway.registry.stages.history import Change, Kind, end_canary, go_back, serve_release
from gateway.registry.stages.models import StageActivation
from gateway.registry.stages.repository import activations_page
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.principal import Principal


class RolloutService:
    """After an activation or a rollback a stage serves one release: a canary on trial ends with it."""

    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def activate(
        self, session: AsyncSession, principal: Principal, system: str, stage_name: str, version: str, comment: str = ""
    ) -> int:
        """Has the stage serve that release, a newer or an older one; answers the revision.

        Raises:
            NotFound: no such system, stage or release.
        """
        await self._systems.lock(session, principal, system)
        stage = await existing_stage(session, system, stage_name)
        release = await existing_release(session, system, version)
        if stage.release_id == release.id and stage.canary is None:
            return await self._systems.revision(session, system)
        before = _served(stage)
        if stage.release_id == release.id:
            end_canary(stage)
        else:
            await serve_release(session, stage, release, self._change(principal, "activated", comment))
        return await self._recorded(session, principal, stage, "stage.activated", before)

    async def roll_back(
        self, session: AsyncSession, principal: Principal, system: str, stage_name: str, comment: str = ""
    ) -> tuple[str, int]:
        """Has the stage serve what it served before; answers that release and the revision.

        Raises:
            NotFound: no such system or stage.
            Conflict: the stage has served nothing before.
        """
        await self._systems.lock(session, principal, system)
        stage = await existing_stage(session, system, stage_name)
        before = _served(stage)
        await go_back(session, stage, self._change(principal, "rolled_back", comment))
        return stage.release, await self._recorded(session, principal, stage, "stage.rolled_back", before)

    async def activations(
        self, session: AsyncSession, principal: Principal, system: str, stage_name: str, page: PageRequest
    ) -> PageOf[StageActivation]:
        """Newest first. Raises NotFound."""
        await self._systems.visible(session, principal, system)
        await existing_stage(session, system, stage_name)
        return await activations_page(session, system, stage_name, page)

    async def _recorded(
        self, session: AsyncSession, principal: Principal, stage: Stage, action: str, before: dict[str, str]
    ) -> int:
        stage.updated_at = self._clock.now()
        record(session, principal, action, "system", stage.system, before=before, after=_served(stage))
        return await self._systems.publish(session, stage.system)

    def _change(self, principal: Principal, kind: Kind, comment: str) -> Change:
        return Change(principal, self._clock.now(), kind, comment)


def _served(stage: Stage) -> dict[str, str]:
    canary = {"canary": stage.canary["release"]} if stage.canary is not None else {}
    return {"stage": stage.name, "release": stage.release, **canary}
