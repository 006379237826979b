"""Random flows, random failures, operations, duplicates and delays against the reference interpreter."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.engine.effects import NodeChange, TaskChange
from orchestrator.engine.events import RetryRequested, RevokeRequested, SkipRequested, TaskStarted
from orchestrator.engine.states import KEEPING, NodeState, TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import StepNode
from tests.orchestrator.engine.driver import Driver, crash
from tests.orchestrator.engine.series import draw, interpret, structures

chances = st.integers(0, 2**32).map(random.Random)
OVER = KEEPING | {NodeState.SKIPPED}


@settings(max_examples=250, deadline=None)
@given(structures, chances)
def test_every_order_of_events_gives_the_history_of_the_reference(structure: Any, chance: random.Random) -> None:
    play_to_the_end(structure, chance)


@pytest.mark.deep
@settings(max_examples=10_000, deadline=None)
@given(structures, chances)
def test_ten_thousand_flows_give_the_history_of_the_reference(structure: Any, chance: random.Random) -> None:
    play_to_the_end(structure, chance)


def play_to_the_end(structure: Any, chance: random.Random) -> None:
    graph, steps = draw(structure)
    expected = interpret(structure, graph)
    driver = Driver(graph, steps, chance)
    driver.apply(TaskStarted(0.0))
    driver.apply(TaskStarted(0.0))
    for _ in range(5_000):
        if driver.state.status is TaskState.FINISHED:
            break
        driver.step()
    state = driver.state
    assert state.status is TaskState.FINISHED
    assert driver.ended == [TaskState.FINISHED]
    assert {name: str(run.state) for name, run in state.runs.items()} == expected.states
    assert {name: driver.own_attempt(state.runs[name]) for name in expected.attempts} == expected.attempts
    kept = {name for name, end in expected.states.items() if end in KEEPING and _has_outputs(graph, name)}
    assert {*state.outputs, *(f"{scope}.{name}" for scope, nodes in state.scoped.items() for name in nodes)} == kept
    assert set(driver.executed.values()) <= {1}
    begun = {change.node: change.sequence for change in reversed(driver.changes) if isinstance(change, NodeChange)}
    over = {
        change.node: change.sequence
        for change in driver.changes
        if isinstance(change, NodeChange)
        if change.state in OVER
    }
    assert [pair for pair in expected.before if over[pair[0]] >= begun[pair[1]]] == []
    assert set(driver.settled.values()) <= {1}
    assert not state.callbacks


@settings(max_examples=150, deadline=None)
@given(structures, chances, st.integers(0, 30))
def test_nothing_begins_while_suspended_and_never_again_after_a_revoke(
    structure: Any, chance: random.Random, moment: int
) -> None:
    graph, steps = draw(structure)
    driver = Driver(graph, steps, chance)
    driver.apply(TaskStarted(0.0))
    for _ in range(moment):
        if driver.state.status is not TaskState.FINISHED:
            driver.step()
    if driver.state.status is TaskState.FINISHED:
        return
    driver.apply(RevokeRequested(driver.now))
    counter = driver.state.counter
    while driver.in_flight or [move for move in driver.moves() if not isinstance(move, RetryRequested | SkipRequested)]:
        driver.quiet_step()
    assert driver.state.status is TaskState.REVOKED
    assert driver.state.counter == counter
    assert not driver.state.live
    suspended = False
    for change in driver.changes:
        if isinstance(change, TaskChange):
            suspended = change.state is TaskState.SUSPENDED
        elif isinstance(change, NodeChange) and suspended:
            assert change.state is not NodeState.RUNNING


@settings(max_examples=100, deadline=None)
@given(structures, chances)
def test_a_crash_at_any_moment_loses_nothing(structure: Any, chance: random.Random) -> None:
    """The process dies with everything in flight; the next one repeats it under the same run ids."""
    graph, steps = draw(structure)
    expected = interpret(structure, graph)
    driver = Driver(graph, steps, chance)
    driver.apply(TaskStarted(0.0))
    for _ in range(5_000):
        if driver.state.status is TaskState.FINISHED:
            break
        if chance.random() < 0.2:
            crash(driver)
        driver.step()
    assert driver.state.status is TaskState.FINISHED
    assert {name: str(run.state) for name, run in driver.state.runs.items()} == expected.states
    assert set(driver.settled.values()) <= {1}


def _has_outputs(graph: Graph, path: str) -> bool:
    return isinstance(graph.nodes[path], StepNode) and not path.endswith("]")
