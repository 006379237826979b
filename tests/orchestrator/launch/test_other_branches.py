"""A task that begins in a branch, whatever the flow and wherever the earlier one failed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.states import NodeState
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Kept
from orchestrator.launch.beginning import beginning_at
from orchestrator.launch.errors import NodesRefused
from tests.orchestrator.engine.play import Play
from tests.orchestrator.engine.series import Choice, Fork, Series, Step, draw

PAST = {NodeState.FINISHED, NodeState.NOT_TAKEN}
steps = st.builds(lambda: Step(0, 0, 0, 0, ignored=False, skipped=False))
structures = st.recursive(
    steps,
    lambda inner: st.one_of(
        st.builds(Series, st.lists(inner, min_size=1, max_size=3)),
        st.builds(Fork, st.lists(inner, min_size=1, max_size=3)),
        st.builds(Fork, st.lists(inner, min_size=1, max_size=3), st.frozensets(st.integers(0, 2))),
        st.builds(Choice, st.lists(inner, min_size=1, max_size=3), st.integers(0, 3)),
    ),
    max_leaves=10,
)


def _play(graph: Graph, failing: str | None = None) -> Play:
    """A task in which every node ends well but one, until nothing of it works any more."""
    play = Play(graph)
    while play.state.live:
        node = min(play.state.live)
        play.fail(node) if node == failing else play.finish(node)
    return play


@given(structures, st.randoms(use_true_random=False))
def test_where_it_failed_a_task_goes_on_and_nothing_else_runs_again(structure: Any, chance: Any) -> None:
    graph, drawn = draw(structure)
    definition = write_flow(graph.flow)
    ran = [name for name, run in _play(graph).state.runs.items() if name in drawn and run.state in PAST and run.step]
    if not ran:
        return
    failing = chance.choice(ran)
    failed = _play(graph, failing)
    earlier = {name: Kept(run.state, run.outputs) for name, run in failed.state.runs.items() if run.state in PAST}
    again = _play(Graph(read_flow(beginning_at(definition, failing, earlier))))
    assert (again.status, again.state.forks) == ("FINISHED", {})
    assert again.run(failing).attempt == 1
    assert {name: again.run(name).attempt for name in earlier} == dict.fromkeys(earlier, 0)


@given(structures, st.randoms(use_true_random=False))
def test_wherever_a_task_is_let_begin_it_comes_to_its_end(structure: Any, chance: Any) -> None:
    graph, drawn = draw(structure)
    definition = write_flow(graph.flow)
    failed = _play(graph, chance.choice(sorted(drawn)))
    earlier = {name: Kept(run.state, run.outputs) for name, run in failed.state.runs.items() if run.state in PAST}
    for node in graph.members[""]:
        try:
            begun = beginning_at(definition, node, earlier)
        except NodesRefused:
            continue
        again = _play(Graph(read_flow(begun)))
        assert (again.status, again.state.forks) == ("FINISHED", {}), node
