"""Which flows use a plugin, what another version would break in them, and moving them to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.plugin_directory import InstalledPlugin
from kernel.contracts.plugin_uses import Breakage, BrokenFlow, MovedFlow, PluginUse, UsePlace, VersionMove
from kernel.errors import NotFound
from kernel.principal import Principal
from orchestrator.flow.document import read_flow
from orchestrator.flow.problems import Problem
from orchestrator.flows.errors import FlowRefused
from orchestrator.flows.models import FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.service import FlowService, is_draft_published
from orchestrator.mini_apps.models import MiniApp
from orchestrator.plugin_uses.nodes import versions_used, with_version
from orchestrator.plugin_uses.repository import (
    find_flows,
    find_live_definitions,
    find_newest_revisions,
    find_started_revisions,
)
from orchestrator.schedules.models import Schedule
from orchestrator.triggers.models import Trigger

_STARTING: Final[Mapping[UsePlace, type[Schedule | Trigger | MiniApp]]] = {
    UsePlace.SCHEDULE: Schedule,
    UsePlace.TRIGGER: Trigger,
    UsePlace.MINI_APP: MiniApp,
}


class PluginUseService:
    """Implements `PluginUses`."""

    def __init__(self, flows: FlowService, publication: Publication) -> None:
        self._flows = flows
        self._publication = publication

    async def find(self, session: AsyncSession, project_id: str, plugin: str) -> list[PluginUse]:
        """See the contract."""
        newest = await find_newest_revisions(session, project_id)
        uses: list[PluginUse] = []
        for flow in await find_flows(session, project_id):
            uses += [
                PluginUse(flow.id, flow.name, UsePlace.DRAFT, version, nodes)
                for version, nodes in versions_used(flow.draft, plugin).items()
            ]
            revision = newest.get(flow.id)
            if revision is not None:
                direct = versions_used(revision.definition, plugin)
                # What flows inside use stands in the revision's list alone.
                uses += [
                    PluginUse(flow.id, flow.name, UsePlace.REVISION, version, direct.get(version, ()), revision.number)
                    for version in revision.plugins.get(plugin, ())
                ]
        for place, table in _STARTING.items():
            for name, started in await find_started_revisions(session, project_id, table):
                direct = versions_used(started.definition, plugin)
                uses += [
                    PluginUse(started.flow_id, name, place, version, direct.get(version, ()), started.number)
                    for version in started.plugins.get(plugin, ())
                ]
        for live in await find_live_definitions(session, project_id):
            uses += [
                PluginUse(live.flow_id, live.flow_name, UsePlace.TASK, version, nodes, live.revision, live.tasks)
                for version, nodes in versions_used(live.document, plugin).items()
            ]
        return uses

    async def breakages(
        self, session: AsyncSession, project_id: str, before: str, after: InstalledPlugin
    ) -> list[BrokenFlow]:
        """See the contract."""
        newest = await find_newest_revisions(session, project_id)
        broken: list[BrokenFlow] = []
        for flow in await find_flows(session, project_id):
            revision = newest.get(flow.id)
            places = [(UsePlace.DRAFT, flow.draft)]
            places += [(UsePlace.REVISION, revision.definition)] if revision is not None else []
            for place, definition in places:
                found = await self._broken(session, flow, definition, before, after)
                if found:
                    broken.append(BrokenFlow(flow.id, place, found))
        return broken

    async def move(self, session: AsyncSession, principal: Principal, move: VersionMove) -> list[MovedFlow]:
        """See the contract."""
        return [await self._move(session, principal, move, flow_id) for flow_id in dict.fromkeys(move.flow_ids)]

    async def _broken(
        self, session: AsyncSession, flow: FlowRow, definition: Mapping[str, Any], before: str, after: InstalledPlugin
    ) -> tuple[Breakage, ...]:
        """Problems of the moved nodes, and of what refers to their outputs, that they don't have now."""
        changed, moved = with_version(definition, after.code, before, after.version)
        if not moved:
            return ()
        was = await self._publication.problems(session, flow.project_id, flow.id, read_flow(definition))
        now = await self._publication.problems(session, flow.project_id, flow.id, read_flow(changed), also=after)
        return tuple(_breakages(was, now))

    async def _move(self, session: AsyncSession, principal: Principal, move: VersionMove, flow_id: str) -> MovedFlow:
        flow = await self._flows.get(session, principal, flow_id)
        if flow.project_id != move.project_id:
            raise NotFound(f"The project has no flow {flow_id!r}")
        changed, moved = with_version(flow.draft, move.plugin, move.before, move.after)
        if not moved:
            return MovedFlow(flow.id, flow.name, note=f"its draft does not run {move.plugin} {move.before}")
        is_published = await is_draft_published(session, flow)
        saved = await self._flows.save_draft(session, principal, flow.id, changed, flow.draft_version)
        done = MovedFlow(flow.id, flow.name, moved, saved.draft_version)
        if not move.publish:
            return done
        if not is_published:
            return _noted(done, "its draft holds other changes too; publish it by hand")
        try:
            revision = await self._flows.publish(session, principal, flow.id, move.comment, saved.draft_version)
        except FlowRefused as refused:
            return _noted(done, f"it can't be published so: {refused.detail}")
        return MovedFlow(flow.id, flow.name, moved, saved.draft_version, revision.number)


def _noted(done: MovedFlow, note: str) -> MovedFlow:
    return MovedFlow(done.flow_id, done.flow_name, done.nodes, done.draft_version, note=note)


def _breakages(was: Sequence[Problem], now: Sequence[Problem]) -> Iterator[Breakage]:
    known = {(problem.rule, problem.node_id, problem.field) for problem in was}
    for problem in now:
        if (problem.rule, problem.node_id, problem.field) not in known:
            yield Breakage(problem.node_id or "", problem.field or "", problem.message, problem.remedy)
