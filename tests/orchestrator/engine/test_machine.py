import json

import pytest

from orchestrator.engine.effects import (
    DeliverCallback,
    ExecuteNode,
    NodeChange,
    OperationDone,
    PollNode,
    Settled,
)
from orchestrator.engine.events import (
    CallbackReceived,
    NodeResult,
    Operation,
    Outcome,
    PauseRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
    TaskStarted,
    TimerFired,
)
from orchestrator.engine.machine import advance
from orchestrator.engine.model import State, Surroundings
from orchestrator.engine.states import NodeState, TaskState
from tests.orchestrator.engine.play import Play, graph


def test_outputs_become_the_inputs_of_what_follows() -> None:
    play = Play(
        graph("start>a", "a>b", "b>end", inputs={"a": {"n": "${inputs.n}"}, "b": {"x": "got ${nodes.a.outputs.y[0]}"}}),
        n=7,
    )
    assert play.last.effects == (ExecuteNode("a", "t.2", 1, {"n": 7}),)
    play.answer("a", outputs={"y": ["z"]})
    assert play.last.effects == (ExecuteNode("b", "t.3", 1, {"x": "got z"}),)
    play.answer("b")
    assert play.state.status is TaskState.FINISHED


def test_inputs_that_cannot_be_resolved_fail_the_node_and_a_retry_with_inputs_mends_it() -> None:
    play = Play(graph("start>a", "a>end", inputs={"a": {"n": "${inputs.missing}", "m": "${inputs.n}"}}), n=7)
    run = play.state.runs["a"]
    assert (run.state, play.state.status) == (NodeState.FAILED, TaskState.FAILED)
    assert "inputs has no 'missing'" in (run.error or "")
    play.do(RetryRequested(2.0, "a", {"n": "${HOME} stays"}, actor="ann"))
    assert play.last.effects == (ExecuteNode("a", "t.3", 1, {"n": "${HOME} stays", "m": 7}),)
    assert play.state.runs["a"].attempt == 2
    assert [change.actor for change in play.last.changes if isinstance(change, OperationDone)] == ["ann"]


@pytest.mark.parametrize(
    ("n", "taken", "error"),
    [
        (1, "a", ""),
        (5, "b", ""),
        (9, None, "several conditions hold, one may: how-a, how-b"),
        (0, None, "no condition holds and there is no default edge"),
        ("x", None, "No such overload"),
    ],
)
def test_an_exclusive_takes_the_one_edge_that_holds(n: object, taken: str | None, error: str) -> None:
    play = Play(graph("start>how", "how>a:inputs.n in [1, 9]", "how>b:inputs.n >= 5", "a>end", "b>end"), n=n)
    if taken is None:
        assert play.seen == {"start": "FINISHED", "how": "FAILED"}
        assert error in (play.state.runs["how"].error or "")
        assert play.state.status is TaskState.FAILED
    else:
        other = "b" if taken == "a" else "a"
        assert play.seen == {"start": "FINISHED", "how": "FINISHED", taken: "RUNNING", other: "NOT_TAKEN"}


def test_the_default_edge_is_taken_when_nothing_holds() -> None:
    play = Play(graph("start>how", "how>a:inputs.n > 3", "how>b:default", "a>end", "b>end"), n=1)
    assert play.seen["b"] == "RUNNING"
    assert play.state.runs["a"].attempt == 0


def test_a_join_waits_for_every_branch_whatever_way_each_takes() -> None:
    drawn = graph(
        "start>fork",
        "fork>a",
        "fork>how",
        "how>b:inputs.n == 1",
        "how>meet:default",
        "a>meet",
        "b>meet",
        "meet>c",
        "c>end",
    )
    play = Play(drawn, n=2)
    assert play.seen == {"start": "FINISHED", "fork": "FINISHED", "how": "FINISHED", "a": "RUNNING", "b": "NOT_TAKEN"}
    play.answer("a", Outcome.FAILED, error="no disk")
    assert (play.state.status, play.state.runs["a"].error) == (TaskState.FAILED, "no disk")
    play.do(SkipRequested(2.0, "a"))
    assert play.seen["meet"] == "FINISHED"
    assert play.seen["c"] == "RUNNING"
    assert "a" not in play.state.outputs
    assert play.state.forks == {}


