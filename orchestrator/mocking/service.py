"""Runs of a draft that call nothing, or only what somebody agreed to; and one node alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal
from orchestrator.flow.document import write_flow
from orchestrator.flow.model import PluginNode
from orchestrator.flow.node_document import write_node
from orchestrator.flow.project_secrets import refers_to_secret
from orchestrator.flows.composition import compose
from orchestrator.flows.models import FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import read_definition, require_flow
from orchestrator.launch.errors import InputsRefused
from orchestrator.launch.forms import accepted_inputs, launch_form
from orchestrator.launch.making import Order, TaskMaker
from orchestrator.mocking import repository
from orchestrator.mocking.definitions import NodeMock, mocked, really_called
from orchestrator.project_variables.snapshot import ProjectSnapshots
from orchestrator.tasks.origins import Origin, OriginKind

_TASKS_LOOKED_AT: Final = 20
_OF_EACH: Final = 3
_ASKED: Final = "Plugins would be called, with whatever they do"
_NODE: Final = "node"


@dataclass(frozen=True, slots=True)
class MockRun:
    """Attributes:
    nodes: by path; see `mocked`.
    consent: that the nodes which are real call their plugins.
    """

    inputs: Mapping[str, Any]
    nodes: Mapping[str, NodeMock]
    consent: bool


@dataclass(frozen=True, slots=True)
class RecordedOutputs:
    task_id: str
    at: datetime
    outputs: Mapping[str, Any]


class MockService:
    """Whoever edits and launches the flow tries its draft; to call plugins needs the right to publish it besides."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        publication: Publication,
        snapshots: ProjectSnapshots,
        maker: TaskMaker,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._publication = publication
        self._snapshots = snapshots
        self._maker = maker

    async def run(self, session: AsyncSession, principal: Principal, flow_id: str, wanted: MockRun) -> str:
        """A task of the draft whose nodes are answered as is wanted.

        Returns:
            The task's id.

        Raises:
            FlowRefused: the draft breaks a rule of a published flow.
            InputsRefused: naming each wrong field.
            Invalid: a node that is none, or real ones without consent.
        """
        flow = await self._find(session, principal, flow_id)
        read = read_definition(flow.draft)
        await self._publication.check(session, flow.project_id, flow.id, read)
        document = write_flow(read)
        inputs = accepted_inputs(launch_form(document), wanted.inputs)
        composed = (await compose(session, flow.project_id, flow.id, document)).definition
        definition = await self._snapshots.within(session, flow.project_id, mocked(composed, wanted.nodes))
        scopes = await self._consented(session, principal, flow, definition, consent=wanted.consent)
        return await self._make(session, principal, flow, definition, inputs, scopes, flow.name)

    async def try_node(
        self,
        session: AsyncSession,
        principal: Principal,
        flow_id: str,
        node_id: str,
        inputs: Mapping[str, Any],
        *,
        consent: bool,
    ) -> str:
        """A task of one plugin node of the draft, really called with these inputs; secrets are those the draft names.

        Returns:
            The task's id.

        Raises:
            NotFound: the draft has no such plugin node, or its plugin is not installed.
            InputsRefused: naming each wrong field, and every other secret than the draft names.
            Invalid: no consent.
        """
        flow = await self._find(session, principal, flow_id)
        node = next((each for each in read_definition(flow.draft).nodes if each.id == node_id), None)
        if not isinstance(node, PluginNode):
            raise NotFound(f"The draft has no plugin node {node_id!r}")
        plugin = (await self._publication.installed(session, flow.project_id)).get((node.plugin, node.version))
        if plugin is None:
            raise NotFound(f"{node.plugin} {node.version} is not installed in the project")
        secrets = {name: value for name, value in node.inputs.items() if name in secret_fields(plugin.inputs)}
        _require_no_secrets(secret_fields(plugin.inputs), secrets, inputs)
        given = accepted_inputs(Form(plugin.inputs), {**secrets, **inputs})
        literal = {
            name: value if refers_to_secret(secrets.get(name)) else _literal(value) for name, value in given.items()
        }
        alone = {**write_node(node), "id": _NODE, "inputs": literal}
        made = {
            "nodes": [{"id": "start", "kind": "start"}, alone, {"id": "end", "kind": "end"}],
            "edges": [
                {"id": "before", "source": "start", "target": _NODE},
                {"id": "after", "source": _NODE, "target": "end"},
            ],
            "outputs": {"outputs": f"${{nodes.{_NODE}.outputs}}"},
        }
        scopes = await self._consented(session, principal, flow, made, consent=consent)
        definition = await self._snapshots.within(session, flow.project_id, made)
        return await self._make(session, principal, flow, definition, {}, scopes, f"{flow.name}: {node.label}")

    async def recorded(
        self, session: AsyncSession, principal: Principal, flow_id: str
    ) -> dict[str, Sequence[RecordedOutputs]]:
        """Path of a node → what it gave in the flow's newest tasks, the newest first."""
        flow = await self._find(session, principal, flow_id)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, resource)
        found: dict[str, list[RecordedOutputs]] = defaultdict(list)
        for node, task_id, at, outputs in await repository.recorded_outputs(
            session, flow.id, _TASKS_LOOKED_AT, _OF_EACH
        ):
            if outputs:
                found[node].append(RecordedOutputs(task_id, at, outputs))
        return dict(found)

    async def _find(self, session: AsyncSession, principal: Principal, flow_id: str) -> FlowRow:
        flow = await require_flow(session, flow_id)
        resource = flow_resource(flow.id, flow.project_id)
        for action in (Action.FLOW_EDIT, Action.FLOW_LAUNCH):
            await self._authorizer.require(session, principal, action, resource)
        return flow

    async def _consented(
        self,
        session: AsyncSession,
        principal: Principal,
        flow: FlowRow,
        definition: Mapping[str, Any],
        *,
        consent: bool,
    ) -> frozenset[str]:
        """The scopes of what is really called; none where nothing is."""
        called = really_called(definition)
        if not called:
            return frozenset()
        if not consent:
            raise Invalid.field("consent", _ASKED, "Send true, or have these nodes answered by mocks")
        await self._authorizer.require(session, principal, Action.FLOW_PUBLISH, project_resource(flow.project_id))
        installed = await self._publication.installed(session, flow.project_id)
        return frozenset(scope for key in called if key in installed for scope in installed[key].scopes)

    async def _make(
        self,
        session: AsyncSession,
        principal: Principal,
        flow: FlowRow,
        definition: dict[str, Any],
        inputs: dict[str, Any],
        scopes: frozenset[str],
        name: str,
    ) -> str:
        project = await self._projects.find(session, flow.project_id)
        origin = Origin(OriginKind.MOCK, flow.id, f"draft {flow.draft_version}")
        order = Order(flow.id, flow.name, 0, definition, project, name[:200], inputs, scopes, origin=origin)
        return await self._maker.make(session, principal, order)


def _require_no_secrets(hidden: Collection[str], named: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """What is filled in here stands in the task for people to read. Raises InputsRefused."""
    problems = [
        FieldProblem(f"/inputs/{name}", "takes a secret, which the flow names", "Leave it out")
        for name in sorted(given.keys() & hidden)
        if given[name] != named.get(name)
    ]
    if problems:
        raise InputsRefused("; ".join(f"{each.field} {each.problem}" for each in problems), fields=problems)


def _literal(value: Any) -> Any:
    """A value that no `${…}` in it is read from."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value
