"""Self-service: who may launch which flow, with what, and the task that comes of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, ResourceKind
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.db.database import after_commit
from kernel.db.idempotency import IdempotencyLedger, KeyedRequest, KeyReused, request_digest
from kernel.db.pages import PageRequest
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.flow.cutting import cut
from orchestrator.flow.document import write_flow
from orchestrator.flow.model import Kept
from orchestrator.flows import repository
from orchestrator.flows.composition import compose
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import read_definition, require_flow, require_revision
from orchestrator.launch.beginning import beginning_at
from orchestrator.launch.errors import IdempotencyKeyReused, PluginGone, SubflowGone
from orchestrator.launch.forms import accepted_inputs, launch_form
from orchestrator.launch.leaving_out import without
from orchestrator.launch.models import LaunchKey
from orchestrator.launch.repository import keep_definition
from orchestrator.launch.without_flow import OnceLaunch, PluginLaunch
from orchestrator.notices.service import NoticeService
from orchestrator.quotas.admission import Admission
from orchestrator.runtime.models import Task
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.secret_inputs.service import SecretInputs

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
    flow: FlowRow
    revision: int
    form: Form


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a task goes on from.

    Attributes:
        task_id: the earlier task.
        node: where to begin.
        earlier: node id → what it came to in the earlier task.
    """

    task_id: str
    node: str
    earlier: Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """Attributes:
    revision: none for the latest.
    key: the caller's idempotency key; the same key never starts a second task.
    leave_out: optional nodes the task does without.
    start: otherwise the task waits until somebody starts it.
    callback_url: where it is told what becomes of the task.
    continues: where it begins that does not do so at the flow's start.
    held_by: the task, schedule or trigger whose handles of secrets stand among the inputs.
    """

    flow_id: str
    inputs: Mapping[str, Any]
    name: str | None = None
    revision: int | None = None
    key: str | None = None
    leave_out: tuple[str, ...] = ()
    start: bool = True
    callback_url: str = ""
    continues: Continuation | None = None
    held_by: str | None = None

    def asked(self, hidden: Collection[str]) -> dict[str, Any]:
        """What of it tells one launch from another, without the inputs `hidden`."""
        asked: dict[str, Any] = {
            "flow": self.flow_id,
            "inputs": {name: value for name, value in self.inputs.items() if name not in hidden},
            "name": self.name,
            "revision": self.revision,
        }
        if self.callback_url:
            asked["callback_url"] = self.callback_url
        if self.leave_out:
            asked["leave_out"] = sorted(self.leave_out)
        if not self.start:
            asked["start"] = False
        if self.continues is not None:
            asked |= {"continues": self.continues.task_id, "node": self.continues.node}
        return asked


@dataclass(frozen=True, slots=True)
class _Order:
    """A launch found in order. A plugin alone has no flow: its `flow_id` is empty, its `revision` 0."""

    flow_id: str
    flow_name: str
    revision: int
    definition: dict[str, Any]
    project: ProjectSummary
    name: str
    inputs: dict[str, Any]
    scopes: frozenset[str]
    start: bool = True
    continues: Continuation | None = None
    held_by: str | None = None