def test_a_task_is_failed_only_when_nothing_else_can_move() -> None:
    play = Play(graph("start>fork", "fork>a", "fork>b", "a>meet", "b>meet", "meet>end"))
    play.answer("a", Outcome.FAILED)
    assert play.state.status is TaskState.RUNNING
    play.answer("b")
    assert play.state.status is TaskState.FAILED


def test_pause_lets_running_nodes_finish_and_holds_what_follows() -> None:
    play = Play(graph("start>a", "a>b", "b>end"))
    play.do(PauseRequested(1.0))
    assert play.state.status is TaskState.SUSPENDED
    play.answer("a")
    assert "b" not in play.state.runs
    play.do(ResumeRequested(2.0))
    assert (play.state.status, play.seen["b"]) == (TaskState.RUNNING, "RUNNING")


def test_a_retry_while_suspended_waits_and_is_not_taken_twice() -> None:
    play = Play(graph("start>a", "a>end"))
    play.answer("a", Outcome.FAILED)
    play.do(PauseRequested(1.0))
    play.do(RetryRequested(1.0, "a", {"x": 1}))
    assert play.last.effects == ()
    assert "as soon as the task resumes" in play.refused(RetryRequested(1.0, "a"))
    play.do(ResumeRequested(2.0))
    assert play.last.effects == (ExecuteNode("a", "t.3", 1, {"x": 1}),)


def test_revoke_lets_running_nodes_finish_and_begins_no_other() -> None:
    play = Play(graph("start>a", "a>b", "b>end"))
    play.do(RevokeRequested(1.0))
    play.answer("a", outputs={"x": 1})
    assert play.seen == {"start": "FINISHED", "a": "FINISHED"}
    assert play.state.status is TaskState.REVOKED
    assert "cannot resume" in play.refused(ResumeRequested(2.0))


def test_a_task_revoked_before_its_start_never_starts() -> None:
    drawn = graph("start>a", "a>end")
    advanced = advance(drawn, State("t"), [RevokeRequested(1.0), TaskStarted(1.0)], Surroundings())
    assert advanced.state.status is TaskState.REVOKED
    assert advanced.effects[1:] == ()
    assert advanced.state.runs == {}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (RetryRequested(1.0, "a"), "only a FAILED or RETRYING"),
        (SkipRequested(1.0, "a"), "only a FAILED or RETRYING"),
        (SkipRequested(1.0, "end"), "is PENDING"),
        (RetryRequested(1.0, "gone"), "no node 'gone'"),
        (ResumeRequested(1.0), "RUNNING cannot resume"),
    ],
)
def test_an_illegal_operation_is_refused_with_its_reason(operation: Operation, words: str) -> None:
    assert words in Play(graph("start>a", "a>end")).refused(operation)


def test_what_the_flow_forbids_is_refused() -> None:
    play = Play(graph("start>a", "a>end", retryable=False, skippable=False))
    play.answer("a", Outcome.FAILED)
    assert "does not allow to retry a" in play.refused(RetryRequested(1.0, "a"))
    assert "does not allow to skip a" in play.refused(SkipRequested(1.0, "a"))


def test_a_failed_gateway_can_be_retried_and_not_skipped() -> None:
    play = Play(graph("start>how", "how>a:inputs.n == 1", "a>end"), n=2)
    assert "cannot be skipped" in play.refused(SkipRequested(1.0, "how"))
    play.do(RetryRequested(1.0, "how"))
    assert play.state.runs["how"].attempt == 2


def test_an_illegal_operation_settles_its_message_with_the_reason() -> None:
    play = Play(graph("start>a", "a>end"))
    play.do(ResumeRequested(1.0, message="m1"), PauseRequested(1.0, message="m2"))
    assert play.last.settled == (Settled("m1", "a task that is RUNNING cannot resume"), Settled("m2"))


