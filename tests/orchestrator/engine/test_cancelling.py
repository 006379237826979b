"""Runs that end before their plugins do: the plugins are told."""

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.engine.effects import CancelNode
from orchestrator.engine.events import ForceFailRequested, Outcome, RevokeRequested, TimerFired
from tests.orchestrator.engine.play import Play, document, graph

LIMITED = {"seconds": 5.0}
INSIDE = document("start>x", "x>end")
SUBFLOW = {"sub": {"kind": "subflow", "flow": "inside", "revision": 1}}
LOOP = {"each": {"kind": "map", "flow": "inside", "revision": 1, "items": [1, 2], "parallel": 2}}
EXTRA = {"subflows": {"inside@1": INSIDE}}


def cancelled(play: Play) -> list[CancelNode]:
    return [effect for effect in play.last.effects if isinstance(effect, CancelNode)]


def waiting(**settings: Any) -> Play:
    """A task whose node `a` is polled."""
    play = Play(graph("start>a", "a>end", **settings))
    play.answer("a", Outcome.POLL, storage={"job": 7}, poll_at=9.0)
    return play


def revoke(play: Play) -> None:
    play.do(RevokeRequested(2.0))


def force_fail(play: Play) -> None:
    play.do(ForceFailRequested(2.0, "a"))


def time_out(play: Play) -> None:
    play.fire("a", 6.0)


@pytest.mark.parametrize("action", ["fail", "skip"])
@pytest.mark.parametrize("end", [revoke, force_fail, time_out])
def test_a_run_that_ends_before_its_plugin_has_it_told(end: Callable[[Play], None], action: str) -> None:
    play = waiting(timeout={**LIMITED, "action": action})
    run = play.run("a").id
    end(play)
    assert cancelled(play) == [CancelNode("a", run, {"job": 7}, busy=False)]


def test_while_an_invocation_is_under_way_its_answer_may_tell_more() -> None:
    play = Play(graph("start>a", "a>end"))
    run = play.run("a").id
    play.do(ForceFailRequested(1.0, "a"))
    assert cancelled(play) == [CancelNode("a", run, None, busy=True)]


def test_a_run_that_comes_to_its_own_end_is_not_cancelled() -> None:
    finished, failed = waiting(), waiting()
    finished.do(TimerFired(9.0, "a", finished.run("a").id))
    failed.do(TimerFired(9.0, "a", failed.run("a").id))
    finished.finish("a")
    failed.fail("a")
    assert cancelled(finished) + cancelled(failed) == []


@pytest.mark.parametrize("settings", [{}, {"retry": {"times": 1, "interval": 1.0}}, {"on_failure": "ignore"}])
def test_a_plugin_that_could_not_be_asked_how_far_it_is_has_not_ended(settings: dict[str, Any]) -> None:
    play = waiting(**settings)
    run = play.run("a").id
    play.do(TimerFired(9.0, "a", run))
    play.fail("a", answered=False, storage={"job": 8})
    assert cancelled(play) == [CancelNode("a", run, {"job": 7}, busy=False)]


def test_of_a_plugin_that_never_answered_nobody_knows_what_to_cancel() -> None:
    play = Play(graph("start>a", "a>end"))
    play.fail("a", answered=False)
    assert cancelled(play) == []


def test_a_revoked_task_cancels_each_run_once() -> None:
    play = waiting(timeout={**LIMITED, "action": "fail"})
    revoke(play)
    time_out(play)
    assert (cancelled(play), play.seen["a"]) == ([], "FAILED")


@pytest.mark.parametrize("nodes", [SUBFLOW, LOOP])
def test_what_ends_with_its_subflow_or_loop_is_cancelled(nodes: dict[str, Any]) -> None:
    (container,) = nodes
    play = Play(graph(f"start>{container}", f"{container}>end", nodes=nodes, extra=EXTRA))
    inside = sorted(name for name, run in play.state.runs.items() if run.state == "RUNNING" and name.endswith(".x"))
    play.do(ForceFailRequested(2.0, container))
    assert [effect.node for effect in cancelled(play)] == inside
    assert inside


def test_what_no_plugin_works_for_is_ended_without_a_word() -> None:
    nodes = {"a": {"kind": "wait", "event": "ready", "key": "x"}}
    waits = Play(graph("start>a", "a>end", nodes=nodes))
    revoke(waits)
    tells = Play(graph("start>a", "a>end", nodes={"a": {"kind": "notify", "title": "x", "people": ["ann"]}}))
    revoke(tells)
    assert cancelled(waits) + cancelled(tells) == []


def test_a_run_answered_by_a_mock_has_nobody_to_tell() -> None:
    play = Play(graph("start>a", "a>end", mock={"outputs": {}}))
    revoke(play)
    assert cancelled(play) == []


def test_an_attempt_that_is_tried_again_for_its_time_was_up_is_cancelled() -> None:
    play = waiting(timeout={**LIMITED, "action": "fail"}, retry={"times": 1, "interval": 1.0})
    run = play.run("a").id
    time_out(play)
    assert [effect.run for effect in cancelled(play)] == [run]
    assert play.seen["a"] == "RETRYING"
