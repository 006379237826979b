"""Random flows with flows inside: one task stops at random, and another goes on from a random node it had come to."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.engine.events import RevokeRequested, TaskStarted
from orchestrator.engine.model import State
from orchestrator.engine.states import KEEPING, NodeState, TaskState
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Kept, NodeKind
from orchestrator.flow.paths import ancestors
from orchestrator.launch.beginning import beginning_at
from orchestrator.launch.errors import NodesRefused
from orchestrator.launch.requests import Continuation
from tests.orchestrator.engine.driver import Driver, crash
from tests.orchestrator.engine.series import Fork, Inner, Loop, Step, draw, interpret, structures

PAST = KEEPING | {NodeState.SKIPPED, NodeState.NOT_TAKEN}
chances = st.integers(0, 2**32).map(random.Random)


def wrapped(part: Any, chance: random.Random) -> Any:
    """The part in flows inside, loops and branches."""
    for _ in range(chance.randint(1, 4)):
        beside = Step(0, 0, chance.randint(0, 1), 0, ignored=False, skipped=False)
        loop, fork = Loop(part, chance.randint(1, 3)), Fork([beside, part])
        part = chance.choice([Inner(part, None), Inner(part, None), loop, fork])
    return part


def stopped(graph: Graph, steps: dict[str, Step], chance: random.Random) -> State:
    """A task that came to its end, or was revoked on its way; nothing of it works any more."""
    driver = Driver(graph, steps, chance)
    driver.apply(TaskStarted(0.0))
    for _ in range(chance.choice([5, 20, 80, 2_000])):
        if driver.state.status is not TaskState.FINISHED:
            driver.step()
    if driver.state.status is not TaskState.FINISHED:
        driver.apply(RevokeRequested(driver.now))
    while driver.in_flight or driver.state.live:
        driver.quiet_step()
    return driver.state


def continued(state: State, node: str) -> Continuation:
    """What is read of the earlier task's rows."""
    earlier = {
        name: Kept(run.state, run.outputs, int(run.id.rpartition(".")[2]))
        for name, run in sorted(state.runs.items(), key=lambda item: int(item[1].id.rpartition(".")[2]))
        if run.state in PAST and "[" not in name
    }
    around = [name for name in ancestors(node) if name in state.runs]
    entered = {name: inputs for name in around if (inputs := state.runs[name].inputs) is not None}
    return Continuation(state.task_id, node, earlier, entered)


def chosen(graph: Graph, state: State, chance: random.Random) -> list[str]:
    """Nodes the earlier task had come to: one in a subflow where there is any, and one of all."""
    came_to = sorted(name for name, run in state.runs.items() if run.state is not NodeState.NOT_TAKEN)
    reached = [name for name in came_to if graph.nodes[name].kind not in {NodeKind.START, NodeKind.END}]
    inside = [name for name in reached if "." in name and "[" not in name]
    return [chance.choice(names) for names in (inside, reached) if names]


def goes_on_from_anywhere(structure: Any, chance: random.Random) -> None:
    drawn = wrapped(structure, chance)
    graph, steps = draw(drawn)
    expected = interpret(drawn, graph).states
    state = stopped(graph, steps, chance)
    for node in chosen(graph, state, chance):
        try:
            begun = beginning_at(write_flow(graph.flow), continued(state, node))
        except NodesRefused:
            continue
        driver = Driver(Graph(read_flow(begun)), steps, chance)
        driver.apply(TaskStarted(0.0))
        for _ in range(5_000):
            if driver.state.status is TaskState.FINISHED:
                break
            if chance.random() < 0.1:
                crash(driver)
            driver.step()
        assert driver.state.status is TaskState.FINISHED, node
        kept = begun["begin"]["kept"]
        assert set(graph.members[""]) <= set(driver.state.runs)
        for name, run in driver.state.runs.items():
            again = any(driver.state.runs[outer].loop > 1 for outer in ancestors(name))
            left = run.attempt == 0 and name in kept and not again  # otherwise a loop led to it
            assert run.state == (kept[name]["state"] if left else expected[name]), name
            assert run.attempt or left or run.state is NodeState.NOT_TAKEN, name


@settings(max_examples=60, deadline=None)
@given(structures, chances)
def test_wherever_a_task_is_let_begin_it_ends_as_a_whole_one(structure: Any, chance: random.Random) -> None:
    goes_on_from_anywhere(structure, chance)


@pytest.mark.deep
@settings(max_examples=2_000, deadline=None)
@given(structures, chances)
def test_in_two_thousand_flows_a_task_ends_as_a_whole_one(structure: Any, chance: random.Random) -> None:
    goes_on_from_anywhere(structure, chance)