class LaunchService:
    """A launcher needs `launch` on the flow and nothing else."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        publication: Publication,
        notices: NoticeService,
        secrets: SecretInputs,
        admission: Admission,
        clock: Clock,
        wake: Wake,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._publication = publication
        self._notices = notices
        self._secrets = secrets
        self._admission = admission
        self._clock = clock
        self._wake = wake
        self._keys = IdempotencyLedger(LaunchKey, clock)

    async def launchable(self, session: AsyncSession, principal: Principal, page: PageRequest) -> LaunchablePage:
        """Published flows the caller may launch, by a role on the flow or on its project."""
        # Which project a flow is in is known here alone: what the caller holds on flows is narrowed here.
        anywhere = replace(principal, confined_to=None)
        flows = await self._authorizer.resources_allowing(session, anywhere, Action.FLOW_LAUNCH, ResourceKind.FLOW)
        projects = await self._authorizer.resources_allowing(
            session, principal, Action.FLOW_LAUNCH, ResourceKind.PROJECT
        )
        found = await repository.list_published(session, flows, projects, page, within=principal.confined_to)
        named = {
            project_id: await self._projects.find(session, project_id)
            for project_id in {flow.project_id for flow in found.items}
        }
        return LaunchablePage([Launchable(flow, named[flow.project_id]) for flow in found.items], found.next)

    async def form(self, session: AsyncSession, principal: Principal, flow_id: str) -> LaunchForm:
        """What the latest revision asks for."""
        flow = await self._find(session, principal, flow_id, Action.FLOW_LAUNCH)
        revision = await require_revision(session, flow, None)
        return LaunchForm(flow, revision.number, launch_form(revision.definition))

    async def preview(
        self, session: AsyncSession, principal: Principal, flow_id: str, number: int | None, leave_out: Sequence[str]
    ) -> tuple[int, dict[str, Any]]:
        """A revision's number, and its definition drawn without these nodes.

        Raises:
            NodesRefused: a node that cannot be left out.
        """
        flow = await self._find(session, principal, flow_id, Action.FLOW_LAUNCH)
        revision = await require_revision(session, flow, number)
        without(revision.definition, leave_out)
        return revision.number, cut(revision.definition, leave_out)

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
            PluginGone: the project no longer has a plugin version the revision needs.
            IdempotencyKeyReused: the key belongs to another launch.
            QuotaExceeded: the project has launched, or has waiting, as many tasks as it may.
        """
        flow = await self._find(session, principal, request.flow_id, Action.FLOW_LAUNCH)
        keyed = await self._keyed(session, principal, flow, request)
        earlier = await self._claim(session, keyed)
        if earlier is not None:
            return earlier
        order = await self._order(session, flow, request)
        told = await self._notices.told_from(session, flow.id, request.callback_url)
        task = await self._create(session, principal, order, told, request.callback_url)
        if keyed is not None:
            await self._keys.keep(session, keyed, {"task_id": task.id})
        return task.id

    async def check(self, session: AsyncSession, principal: Principal, request: LaunchRequest) -> str:
        """Raises as `launch` does where the request could not be launched now; starts nothing.

        Returns:
            The id of the flow's project.
        """
        flow = await self._find(session, principal, request.flow_id, Action.FLOW_LAUNCH)
        return (await self._order(session, flow, request)).project.id

    async def launch_plugin(self, session: AsyncSession, principal: Principal, launch: PluginLaunch) -> str:
        """As `launch`, of a plugin alone; the caller has checked that the principal may.

        Returns:
            The task's id.
        """
        project = await self._projects.find(session, launch.project_id)
        order = _Order("", launch.name, 0, launch.definition, project, launch.name, launch.inputs, launch.scopes)
        return (await self._create(session, principal, order)).id

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
        order = _Order("", launch.name, 0, composed, project, launch.name, inputs, checked.scopes, launch.start)
        return (await self._create(session, principal, order)).id

    async def _order(self, session: AsyncSession, flow: FlowRow, request: LaunchRequest) -> _Order:
        revision = await require_revision(session, flow, request.revision)
        inputs = accepted_inputs(launch_form(revision.definition), request.inputs)
        composition = await compose(session, flow.project_id, flow.id, revision.definition)
        if composition.problems:
            raise SubflowGone("; ".join(sorted(composition.problems.values())))
        definition = without(composition.definition, request.leave_out)
        if request.continues is not None:
            definition = beginning_at(definition, request.continues.node, request.continues.earlier)
        project = await self._projects.find(session, flow.project_id)
        scopes = await self._scopes(session, [revision, *composition.revisions], project)
        name = request.name or flow.name
        return _Order(
            flow.id, flow.name, revision.number, definition, project, name, inputs, scopes,
            request.start, request.continues, request.held_by,
        )  # fmt: skip

    async def _create(
        self,
        session: AsyncSession,
        principal: Principal,
        order: _Order,
        told: str | None = None,
        callback_url: str = "",
    ) -> Task:
        now, task_id = self._clock.now(), new_id()
        await self._admission.check_launch(session, order.project.id)
        may_begin = order.start and await self._admission.may_begin(session, order.project.id)
        schema = launch_form(order.definition).schema
        inputs = await self._secrets.seal(session, task_id, schema, order.inputs, order.held_by)
        if order.held_by is not None:
            kept = [inputs, order.definition.get("begin")]
            await self._secrets.take_over(session, task_id, order.held_by, kept)
        task = Task(
            id=task_id,
            project_id=order.project.id,
            project_code=order.project.code,
            flow_id=order.flow_id,
            flow_name=order.flow_name,
            revision=order.revision,
            definition_id=await keep_definition(session, order.definition),
            name=order.name,
            inputs=inputs,
            scopes=sorted(order.scopes),
            created_by=principal.id,
            created_at=now,
            start_at=now if may_begin else None,
            queued_at=now if order.start and not may_begin else None,
            told=told,
            callback_url=callback_url,
        )
        session.add(task)
        await session.flush()
        after = {
            "flow": task.flow_id,
            "revision": task.revision,
            "name": task.name,
            "scopes": task.scopes,
            "started": order.start,
            **({"queued": True} if task.queued_at is not None else {}),
        }
        if order.continues is not None:
            after |= {"continues": order.continues.task_id, "node": order.continues.node}
        record(
            session,
            principal,
            "task.launched",
            "task",
            task.id,
            after=after,
            project_id=task.project_id,
            task_id=task.id,
        )
        if may_begin:
            after_commit(session, lambda: self._wake(task.id))
        return task

    async def _scopes(
        self, session: AsyncSession, revisions: Sequence[FlowRevisionRow], project: ProjectSummary
    ) -> frozenset[str]:
        """What the revisions need, as far as the project consents to it now."""
        installed = await self._publication.installed(session, project.id)
        wanted = {
            (code, version)
            for revision in revisions
            for code, versions in revision.plugins.items()
            for version in versions
        }
        gone = sorted(f"{code} {version}" for code, version in wanted - installed.keys())
        if gone:
            raise PluginGone(f"No longer installed in project {project.code}: {', '.join(gone)}. Install it again")
        consented = frozenset(scope for key in wanted for scope in installed[key].scopes)
        return consented & frozenset(scope for revision in revisions for scope in revision.scopes)

    async def _keyed(
        self, session: AsyncSession, principal: Principal, flow: FlowRow, request: LaunchRequest
    ) -> KeyedRequest | None:
        """Of secrets not even a digest is kept: a short one could be found out from it."""
        if request.key is None:
            return None
        revision = await require_revision(session, flow, request.revision)
        asked = request.asked(secret_fields(launch_form(revision.definition).schema))
        caller = f"{principal.kind.value}:{principal.id}"[:128]
        return KeyedRequest(caller, request.key, "launch", request_digest("launch", asked))

    async def _claim(self, session: AsyncSession, keyed: KeyedRequest | None) -> str | None:
        """The task an earlier launch with this key made."""
        if keyed is None:
            return None
        try:
            earlier = await self._keys.claim(session, keyed)
        except KeyReused:
            raise IdempotencyKeyReused(
                "This Idempotency-Key was sent with another launch before; take a new one"
            ) from None
        if earlier is None:
            return None
        # Key and task are written in one transaction, so there is no key without its task.
        answer: dict[str, str] = earlier.answer or {}
        return answer["task_id"]

    async def _find(self, session: AsyncSession, principal: Principal, flow_id: str, action: Action) -> FlowRow:
        flow = await require_flow(session, flow_id)
        await self._authorizer.require(session, principal, action, flow_resource(flow.id, flow.project_id))
        return flow
