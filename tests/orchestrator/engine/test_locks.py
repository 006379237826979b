"""Nodes that wait for a lock: they line up, begin when it is their turn, and let go of it at their end."""

import pytest

from orchestrator.engine.effects import ExecuteNode, WaitingChanged
from orchestrator.engine.events import (
    ForceFailRequested,
    LockGranted,
    PauseRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
)
from tests.orchestrator.engine.play import Play, document, graph

LOCK = {"lock": {"key": "host-${inputs.host}", "limit": 2}}


def _begun(**own: object) -> Play:
    return Play(graph("start>a", "a>b", "b>end", nodes={"a": {**LOCK, **own}}), host="db1")


def _grant(play: Play, node: str = "a", message: str = "m1") -> None:
    play.do(LockGranted(1.0, message, play.run(node).id))


def test_a_node_waits_begins_as_the_run_it_is_and_lets_go_at_its_end() -> None:
    play = _begun()
    waiting = play.run("a")
    assert (waiting.state, waiting.lock, waiting.storage) == ("WAITING_LOCK", "host-db1", {"limit": 2})
    assert (play.status, play.last.effects) == ("RUNNING", (WaitingChanged("a"),))
    _grant(play)
    running = play.run("a")
    assert (running.id, running.state, running.lock, running.attempt) == (waiting.id, "RUNNING", "host-db1", 1)
    assert isinstance(play.last.effects[0], ExecuteNode)
    play.finish("a")
    assert play.run("a").lock is None
    assert WaitingChanged("a") in play.last.effects
    assert play.seen["b"] == "RUNNING"


def test_a_grant_that_comes_again_or_too_late_changes_nothing() -> None:
    play = _begun()
    _grant(play)
    _grant(play, message="m2")
    assert [settled.reason is None for settled in play.last.settled] == [False]
    assert not play.last.changes


@pytest.mark.parametrize("operation", [SkipRequested, ForceFailRequested])
@pytest.mark.parametrize("is_granted", [False, True])
def test_a_node_that_is_ended_by_people_holds_nothing(operation: type, *, is_granted: bool) -> None:
    play = _begun()
    if is_granted:
        _grant(play)
        play.fail("a")
        assert play.run("a").lock is None, "a failed node waits for people, and others must not wait with it"
        return
    play.do(operation(2.0, "a"))
    assert play.run("a").lock is None
    assert WaitingChanged("a") in play.last.effects


def test_a_revoked_task_waits_for_no_lock() -> None:
    play = _begun()
    play.do(RevokeRequested(2.0))
    assert (play.run("a").state, play.run("a").lock) == ("REVOKED", None)


def test_another_attempt_lines_up_again_with_the_inputs_it_was_asked_with() -> None:
    play = _begun(inputs={"x": 1})
    _grant(play)
    play.fail("a")
    play.do(RetryRequested(3.0, "a", {"x": 2}))
    again = play.run("a")
    assert (again.state, again.attempt, again.lock) == ("WAITING_LOCK", 2, "host-db1")
    _grant(play, message="m2")
    assert play.run("a").inputs == {"x": 2}


def test_between_attempts_by_itself_others_have_their_turn() -> None:
    play = _begun(retry={"times": 1, "interval": 5})
    _grant(play)
    play.fail("a")
    assert (play.run("a").state, play.run("a").lock) == ("RETRYING", None)
    play.fire("a", 6.0)
    assert play.run("a").state == "WAITING_LOCK"


def test_in_a_suspended_task_it_begins_when_that_resumes() -> None:
    play = _begun()
    play.do(PauseRequested(1.0))
    _grant(play)
    assert (play.run("a").state, play.run("a").lock) == ("WAITING_LOCK", "host-db1")
    play.do(ResumeRequested(2.0))
    assert play.run("a").state == "RUNNING"


def test_a_key_without_a_value_fails_the_node() -> None:
    drawn = graph("start>a", "a>end", nodes={"a": {"lock": {"key": "${inputs.gone}"}}})
    assert Play(drawn).run("a").state == "FAILED"


def test_a_subflow_that_waits_to_be_run_again_has_forgotten_what_ran_inside() -> None:
    inner = document("start>x", "x>y", "y>end")
    sub = {"kind": "subflow", "flow": "inner", "revision": 1, "lock": {"key": "db"}}
    play = Play(graph("start>sub", "sub>end", nodes={"sub": sub}, extra={"subflows": {"inner@1": inner}}))
    _grant(play, "sub")
    play.finish("sub.x").fail("sub.y").do(RetryRequested(2.0, "sub"))
    assert play.seen == {"start": "FINISHED", "sub": "WAITING_LOCK"}
    _grant(play, "sub", "m2")
    assert play.finish("sub.x", "sub.y").status == "FINISHED"
