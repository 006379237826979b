"""A flow of the catalogue taken into a project, and brought to a newer version there."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.flow_market import FlowMarket, FlowPackage
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.principal import Principal
from orchestrator.flow.difference import compare, overlay
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.project_variables import named_variables
from orchestrator.flow_market import repository
from orchestrator.flow_market.errors import ChangedHere, NotOffered
from orchestrator.flow_market.models import FlowOrigin
from orchestrator.flow_market.unpacking import MAIN, VersionFor, definitions_of, in_project, nobody_named
from orchestrator.flows.errors import FlowRefused
from orchestrator.flows.history import Comparison
from orchestrator.flows.models import FlowRow
from orchestrator.flows.publication import Installed, Publication
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import FlowService, require_flow
from orchestrator.project_variables.repository import names_of


@dataclass(frozen=True, slots=True)
class NeededPlugin:
    """Attributes:
    installed: the version in the range that the project has; none where it has none.
    offered: the highest in the range that the catalogue offers.
    """

    code: str
    versions: str
    installed: str | None
    offered: str | None


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A flow of the package beside what the project has of it.

    Attributes:
        flow: none where it is new to the project.
        changed: it was changed here since it was taken.
        comparison: what makes the new draft of the present one; none for a new flow.
    """

    part: str
    name: str
    flow: FlowRow | None
    changed: bool
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a version would come to.

    Attributes:
        before: the version that the project has; none where it has none.
        people: nodes that ask or tell people, and name none.
        variables: names of variables that the flows use and the project has not.
    """

    package: FlowPackage
    before: str | None
    parts: Sequence[PartPlan]
    plugins: Sequence[NeededPlugin]
    people: Sequence[str]
    variables: Sequence[str]


@dataclass(frozen=True, slots=True)
class TakeWish:
    """Attributes:
    publish: each flow at once, if it may be.
    overwrite: flows that were changed here too.
    """

    code: str
    version: str
    publish: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class TakenFlow:
    """Attributes:
    revision: the one it was published as; none where it is a draft.
    problem: why it was not published, where that was asked for.
    """

    flow: FlowRow
    part: str
    made: bool
    revision: int | None
    problem: str = ""


class FlowTaking:
    """Reads and writes through `FlowService`, which checks the caller's rights."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        flows: FlowService,
        publication: Publication,
        market: FlowMarket,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._flows = flows
        self._publication = publication
        self._market = market
        self._clock = clock

    async def plan(self, session: AsyncSession, principal: Principal, project: str, code: str, version: str) -> Plan:
        """Raises:
        NotFound: no such project, or version of a flow.
        """
        found = await self._project(session, principal, project, Action.FLOW_VIEW)
        package = await self._market.get(session, code, version)
        there = await repository.taken_flows(session, found.id, code)
        installed = await self._publication.installed(session, found.id)
        ids = {part: flow.id for part, (_, flow) in there.items()}
        version_for = self._version_for(package, installed)
        definitions = definitions_of(package.document)
        parts = [
            await self._part(package, part, there.get(part), in_project(definition, ids, version_for))
            for part, definition in definitions.items()
        ]
        named = frozenset[str]().union(*map(named_variables, definitions.values()))
        variables = sorted(named - await names_of(session, found.id))
        main = there.get(MAIN)
        plugins = await self._needed(session, package, installed)
        before = main[0].version if main is not None else None
        return Plan(package, before, parts, plugins, nobody_named(package.document), variables)

    async def take(self, session: AsyncSession, principal: Principal, project: str, wish: TakeWish) -> list[TakenFlow]:
        """Makes the flows of a package, or brings those that were made of it to this version; those inside come first.

        What the project lacks keeps nothing from being taken: the flows stay drafts.

        Raises:
            NotFound: no such project, or version of a flow.
            NotOffered: the version was withdrawn, or does not go with this product.
            ChangedHere: flows were changed here, and are not to be overwritten.
            PermissionDenied: the caller edits, or publishes, no flows of the project.
        """
        found = await self._project(session, principal, project, Action.FLOW_EDIT)
        package = await self._market.get(session, wish.code, wish.version)
        if package.withdrawn is not None:
            raise NotOffered(package.withdrawn)
        there = await repository.taken_flows(session, found.id, wish.code)
        changed = sorted(flow.name for origin, flow in there.values() if _is_changed(origin, flow))
        if changed and not wish.overwrite:
            raise ChangedHere(f"Changed here since it was taken: {', '.join(changed)}. Copy it, or overwrite it")
        version_for = self._version_for(package, await self._publication.installed(session, found.id))
        ids: dict[str, str] = {}
        taken: list[TakenFlow] = []
        for part, definition in definitions_of(package.document).items():
            placed = in_project(definition, ids, version_for)
            one = await self._take(session, principal, found, package, part, there.get(part), placed)
            ids[part] = one.flow.id
            taken.append(await self._published(session, principal, package, one) if wish.publish else one)
        await self._market.note_taken(session, found.id, package.code)
        return taken

    async def origin(
        self, session: AsyncSession, principal: Principal, flow_id: str
    ) -> tuple[FlowOrigin, bool, str | None] | None:
        """Where a flow is from, whether it was changed since, and the newest version; none if it was made here."""
        flow = await require_flow(session, flow_id)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, flow_resource(flow.id, flow.project_id))
        origin = await repository.find_origin(session, flow.id)
        if origin is None:
            return None
        return origin, _is_changed(origin, flow), await self._market.fitting(session, origin.code, "*")

    async def _take(
        self,
        session: AsyncSession,
        principal: Principal,
        project: ProjectSummary,
        package: FlowPackage,
        part: str,
        there: tuple[FlowOrigin, FlowRow] | None,
        definition: Mapping[str, Any],
    ) -> TakenFlow:
        if there is None:
            about = package.document["flows"].get(part) or {"name": package.name["en"], "description": ""}
            flow = await self._flows.create(
                session, principal, project.id, about["name"][:200], about.get("description", "")[:2000]
            )
        else:
            flow = there[1]
        flow = await self._flows.save_draft(session, principal, flow.id, definition, flow.draft_version)
        origin = there[0] if there is not None else FlowOrigin(
            flow_id=flow.id, project_id=project.id, code=package.code, part=part, version="", digest="", definition="",
            taken_by="", taken_at=self._clock.now(),
        )  # fmt: skip
        before = None if there is None else {"version": origin.version, "digest": origin.digest}
        origin.version, origin.digest, origin.definition = package.version, package.digest, _digest(flow.draft)
        origin.taken_by, origin.taken_at = principal.id, self._clock.now()
        session.add(origin)
        await session.flush()
        after = {"code": package.code, "version": package.version, "digest": package.digest, "part": part}
        record(
            session, principal, "flow.taken", "flow", flow.id,
            before=before, after=after, project_id=project.id,
        )  # fmt: skip
        return TakenFlow(flow, part, there is None, None)

    async def _published(
        self, session: AsyncSession, principal: Principal, package: FlowPackage, taken: TakenFlow
    ) -> TakenFlow:
        comment = f"{package.code} {package.version}"
        try:
            async with session.begin_nested():
                revision = await self._flows.publish(session, principal, taken.flow.id, comment, None)
        except FlowRefused as error:
            return TakenFlow(taken.flow, taken.part, taken.made, None, error.detail)
        return TakenFlow(taken.flow, taken.part, taken.made, revision.number)

    async def _part(
        self,
        package: FlowPackage,
        part: str,
        there: tuple[FlowOrigin, FlowRow] | None,
        definition: Mapping[str, Any],
    ) -> PartPlan:
        name = package.document["flows"][part]["name"] if part else package.name["en"]
        if there is None:
            return PartPlan(part, name, None, changed=False, comparison=None)
        origin, flow = there
        before, after = flow.draft, await asyncio.to_thread(lambda: write_flow(read_flow(definition)))
        # In a thread: flows of thousands of nodes take long enough to hold up other requests.
        compared = await asyncio.to_thread(lambda: Comparison(compare(before, after), overlay(before, after)))
        return PartPlan(part, flow.name, flow, _is_changed(origin, flow), compared)

    async def _needed(self, session: AsyncSession, package: FlowPackage, installed: Installed) -> list[NeededPlugin]:
        return [
            NeededPlugin(
                code,
                versions,
                self._market.highest(versions, [number for name, number in installed if name == code]),
                await self._market.fitting(session, code, versions),
            )
            for code, versions in sorted(package.plugins.items())
        ]

    def _version_for(self, package: FlowPackage, installed: Installed) -> VersionFor:
        """The version a flow was made with where the project has it, else the highest in the range that it has."""

        def version_for(code: str, made_with: str) -> str:
            if (code, made_with) in installed or code not in package.plugins:
                return made_with
            there = [number for name, number in installed if name == code]
            return self._market.highest(package.plugins[code], there) or made_with

        return version_for

    async def _project(
        self, session: AsyncSession, principal: Principal, project: str, action: Action
    ) -> ProjectSummary:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, action, project_resource(found.id))
        return found


def _is_changed(origin: FlowOrigin, flow: FlowRow) -> bool:
    return _digest(flow.draft) != origin.definition


def _digest(definition: Mapping[str, Any]) -> str:
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
