"""A task that begins in a branch, whatever the flow and wherever the earlier one failed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.events import RevokeRequested
from orchestrator.engine.states import NodeState
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Kept
from orchestrator.launch.beginning import beginning_at
from orchestrator.launch.errors import NodesRefused
from orchestrator.launch.requests import Continuation
from tests.orchestrator.engine.play import Play, graph
from tests.orchestrator.engine.series import Step, branchings, draw

PAST = {NodeState.FINISHED, NodeState.NOT_TAKEN}
steps = st.builds(lambda: Step(0, 0, 0, 0, ignored=False, skipped=False))
structures = st.recursive(steps, lambda inner: st.one_of(*branchings(inner)), max_leaves=10)


def _play(drawn: Graph, failing: str | None = None) -> Play:
    """A task in which every node ends well but one, until nothing of it works any more."""
    play = Play(drawn)
    while play.state.live:
        node = min(play.state.live)
        play.fail(node) if node == failing else play.finish(node)
    return play


def _earlier(play: Play) -> dict[str, Kept]:
    runs = {name: run for name, run in play.state.runs.items() if run.state in PAST}
    return {name: Kept(run.state, run.outputs, int(run.id.rpartition(".")[2])) for name, run in runs.items()}


@given(structures, st.randoms(use_true_random=False))
def test_where_it_failed_a_task_goes_on_and_nothing_else_runs_again(structure: Any, chance: Any) -> None:
    whole, drawn = draw(structure)
    definition = write_flow(whole.flow)
    ran = [name for name, run in _play(whole).state.runs.items() if name in drawn and run.state in PAST and run.step]
    if not ran:
        return
    failing = chance.choice(ran)
    failed = _play(whole, failing)
    earlier = _earlier(failed)
    again = _play(Graph(read_flow(beginning_at(definition, Continuation("t", failing, earlier)))))
    assert (again.status, again.state.forks) == ("FINISHED", {})
    assert again.run(failing).attempt == 1
    assert {name: again.run(name).attempt for name in earlier} == dict.fromkeys(earlier, 0)


@given(structures, st.randoms(use_true_random=False))
def test_wherever_a_task_is_let_begin_it_comes_to_its_end(structure: Any, chance: Any) -> None:
    whole, drawn = draw(structure)
    definition = write_flow(whole.flow)
    failed = _play(whole, chance.choice(sorted(drawn)))
    earlier = _earlier(failed)
    for node in whole.members[""]:
        try:
            begun = beginning_at(definition, Continuation("t", node, earlier))
        except NodesRefused:
            continue
        again = _play(Graph(read_flow(begun)))
        assert (again.status, again.state.forks) == ("FINISHED", {}), node


def test_what_an_earlier_pass_of_a_loop_came_to_is_not_taken_for_the_last_one() -> None:
    edges = ("start>fork", "fork>b", "fork>c", "c>x", "b>meet", "x>meet", "meet>how", "how>end:default")
    looped = graph(*edges, "how>fork:nodes.b.loop < 2")
    play = Play(looped).finish("b", "c", "x")
    play.do(RevokeRequested(1.0))
    earlier = _earlier(play.finish("b", "c"))
    assert "x" in earlier
    with pytest.raises(NodesRefused, match="another one had not got beyond x"):
        beginning_at(write_flow(looped.flow), Continuation("t", "b", earlier))
