"""What a flow says about failures and time: retries, timeouts, going on all the same."""

import pytest

from orchestrator.engine.events import (
    CallbackReceived,
    ForceFailRequested,
    NodeResult,
    Outcome,
    PauseRequested,
    ResumeRequested,
    RevokeRequested,
    SkipRequested,
)
from orchestrator.engine.machine import resume
from tests.orchestrator.engine.play import Play, graph

LINE = ("start>a", "a>b", "b>end")
THRICE = {"retry": {"times": 2, "interval": 10, "factor": 3}}


def test_a_failed_attempt_is_repeated_after_a_pause_that_grows() -> None:
    play = Play(graph(*LINE, **THRICE)).fail("a", at=100.0)
    assert (play.seen["a"], play.status, play.run("a").due) == ("RETRYING", "RUNNING", 110.0)
    play.fire("a", 109.0)
    assert play.seen["a"] == "RETRYING"
    play.fire("a", 110.0)
    assert (play.seen["a"], play.run("a").attempt) == ("RUNNING", 2)
    play.fail("a", at=200.0)
    assert play.run("a").due == 230.0
    play.fire("a", 230.0)
    play.fail("a", "for good")
    assert (play.seen["a"], play.run("a").attempt, play.status) == ("FAILED", 3, "FAILED")


def test_a_node_that_waits_for_its_retry_can_be_retried_skipped_or_made_to_fail_at_once() -> None:
    drawn = graph(*LINE, **THRICE)
    assert Play(drawn).fail("a").retry("a").run("a").attempt == 2
    skipped = Play(drawn).fail("a")
    skipped.do(SkipRequested(2.0, "a"))
    assert (skipped.seen["a"], skipped.seen["b"]) == ("SKIPPED", "RUNNING")
    failed = Play(drawn).fail("a")
    failed.do(ForceFailRequested(2.0, "a"))
    assert (failed.seen["a"], failed.status) == ("FAILED", "FAILED")


def test_a_retry_that_is_due_while_the_task_is_paused_waits_for_it() -> None:
    play = Play(graph(*LINE, **THRICE)).fail("a", at=0.0)
    play.do(PauseRequested(1.0))
    play.fire("a", 10.0)
    assert play.status == "SUSPENDED"
    play.do(ResumeRequested(20.0))
    assert (play.seen["a"], play.run("a").attempt) == ("RUNNING", 2)


def test_a_revoked_task_retries_nothing() -> None:
    play = Play(graph(*LINE, **THRICE))
    play.do(RevokeRequested(0.0))
    assert play.fail("a").seen["a"] == "FAILED"
    waiting = Play(graph(*LINE, **THRICE)).fail("a")
    waiting.do(RevokeRequested(1.0))
    assert (waiting.seen["a"], waiting.state.live) == ("REVOKED", frozenset())


def test_a_retry_is_still_due_after_a_crash() -> None:
    play = Play(graph(*LINE, **THRICE)).fail("a", at=0.0)
    assert [getattr(effect, "at", None) for effect in resume(play.state)] == [10.0]


@pytest.mark.parametrize(("action", "state", "after"), [("fail", "FAILED", None), ("skip", "SKIPPED", "RUNNING")])
@pytest.mark.parametrize("outcome", [None, Outcome.POLL, Outcome.CALLBACK])
def test_a_node_whose_time_is_up_ends(action: str, state: str, after: str | None, outcome: Outcome | None) -> None:
    play = Play(graph(*LINE, nodes={"a": {"timeout": {"seconds": 60, "action": action}}}))
    if outcome is not None:
        play.answer("a", outcome, poll_at=500.0)
    run = play.run("a")
    assert run.due == 60.0
    play.fire("a", 59.0)
    assert play.run("a").state == run.state
    play.fire("a", 60.0)
    assert (play.seen["a"], play.seen.get("b")) == (state, after)
    if action == "fail":
        assert play.run("a").error == "took longer than 60 seconds"
    before = play.state
    play.do(NodeResult(61.0, "a", run.id, run.step, Outcome.FINISHED), CallbackReceived(61.0, "m", run.id, 1))
    assert (play.state.runs, play.last.settled[0].reason) == (before.runs, "the node run is over")


def test_a_poll_under_way_does_not_outlast_the_time_limit() -> None:
    play = Play(graph(*LINE, nodes={"a": {"timeout": {"seconds": 60}}}))
    play.answer("a", Outcome.POLL, poll_at=10.0)
    play.fire("a", 10.0)
    assert [getattr(effect, "at", None) for effect in play.last.effects] == [None, 60.0]
    play.fire("a", 60.0)
    assert play.seen["a"] == "FAILED"


def test_a_node_that_took_too_long_is_retried_with_its_whole_time() -> None:
    play = Play(graph(*LINE, nodes={"a": {"timeout": {"seconds": 60}, "retry": {"times": 1}}}))
    play.fire("a", 60.0)
    assert play.seen["a"] == "RETRYING"
    play.fire("a", 70.0)
    assert play.run("a").due == 130.0


def test_a_failure_that_is_ignored_keeps_what_the_node_left_and_tells_its_state() -> None:
    edges = ("start>a", "a>how", "how>b:nodes.a.state == 'IGNORED' && nodes.a.outputs.code == 3", "how>c:default")
    play = Play(graph(*edges, "b>end", "c>end", nodes={"a": {"on_failure": "ignore"}}))
    play.answer("a", Outcome.FAILED, outputs={"code": 3}, error="exit code 3")
    assert (play.seen["a"], play.run("a").error, play.seen["b"]) == ("IGNORED", "exit code 3", "RUNNING")
    assert play.finish("b").status == "FINISHED"


def test_a_failure_that_is_handed_on_takes_its_own_edge() -> None:
    edges = ("start>a", "a>b", "a>mend:failure", "mend>b", "b>end")
    drawn = graph(*edges, nodes={"a": {"on_failure": "handle"}})
    play = Play(drawn).fail("a")
    assert (play.seen["a"], play.seen["mend"], "b" in play.seen) == ("IGNORED", "RUNNING", False)
    assert play.finish("mend", "b").status == "FINISHED"
    well = Play(drawn).finish("a")
    assert (well.seen["mend"], well.seen["b"]) == ("NOT_TAKEN", "RUNNING")


def test_inputs_that_cannot_be_resolved_are_a_failure_like_any_other() -> None:
    drawn = graph(*LINE, inputs={"a": {"n": "${inputs.gone}"}}, nodes={"a": {"on_failure": "ignore", **THRICE}})
    play = Play(drawn)
    assert (play.seen["a"], play.seen["b"]) == ("IGNORED", "RUNNING")


def test_a_node_that_was_left_out_is_passed_over() -> None:
    play = Play(graph(*LINE, nodes={"a": {"optional": True}}, extra={"left_out": ["a"]}))
    assert (play.seen["a"], play.seen["b"], set(play.state.outputs)) == ("SKIPPED", "RUNNING", set())
