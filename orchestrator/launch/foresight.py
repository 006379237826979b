"""What steps that only read would give, asked before a task is made.

Asked are plugins before which nothing changes and whose inputs are known, those in flows inside too: through the
gateway, as the project and for the person who looks, with what the flow was consented to and nothing more. A call that
would change something is not made.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kernel.contracts.plugin_invoker import (
    ChangesRefused,
    PluginCall,
    PluginInvoker,
    PluginResult,
    PluginState,
    PluginUnavailable,
)
from kernel.errors import FieldProblem
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from kernel.ids import new_id
from orchestrator.engine.kinds.subflow import InputsUnfit, fitting
from orchestrator.flow.constants import with_constants
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DECIDING, Flow, MapNode, PluginNode, SubflowNode
from orchestrator.flow.paths import local, scope_of
from orchestrator.launch.review import HIDDEN, Foreseen, Review, previewed_steps, shown_inputs
from orchestrator.runtime.outputs import outputs_of

SECONDS: Final = 5.0
"""For all steps of one look together."""
_MOST_ASKED: Final = 20
_MOST_TURNS: Final = 10
"""Invocations of one plugin that makes several calls."""
_REVIEW: Final = "review"
"""Stands for the task that there is none of."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A launch that was looked at, and what asking its steps takes.

    Attributes:
        person: who looks.
        values: as templates see them, without secrets.
        context: what plugins are told of task and project.
        advice: see `Review`.
    """

    revision: int
    problems: tuple[FieldProblem, ...]
    flow: Flow
    left_out: frozenset[str]
    project_id: str
    person: str
    scopes: frozenset[str]
    values: Mapping[str, Any]
    context: Mapping[str, Any]
    advice: tuple[FieldProblem, ...] = ()


class Foresight:
    def __init__(self, invoker: PluginInvoker, seconds: float = SECONDS) -> None:
        self._invoker = invoker
        self._seconds = seconds

    async def review(self, outlook: Outlook) -> Review:
        """Hold no transaction meanwhile: what is asked may need the database."""
        graph = Graph(outlook.flow)
        ends_at = asyncio.get_running_loop().time() + self._seconds
        look = _Look(outlook, graph, _steps_by_flow(graph), ends_at)
        await self._go_through(look, "", outlook.values)
        values = look.values("", outlook.values)
        steps = tuple(previewed_steps(graph, values, outlook.left_out, look.foreseen))
        return Review(outlook.revision, outlook.problems, steps, outlook.advice)

    async def _go_through(self, look: "_Look", scope: str, values: Mapping[str, Any]) -> bool:
        """Asks the steps of one flow, and those of the flows inside it.

        Args:
            scope: path of the node the flow lies in.
            values: what its templates see, but for its nodes.

        Returns:
            Whether it changes nothing, as far as can be told.
        """
        changed = set[str]()
        for name in look.order[scope]:
            behind_change = any(edge.source in changed for edge in look.graph.incoming[name])
            runs = name not in look.outlook.left_out
            if behind_change or (runs and await self._changes(look, name, values)):
                changed.add(name)
        return not changed

    async def _changes(self, look: "_Look", name: str, values: Mapping[str, Any]) -> bool:
        """Looks at one node. Whether what is behind it may find something else than there is now."""
        node = look.graph.nodes[name]
        if isinstance(node, PluginNode):
            seen = await self._look_at(look, node, look.inputs(name, node.inputs, values))
            if seen is not None:
                look.foreseen[name] = seen
            return seen is None or seen.outputs is None
        if isinstance(node, MapNode):
            return True
        return isinstance(node, SubflowNode) and not await self._enter(look, name, node, values)

    async def _enter(self, look: "_Look", name: str, node: SubflowNode, values: Mapping[str, Any]) -> bool:
        """Whether the flow inside changes nothing. What it gives is known where no condition decides."""
        inner, given = look.graph.flows.get(name), look.inputs(name, node.inputs, values)
        if inner is None or given is None:
            return False
        try:
            inputs = fitting(look.graph, name, dict(given))
        except InputsUnfit as error:
            look.foreseen[name] = Foreseen(error=str(error), inputs=given)
            return False
        seen = {**values, "inputs": shown_inputs(inner, inputs)}
        if not await self._go_through(look, name, seen):
            return False
        if not any(found.kind in DECIDING for found in inner.nodes):
            look.foreseen[name] = Foreseen(outputs_of(inner, look.values(name, seen)), inputs=given)
        return True

    async def _look_at(self, look: "_Look", node: PluginNode, inputs: Mapping[str, Any] | None) -> Foreseen | None:
        """None for a plugin that is not to be asked."""
        if inputs is None or _holds_secret(inputs) or look.asked == _MOST_ASKED:
            return None
        try:
            async with asyncio.timeout_at(look.ends_at):
                seen = await self._ask(look.outlook, node, inputs)
        except ChangesRefused:
            return None
        except TimeoutError:
            seen = Foreseen(error=f"there was no answer within {self._seconds:g} s")
        look.asked += 1
        return replace(seen, inputs=inputs)

    async def _ask(self, outlook: Outlook, node: PluginNode, inputs: Mapping[str, Any]) -> Foreseen:
        run = new_id()
        storage: Mapping[str, Any] = {}
        for turn in range(_MOST_TURNS):
            call = PluginCall(
                node_run_id=run,
                task_id=_REVIEW,
                project_id=outlook.project_id,
                plugin=node.plugin,
                version=node.version,
                inputs=inputs,
                context=outlook.context,
                scopes=outlook.scopes,
                on_behalf_of=outlook.person,
                callback_url="",
                storage=storage,
                reads_only=True,
            )
            try:
                result = await (self._invoker.poll(call) if turn else self._invoker.execute(call))
            except PluginUnavailable as error:
                return Foreseen(error=str(error))
            if result.state is not PluginState.POLL:
                return _seen(result)
            storage = result.storage
            await asyncio.sleep(result.poll_after_seconds or 0)
        return Foreseen(error=f"it had given nothing after it was asked {_MOST_TURNS} times")


def _seen(result: PluginResult) -> Foreseen:
    match result.state:
        case PluginState.SUCCESS:
            return Foreseen(outputs=result.outputs)
        case PluginState.FAIL:
            return Foreseen(error=result.error or "it failed")
        case _:
            raise ChangesRefused("what calls back is not done by reading")


def _holds_secret(value: Any) -> bool:
    match value:
        case str():
            return HIDDEN in value
        case Mapping():
            return any(map(_holds_secret, value.values()))
        case list():
            return any(map(_holds_secret, value))
        case _:
            return False


def _steps_by_flow(graph: Graph) -> Mapping[str, Sequence[str]]:
    """Path of a flow → paths of its nodes, so that every edge leads onwards, but for those that lead back."""
    order: dict[str, list[str]] = {path: [] for path in graph.flows}
    for name in graph.order:
        order[scope_of(name)].append(name)
    return order


@dataclass(slots=True)
class _Look:
    """What is known so far.

    Attributes:
        order: see `_steps_by_flow`.
        ends_at: of the event loop's clock.
        asked: plugins that were asked.
    """

    outlook: Outlook
    graph: Graph
    order: Mapping[str, Sequence[str]]
    ends_at: float
    foreseen: dict[str, Foreseen] = field(default_factory=dict)
    asked: int = 0

    def values(self, scope: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the templates of one flow see: these values, its nodes and its constants."""
        nodes = {
            local(path): {"outputs": seen.outputs, "state": "FINISHED", "loop": 1}
            for path, seen in self.foreseen.items()
            if seen.outputs is not None and scope_of(path) == scope
        }
        return with_constants({**values, "nodes": nodes}, self.graph.flows[scope])

    def inputs(self, name: str, templates: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Those of a node; none while one is not known."""
        try:
            inputs: Mapping[str, Any] = interpolate(dict(templates), self.values(scope_of(name), values))
        except ExpressionError:
            return None
        return inputs
