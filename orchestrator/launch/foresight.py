"""What steps that only read would give, asked before a task is made.

Asked are plugins before which nothing changes and whose inputs are known: through the gateway, as the project and for
the person who looks, with what the flow was consented to and nothing more. A call that would change something is not
made.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Flow, Node, PluginNode, SubflowNode
from orchestrator.launch.review import HIDDEN, Foreseen, Review, previewed_steps

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
    advice: tuple[FieldProblem, ...] = ()


class Foresight:
    def __init__(self, invoker: PluginInvoker, seconds: float = SECONDS) -> None:
        self._invoker = invoker
        self._seconds = seconds

    async def review(self, outlook: Outlook) -> Review:
        """Hold no transaction meanwhile: what is asked may need the database."""
        foreseen = await self._foresee(outlook)
        values = {**outlook.values, "nodes": _nodes(foreseen)}
        steps = previewed_steps(outlook.flow, values, outlook.left_out, foreseen)
        return Review(outlook.revision, outlook.problems, steps, outlook.advice)

    async def _foresee(self, outlook: Outlook) -> dict[str, Foreseen]:
        graph, foreseen, changed = Graph(outlook.flow), dict[str, Foreseen](), set[str]()
        ends_at = asyncio.get_running_loop().time() + self._seconds
        for name in graph.order:
            node = graph.nodes[name]
            behind_change = any(edge.source in changed for edge in graph.incoming[name])
            if isinstance(node, PluginNode) and not behind_change and name not in outlook.left_out:
                seen = await self._look_at(outlook, node, foreseen, ends_at)
                if seen is not None:
                    foreseen[name] = seen
            if behind_change or _may_change(node, outlook.left_out, foreseen):
                changed.add(name)
        return foreseen

    async def _look_at(
        self, outlook: Outlook, node: PluginNode, foreseen: Mapping[str, Foreseen], ends_at: float
    ) -> Foreseen | None:
        """None for a plugin that is not to be asked."""
        inputs = _inputs(node, outlook.values, foreseen)
        if inputs is None or len(foreseen) == _MOST_ASKED:
            return None
        try:
            async with asyncio.timeout_at(ends_at):
                return await self._ask(outlook, node, inputs)
        except ChangesRefused:
            return None
        except TimeoutError:
            return Foreseen(error=f"there was no answer within {self._seconds:g} s")

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
                context={"task": outlook.values["task"], "project": outlook.values["project"]},
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


def _inputs(node: PluginNode, values: Mapping[str, Any], foreseen: Mapping[str, Foreseen]) -> Mapping[str, Any] | None:
    """None while one is not known, or is a secret."""
    try:
        inputs: Mapping[str, Any] = interpolate(dict(node.inputs), {**values, "nodes": _nodes(foreseen)})
    except ExpressionError:
        return None
    return None if _holds_secret(inputs) else inputs


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


def _may_change(node: Node, left_out: Collection[str], foreseen: Mapping[str, Foreseen]) -> bool:
    """Whether what is behind the node may find something else than there is now."""
    if node.id in left_out:
        return False
    if isinstance(node, PluginNode):
        return foreseen.get(node.id, Foreseen()).outputs is None
    return isinstance(node, SubflowNode)


def _nodes(foreseen: Mapping[str, Foreseen]) -> dict[str, Any]:
    return {
        name: {"outputs": seen.outputs, "state": "FINISHED", "loop": 1}
        for name, seen in foreseen.items()
        if seen.outputs is not None
    }
