"""Versions of a registered gateway: made of its draft under the number its definition gives, released to stages."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.component_checks import set_problems
from gateway.registry.drafts.filling import draft_of
from gateway.registry.managed_systems import ManagedSystems, existing_release
from gateway.registry.models import Release
from gateway.registry.releases.writer import write_release
from gateway.registry.repository import find_release, newest_release, releases_page, stages_of
from gateway.registry.stages.rollout import RolloutService
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal


class VersionRegistration:
    def __init__(self, systems: ManagedSystems, rollout: RolloutService, clock: Clock) -> None:
        self._systems = systems
        self._rollout = rollout
        self._clock = clock

    async def create(
        self, session: AsyncSession, principal: Principal, system: str, version: str, comment: str
    ) -> Release:
        """Makes a release of the draft. BlueKing's definitions number as they like, so no order is asked for here.

        Raises:
            Conflict: there is such a version.
            Invalid: the draft is empty, or can't be served as a whole.
            NotFound, PermissionDenied
        """
        await self._systems.lock(session, principal, system)
        components = await draft_of(session, system)
        if not components:
            raise Invalid.field("version", f"{system} has no resources", "Sync its resources first")
        problems = set_problems(components)
        if problems:
            raise Invalid(f"These resources can't be served together: {problems[0].problem}", fields=problems)
        return await write_release(session, principal, system, version, components, self._clock.now(), comment=comment)

    async def browse(
        self, session: AsyncSession, principal: Principal, system: str, version: str | None, page: PageRequest
    ) -> PageOf[Release]:
        """Newest first, or the one of that version. Raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, system)
        if version is None:
            return await releases_page(session, system, page)
        found = await find_release(session, system, version)
        return PageOf([found] if found is not None else [], None)

    async def latest(self, session: AsyncSession, principal: Principal, system: str) -> Release | None:
        """Raises NotFound, PermissionDenied."""
        await self._systems.managed(session, principal, system)
        return await newest_release(session, system)

    async def release(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        version: str,
        stage_names: Sequence[str],
        comment: str,
    ) -> tuple[list[str], int]:
        """Has the stages serve the version, all of them when none is named; answers them and the revision.

        Raises:
            NotFound: no such version or stage; then no stage changes.
        """
        await self._systems.lock(session, principal, system)
        await existing_release(session, system, version)
        known = [stage.name for stage in await stages_of(session, [system])]
        wanted = list(dict.fromkeys(stage_names)) or known
        missing = [name for name in wanted if name not in known]
        if missing or not wanted:
            raise NotFound(f"{system} has no stage {', '.join(missing)}" if missing else f"{system} has no stage yet")
        revision = 0
        for name in wanted:
            revision = await self._rollout.activate(session, principal, system, name, version, comment)
        return wanted, revision
