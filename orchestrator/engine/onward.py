"""Where a run leads when it is over: along its edges, or back to the loop whose item it was."""

from collections.abc import Mapping
from typing import Any

from orchestrator.engine import loops
from orchestrator.engine.deciding import mark_not_taken
from orchestrator.engine.model import Run, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work


def finish(work: Work, run: Run, outputs: Mapping[str, Any], **left: Any) -> None:
    """The run has come to a good end; ``left`` is what else it left behind."""
    finished = run._replace(
        state=NodeState.FINISHED,
        busy=False,
        due=None,
        callback=None,
        outputs=outputs,
        finished=work.now,
        **left,
    )
    work.put(finished)
    work.keep_outputs(finished)
    go_on(work, finished)


def go_on(work: Work, run: Run) -> None:
    """A token onwards; what lies behind the edge for failures is not reached for it."""
    if run.node.endswith("]"):
        _item_over(work, run)
        return
    work.send(run.node, run.fork)
    edges = work.graph.outgoing[run.node]
    if len(edges) > 1:
        mark_not_taken(work, run.node, [edge for edge in edges if edge.failure])


def item_path(loop: str, index: int) -> str:
    return f"{loop}[{index}]"


def _item_over(work: Work, item: Run) -> None:
    """Begins the next item, or ends the loop with the last one."""
    loop = work.runs[item.node.rpartition("[")[0]]
    begun, over, total = loops.progress_of(loop)
    over += 1
    if begun < total:
        work.tokens.append(Token(item_path(loop.node, begun), None))
        begun += 1
    loop = loops.at(loop, loops.Progress(begun, over, total))
    work.count(loop)
    if over == total:
        finish(work, loop, {"items": outputs_of_items(work, loop.node, total)})


def outputs_of_items(work: Work, loop: str, total: int) -> list[Mapping[str, Any] | None]:
    """In the order of the list; none for an item that was passed over."""
    return [work.runs[item_path(loop, index)].outputs for index in range(total)]
