"""Self-service: who may launch which flow, with what, and the task that comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, ResourceKind
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.db.pages import PageRequest
from kernel.errors import FieldProblem, Invalid
from kernel.forms.model import Form
from kernel.principal import Principal
from orchestrator.common_flows.places import FlowPlaces, Place
from orchestrator.executors.advice import ConsentAdvisor
from orchestrator.flow.cutting import cut
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.executors import Standing
from orchestrator.flows import repository
from orchestrator.flows.composition import compose
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import read_definition, require_flow, require_revision
from orchestrator.launch.beginning import beginning_at
from orchestrator.launch.errors import InputsRefused, NodesRefused, PluginGone, SubflowGone
from orchestrator.launch.foresight import Outlook
from orchestrator.launch.forms import accepted_inputs, launch_form
from orchestrator.launch.keys import LaunchKeys, keyed_request
from orchestrator.launch.leaving_out import without
from orchestrator.launch.making import Order, TaskMaker
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.review import HIDDEN, shown_inputs
from orchestrator.launch.without_flow import OnceLaunch, PluginLaunch
from orchestrator.notices.advice import MessageAdvisor
from orchestrator.notices.service import NoticeService
from orchestrator.project_variables.snapshot import ProjectSnapshots
from orchestrator.schemes.choosing import chosen_left_out
from orchestrator.schemes.errors import SchemesRefused

LAUNCHER = "launcher"


@dataclass(frozen=True, slots=True)
class Launchable:
    flow: FlowRow
    project: ProjectSummary


@dataclass(frozen=True, slots=True)
class LaunchablePage:
    items: list[Launchable]
    next: str | None


@dataclass(frozen=True, slots=True)
class LaunchForm:
    """Attributes:
    project_id: where tasks of it run.
    optional: id → name of the nodes that may be left out.
    """

    flow: FlowRow
    project_id: str
    revision: int
    form: Form
    optional: Mapping[str, str]


class LaunchService:
    """A launcher needs `launch` on the flow and nothing else."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        plugins: PluginDirectory,
        publication: Publication,
        notices: NoticeService,
        advisor: ConsentAdvisor,
        messages: MessageAdvisor,
        snapshots: ProjectSnapshots,
        maker: TaskMaker,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._places = FlowPlaces(authorizer, projects)
        self._plugins = plugins
        self._publication = publication
        self._notices = notices
        self._advisor = advisor
        self._messages = messages
        self._snapshots = snapshots
        self._maker = maker
        self._keys = LaunchKeys(clock)

    async def launchable(self, session: AsyncSession, principal: Principal, page: PageRequest) -> LaunchablePage:
        """Published flows the caller may launch, by a role on the flow or on its project."""
        return await self.allowing(session, principal, Action.FLOW_LAUNCH, page)

    async def allowing(
        self, session: AsyncSession, principal: Principal, action: Action, page: PageRequest
    ) -> LaunchablePage:
        """Published flows on which, or on whose project, a role allows the caller the action."""
        # Which project a flow is in is known here alone: what the caller holds on flows is narrowed here.
        anywhere = replace(principal, confined_to=None)
        flows = await self._authorizer.resources_allowing(session, anywhere, action, ResourceKind.FLOW)
        projects = await self._authorizer.resources_allowing(session, principal, action, ResourceKind.PROJECT)
        found = await repository.list_published(session, flows, projects, page, within=principal.confined_to)
        named = {
            project_id: await self._projects.find(session, project_id)
            for project_id in {flow.project_id for flow in found.items}
        }
        return LaunchablePage([Launchable(flow, named[flow.project_id]) for flow in found.items], found.next)

    async def form(
        self, session: AsyncSession, principal: Principal, flow_id: str, project: str | None = None
    ) -> LaunchForm:
        """What the latest revision asks for.

        Args:
            project: see `LaunchRequest`.
        """
        place = await self._places.find(session, principal, flow_id, Action.FLOW_LAUNCH, project)
        revision = await require_revision(session, place.flow, None)
        optional = {
            node["id"]: node.get("name") or node["id"] for node in revision.definition["nodes"] if node.get("optional")
        }
        return LaunchForm(place.flow, place.project_id, revision.number, launch_form(revision.definition), optional)

    async def preview(
        self, session: AsyncSession, principal: Principal, request: LaunchRequest
    ) -> tuple[int, dict[str, Any]]:
        """A revision's number, and its definition drawn without the nodes that are left out.

        Raises:
            NodesRefused: a node that cannot be left out.
        """
        flow = (await self._place(session, principal, request)).flow
        revision = await require_revision(session, flow, request.revision)
        left_out = await chosen_left_out(session, flow.id, revision.definition, request.schemes, request.leave_out)
        without(revision.definition, left_out)
        return revision.number, cut(revision.definition, left_out)

    async def look(self, session: AsyncSession, principal: Principal, request: LaunchRequest) -> Outlook:
        """What the request lacks, and what its steps are known by; nothing is made."""
        place = await self._place(session, principal, request)
        flow = place.flow
        revision = await require_revision(session, flow, request.revision)
        problems: list[FieldProblem] = []
        inputs: Mapping[str, Any] = request.inputs
        try:
            inputs = accepted_inputs(launch_form(revision.definition), request.inputs)
        except InputsRefused as error:
            problems += error.fields
        left_out: Sequence[str] = request.leave_out
        try:
            left_out = await chosen_left_out(session, flow.id, revision.definition, request.schemes, request.leave_out)
            without(revision.definition, left_out)
        except (NodesRefused, SchemesRefused) as error:
            problems += error.fields
        project = await self._projects.find(session, place.project_id)
        composition = await compose(session, place.project_id, flow.id, revision.definition, home=flow.project_id)
        problems += [FieldProblem("revision", problem, "") for problem in sorted(composition.problems.values())]
        read = read_flow(composition.definition)
        looked_at = {**composition.definition, "left_out": list(left_out)}
        named = await self._snapshots.look(session, project.id, looked_at)
        problems += named.missing
        context = {
            "task": {"name": request.name or flow.name, "created_by": principal.id},
            "project": {"id": project.id, "code": project.code},
        }
        values = {
            "task": context["task"],
            "project": {
                **context["project"],
                "variables": named.variables,
                "secrets": dict.fromkeys(named.secrets, HIDDEN),
            },
            "inputs": shown_inputs(read, inputs),
        }
        try:
            scopes = await self._scopes(session, [revision, *composition.revisions], project)
        except PluginGone as error:
            problems.append(FieldProblem("revision", error.detail, ""))
            scopes = frozenset()
        standing = Standing(flow.id, revision.number)
        lacking = await self._advisor.advice(session, project.id, revision.definition, standing, principal.id)
        advice = [FieldProblem(f"/nodes/{each.node_id}", each.message, each.remedy) for each in lacking]
        advice += await self._messages.advice(session, project.id, read, left_out)
        return Outlook(
            revision.number,
            tuple(problems),
            read,
            frozenset(left_out),
            project.id,
            principal.id,
            scopes,
            values,
            context,
            tuple(advice),
        )

    async def add_launcher(self, session: AsyncSession, principal: Principal, flow_id: str, username: str) -> None:
        flow = await self._find(session, principal, flow_id, Action.FLOW_SHARE)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.bind_role(session, principal, username, LAUNCHER, resource)
        after = {"launcher": username}
        record(session, principal, "flow.shared", "flow", flow.id, after=after, project_id=flow.project_id)

    async def remove_launcher(self, session: AsyncSession, principal: Principal, flow_id: str, username: str) -> None:
        flow = await self._find(session, principal, flow_id, Action.FLOW_SHARE)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.unbind_role(session, principal, username, LAUNCHER, resource)
        before = {"launcher": username}
        record(session, principal, "flow.unshared", "flow", flow.id, before=before, project_id=flow.project_id)

    async def launch(self, session: AsyncSession, principal: Principal, request: LaunchRequest) -> str:
        """Creates the task in the caller's transaction; the runtime begins it once that has committed.

        Returns:
            The task's id; that of the first launch when the key was sent before.

        Raises:
            InputsRefused: naming each wrong field.
            NodesRefused: a node that cannot be left out, or at which no task can begin.
            SubflowGone: a flow that is run inside can't be.
            VariablesGone: the project lacks variables that the revision, or a flow inside it, names.
            PluginGone: the project no longer has a plugin version the revision needs.
            IdempotencyKeyReused: the key belongs to another launch.
            QuotaExceeded: the project has launched, or has waiting, as many tasks as it may.
        """
        place = await self._place(session, principal, request)
        return await self._launched(session, principal, place, request)

    async def launch_allowed(
        self, session: AsyncSession, principal: Principal, place: Place, request: LaunchRequest
    ) -> str:
        """As `launch`; the caller has checked that the principal may, there."""
        return await self._launched(session, principal, place, request)

    async def _launched(self, session: AsyncSession, principal: Principal, place: Place, request: LaunchRequest) -> str:
        revision = await require_revision(session, place.flow, request.revision)
        keyed = keyed_request(principal, request, launch_form(revision.definition))
        earlier = await self._keys.earlier(session, keyed)
        if earlier is not None:
            return earlier
        task_id = await self._maker.make(session, principal, await self._order(session, place, revision, request))
        await self._keys.keep(session, keyed, task_id)
        return task_id

    async def check(self, session: AsyncSession, principal: Principal, request: LaunchRequest) -> str:
        """Raises as `launch` does where the request could not be launched now; starts nothing.

        Returns:
            The id of the project it would run in.
        """
        place = await self._place(session, principal, request)
        revision = await require_revision(session, place.flow, request.revision)
        return (await self._order(session, place, revision, request)).project.id

    async def launch_plugin(self, session: AsyncSession, principal: Principal, launch: PluginLaunch) -> str:
        """As `launch`, of a plugin alone; the caller has checked that the principal may.

        Returns:
            The task's id.
        """
        project = await self._projects.find(session, launch.project_id)
        order = Order(
            "", launch.name, 0, launch.definition, project, launch.name, launch.inputs, launch.scopes,
            origin=launch.origin,
        )  # fmt: skip
        return await self._maker.make(session, principal, order)

    async def launch_once(self, session: AsyncSession, principal: Principal, launch: OnceLaunch) -> str:
        """As `launch`; who does so could have made, published and launched a flow of it.

        Returns:
            The task's id.

        Raises:
            FlowRefused: the definition can't be read, or breaks rules of a published flow.
            InputsRefused: naming each wrong field.
        """
        project = await self._projects.find(session, launch.project_id)
        for action in (Action.FLOW_EDIT, Action.FLOW_PUBLISH, Action.FLOW_LAUNCH):
            await self._authorizer.require(session, principal, action, project_resource(project.id))
        flow = read_definition(launch.definition)
        checked = await self._publication.check(session, project.id, "", flow)
        definition = write_flow(flow)
        inputs = accepted_inputs(launch_form(definition), launch.inputs)
        composed = (await compose(session, project.id, "", definition)).definition
        composed = await self._snapshots.within(session, project.id, composed)
        order = Order(
            "", launch.name, 0, composed, project, launch.name, inputs, checked.scopes, launch.start,
            origin=launch.origin,
        )  # fmt: skip
        return await self._maker.make(session, principal, order)

    async def _order(
        self, session: AsyncSession, place: Place, revision: FlowRevisionRow, request: LaunchRequest
    ) -> Order:
        flow = place.flow
        inputs = accepted_inputs(launch_form(revision.definition), request.inputs)
        composition = await compose(session, place.project_id, flow.id, revision.definition, home=flow.project_id)
        if composition.problems:
            raise SubflowGone("; ".join(sorted(composition.problems.values())))
        left_out = await chosen_left_out(session, flow.id, revision.definition, request.schemes, request.leave_out)
        definition = without(composition.definition, left_out)
        kept = request.continues.variables if request.continues is not None else None
        definition = await self._snapshots.within(session, place.project_id, definition, kept)
        if request.continues is not None:
            definition = beginning_at(definition, request.continues)
        project = await self._projects.find(session, place.project_id)
        scopes = await self._scopes(session, [revision, *composition.revisions], project)
        name = request.name or flow.name
        told = await self._told_from(session, place, request)
        return Order(
            flow.id, flow.name, revision.number, definition, project, name, inputs, scopes,
            request.start, request.continues, request.held_by, request.origin, told, request.callback_url,
            place.is_common,
        )  # fmt: skip

    async def _told_from(self, session: AsyncSession, place: Place, request: LaunchRequest) -> str | None:
        """As `NoticeService.told_from`; of a common flow's tasks its own project is told nothing."""
        if not place.is_common:
            return await self._notices.told_from(session, place.flow.id, request.callback_url)
        if request.callback_url:
            remedy = "Leave it out, and ask for the task's state"
            raise Invalid.field("callback_url", "can't be signed to: the flow is another project's", remedy)
        return None

    async def _scopes(
        self, session: AsyncSession, revisions: Sequence[FlowRevisionRow], project: ProjectSummary
    ) -> frozenset[str]:
        """What the revisions need, as far as the project consents to it now."""
        consented = await self._plugins.consented(session, project.id)
        wanted = {
            (code, version)
            for revision in revisions
            for code, versions in revision.plugins.items()
            for version in versions
        }
        gone = sorted(f"{code} {version}" for code, version in wanted - consented.keys())
        if gone:
            raise PluginGone(f"No longer installed in project {project.code}: {', '.join(gone)}. Install it again")
        allowed = frozenset(scope for key in wanted for scope in consented[key])
        return allowed & frozenset(scope for revision in revisions for scope in revision.scopes)

    async def _place(self, session: AsyncSession, principal: Principal, request: LaunchRequest) -> Place:
        """Where the request is to be launched, if the caller may."""
        return await self._places.find(session, principal, request.flow_id, Action.FLOW_LAUNCH, request.project)

    async def _find(self, session: AsyncSession, principal: Principal, flow_id: str, action: Action) -> FlowRow:
        flow = await require_flow(session, flow_id)
        await self._authorizer.require(session, principal, action, flow_resource(flow.id, flow.project_id))
        return flow
