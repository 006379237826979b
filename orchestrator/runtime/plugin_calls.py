"""What a plugin is called with for a node run, and by whose rights."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.plugin_invoker import PluginCall, PluginUnavailable
from kernel.secret_handles import handles_in
from kernel.secrets import SecretUnreadable
from orchestrator.engine.kinds.notify import SENDER
from orchestrator.flow.executors import ConsentMissing, Standing, executor_of, standing_inside
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Node, NotifyNode, PluginNode
from orchestrator.runtime.facts import TaskFacts


class OpensSecrets(Protocol):
    async def open(self, owner: str, handles: Iterable[str]) -> Mapping[str, str]:
        """Handle → the secret, of those that are the task's. Raises SecretUnreadable."""
        ...


class OpensProjectSecrets(Protocol):
    def handles(self, task_id: str, names: Collection[str]) -> Mapping[str, str]:
        """Name → what stands for it in the task."""
        ...

    async def open(
        self, project_id: str, task_id: str, names: Collection[str], handles: Collection[str]
    ) -> Mapping[str, str]:
        """Handle → the secret, of those that stand for one of these names.

        Raises:
            PluginUnavailable, SecretUnreadable.
        """
        ...


class AsksConsent(Protocol):
    async def scopes(self, project_id: str, task_id: str, username: str, inner: Standing | None) -> frozenset[str]:
        """What a node may call in the person's name. Raises ConsentMissing."""
        ...


class RunOfNode(NamedTuple):
    """Attributes:
    node: path of the node.
    storage: what an earlier invocation of the run kept.
    """

    id: str
    node: str
    inputs: Mapping[str, Any]
    storage: Mapping[str, Any]


def call_of(facts: TaskFacts, graph: Graph, run: RunOfNode, callback_url: str, *, ending: bool) -> PluginCall:
    """Without secrets and consent: see `CallRights`."""
    code, version = _called_by(graph.nodes[run.node])
    executor = executor_of(graph, run.node, facts.created_by)
    return PluginCall(
        node_run_id=run.id,
        task_id=facts.id,
        project_id=facts.project_id,
        plugin=code,
        version=version,
        inputs=run.inputs,
        context=facts.context,
        scopes=facts.scopes,
        on_behalf_of=executor,
        callback_url=callback_url,
        storage=run.storage,
        ending=ending,
        launched_by=facts.created_by if executor != facts.created_by else "",
    )


class CallRights:
    """What a call may carry and use, as it is at the moment of calling.

    Args:
        secrets: opens what stands sealed among a task's inputs.
        consents: says what may be called in other names than the launcher's; without it nothing may.
        of_project: opens what stands for secrets of the task's project.
    """

    def __init__(
        self,
        secrets: OpensSecrets | None,
        consents: AsksConsent | None,
        of_project: OpensProjectSecrets | None = None,
    ) -> None:
        self._secrets = secrets
        self._consents = consents
        self._of_project = of_project

    def project_secrets(self, task_id: str, graph: Graph) -> Mapping[str, str]:
        """Name of each secret of its project that a task refers to → what its templates see in the secret's place."""
        names = graph.flow.project_secrets
        return self._of_project.handles(task_id, names) if names and self._of_project is not None else {}

    async def given(self, call: PluginCall, graph: Graph, node: str) -> PluginCall:
        """The call with the secrets among its inputs, and what its executor has consented to.

        Raises:
            PluginUnavailable: the database is away, or the source of a secret.
            SecretUnreadable: a secret is gone, or its root key.
            ConsentMissing: the person in whose name it is made has not consented to it.
        """
        if call.launched_by:
            call = await self._with_consent(call, standing_inside(graph, node))
        return await self._with_secrets(call, graph) if graph.asks_secrets or graph.flow.project_secrets else call

    async def _with_secrets(self, call: PluginCall, graph: Graph) -> PluginCall:
        handles = handles_in(call.inputs)
        if not handles or self._secrets is None:
            return call
        opened: dict[str, str] = {}
        try:
            if self._of_project is not None and (names := graph.flow.project_secrets):
                opened |= await self._of_project.open(call.project_id, call.task_id, names, handles)
            if filled_in := handles - opened.keys():
                opened |= await self._secrets.open(call.task_id, filled_in)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        if len(opened) < len(handles):
            raise SecretUnreadable("A secret among the inputs is no longer kept; change the task's inputs and retry")
        return replace(call, secrets=opened)

    async def _with_consent(self, call: PluginCall, inner: Standing | None) -> PluginCall:
        if self._consents is None:
            raise ConsentMissing(f"nothing may be called in the name of {call.on_behalf_of} here")
        try:
            consented = await self._consents.scopes(call.project_id, call.task_id, call.on_behalf_of, inner)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        return replace(call, consented=consented)


def _called_by(node: Node) -> tuple[str, str]:
    """Code and version of what a node calls."""
    match node:
        case PluginNode():
            return node.plugin, node.version
        case NotifyNode():
            return SENDER, ""
        case _:
            raise TypeError(f"{node.label} calls nothing")