def test_stale_and_repeated_answers_change_nothing() -> None:
    play = Play(graph("start>a", "a>b", "b>end"))
    stale = NodeResult(1.0, "a", "t.2", 1, Outcome.FAILED)
    play.do(stale)
    play.do(RetryRequested(2.0, "a"))
    before = play.state
    for event in (
        stale,
        NodeResult(1.0, "a", "t.3", 0, Outcome.FINISHED),
        NodeResult(1.0, "gone", "t.9", 1, Outcome.FINISHED),
    ):
        advanced = play.do(event)
        assert (play.state, advanced.durable, advanced.effects) == (before, False, ())


def test_polling_asks_again_when_due_and_only_then() -> None:
    play = Play(graph("start>a", "a>end"))
    play.answer("a", Outcome.POLL, storage={"job": 1}, poll_at=5.0)
    assert play.seen["a"] == "POLLING"
    assert play.do(TimerFired(4.0, "a", "t.2")).effects == ()
    assert play.do(TimerFired(5.0, "a", "t.2")).effects == (PollNode("a", "t.2", 2, {}, {"job": 1}),)
    assert play.do(TimerFired(6.0, "a", "t.2")).effects == ()
    play.answer("a", Outcome.POLL, storage={"job": 1}, poll_at=9.0)
    assert not play.last.durable
    assert play.last.changes == ()
    play.do(TimerFired(9.0, "a", "t.2"))
    play.answer("a", outputs={"log": "ok"})
    assert play.state.outputs["a"] == {"outputs": {"log": "ok"}, "state": "FINISHED", "loop": 1}


def test_a_callback_that_comes_before_the_answer_is_kept_and_delivered_after_it() -> None:
    play = Play(graph("start>a", "a>end"))
    play.do(CallbackReceived(1.0, "m1", "t.2", {"status": 3}))
    play.do(CallbackReceived(1.0, "m1", "t.2", {"status": 3}))
    assert (play.last.effects, play.last.settled) == ((), ())
    play.answer("a", Outcome.CALLBACK, storage={"k": 1})
    assert play.last.effects == (DeliverCallback("a", "t.2", 2, {}, {"k": 1}, {"status": 3}),)
    play.answer("a")
    assert play.last.settled == (Settled("m1"),)
    assert play.state.status is TaskState.FINISHED


def test_overlapping_callbacks_are_delivered_one_after_the_other() -> None:
    play = Play(graph("start>a", "a>end"))
    play.answer("a", Outcome.CALLBACK)
    play.do(CallbackReceived(1.0, "m1", "t.2", 1), CallbackReceived(1.0, "m2", "t.2", 2))
    assert [effect.data for effect in play.last.effects if isinstance(effect, DeliverCallback)] == [1]
    play.answer("a", Outcome.CALLBACK)
    assert [effect.data for effect in play.last.effects if isinstance(effect, DeliverCallback)] == [2]


def test_a_callback_for_a_run_that_is_over_is_refused() -> None:
    play = Play(graph("start>a", "a>end"))
    play.answer("a", Outcome.CALLBACK)
    play.do(CallbackReceived(1.0, "m1", "t.2", 1), CallbackReceived(1.0, "m2", "t.2", 2))
    play.answer("a", Outcome.FAILED)
    assert play.last.settled == (Settled("m1"), Settled("m2", "the node is over: it failed"))
    play.do(RetryRequested(2.0, "a"), CallbackReceived(2.0, "m3", "t.2", 3))
    assert play.last.settled == (Settled("m3", "the node run is over"),)


def test_history_is_numbered_without_gaps_and_names_every_transition() -> None:
    play = Play(graph("start>a", "a>end"))
    first = play.last.changes
    second = play.answer("a").changes
    assert [change.sequence for change in (*first, *second)] == [1, 2, 3, 4, 5, 6]
    nodes = [(change.node, str(change.state)) for change in (*first, *second) if isinstance(change, NodeChange)]
    assert nodes == [("start", "FINISHED"), ("a", "RUNNING"), ("a", "FINISHED"), ("end", "FINISHED")]


def test_the_state_is_json() -> None:
    play = Play(graph("start>fork", "fork>a", "fork>b", "a>meet", "b>meet", "meet>end"))
    play.answer("a", outputs={"x": [1]})
    written = json.dumps({name: run._asdict() for name, run in play.state.runs.items()})
    assert "outputs" in written
