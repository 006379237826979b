"""Acceptance cases 25 to 39: what people do to a task."""

import pytest

from orchestrator.engine.effects import ExecuteNode
from orchestrator.engine.events import (
    ChangeInputsRequested,
    ChooseRequested,
    ForceFailRequested,
    NodeResult,
    Operation,
    Outcome,
    PauseNodeRequested,
    PauseRequested,
    ResumeNodeRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
    TimerFired,
)
from orchestrator.engine.model import State
from orchestrator.engine.operations import NODE_OPERATIONS, TASK_OPERATIONS
from orchestrator.engine.states import NodeState, TaskState
from tests.orchestrator.engine.play import Play, graph

LINE = ("start>a", "a>b", "b>end")
BRANCHES = ("start>fork", "fork>a", "a>c", "c>meet", "fork>b", "b>meet", "meet>end")


def test_case_25_a_node_paused_beforehand_is_held_when_reached_until_it_is_resumed() -> None:
    play = Play(graph(*LINE))
    play.do(PauseNodeRequested(1.0, "b", "ann"))
    play.finish("a")
    assert (play.seen["b"], play.status, play.last.effects) == ("SUSPENDED", "RUNNING", ())
    held = play.run("b")
    play.do(ResumeNodeRequested(5.0, "b", "ann"))
    assert play.last.effects == (ExecuteNode("b", held.id, 1, {}),)
    assert (play.run("b").attempt, play.run("b").started) == (1, 5.0)
    assert play.finish("b").status == "FINISHED"


def test_case_26_a_node_resumed_before_it_is_reached_runs_on() -> None:
    play = Play(graph(*LINE))
    play.do(PauseNodeRequested(1.0, "b"))
    play.do(ResumeNodeRequested(1.0, "b"))
    assert play.finish("a").seen["b"] == "RUNNING"


def test_case_27_nodes_paused_in_branches_hold_up_only_their_own_and_the_join() -> None:
    play = Play(graph(*BRANCHES))
    play.do(PauseNodeRequested(1.0, "c"))
    play.finish("a", "b")
    assert (play.seen["c"], "meet" in play.seen, play.status) == ("SUSPENDED", False, "RUNNING")
    play.do(ResumeNodeRequested(2.0, "c"))
    assert play.finish("c").status == "FINISHED"


def test_case_29_a_paused_task_lets_what_runs_finish_and_begins_nothing() -> None:
    inner = ("fork>fork2", "fork2>d", "fork2>e", "d>meet2", "e>meet2", "meet2>meet")
    play = Play(graph(*BRANCHES, *inner))
    play.do(PauseRequested(1.0))
    play.finish("a", "b", "d", "e")
    assert (play.status, "c" in play.seen, "meet2" in play.seen) == ("SUSPENDED", False, False)
    play.do(ResumeRequested(2.0))
    assert play.finish("c").status == "FINISHED"


def test_a_node_resumed_in_a_paused_task_begins_with_the_task() -> None:
    play = Play(graph(*LINE))
    play.do(PauseNodeRequested(1.0, "b"))
    play.finish("a").do(PauseRequested(1.0))
    play.do(ResumeNodeRequested(2.0, "b"))
    assert play.seen["b"] == "SUSPENDED"
    assert "as soon as the task resumes" in play.refused(ResumeNodeRequested(2.0, "b"))
    play.do(ResumeRequested(3.0))
    assert play.seen["b"] == "RUNNING"


def test_case_31_a_revoked_task_lets_what_runs_finish_and_the_rest_never_begins() -> None:
    play = Play(graph(*BRANCHES))
    play.do(PauseNodeRequested(1.0, "c"))
    play.finish("a").do(RevokeRequested(1.0))
    assert play.seen["c"] == "REVOKED"
    play.finish("b")
    assert (play.seen["b"], play.status, play.state.live) == ("FINISHED", "REVOKED", frozenset())


def test_case_32_a_retry_with_new_inputs_is_a_new_run_and_the_old_one_stays() -> None:
    play = Play(graph(*LINE, inputs={"a": {"n": "${inputs.n}"}}), n=1).fail("a")
    old = play.run("a")
    play.do(RetryRequested(2.0, "a", {"n": 2}))
    new = play.run("a")
    assert (old.inputs, new.inputs) == ({"n": 1}, {"n": 2})
    assert (new.attempt, new.loop, old.id != new.id) == (2, 1, True)
    play.do(NodeResult(3.0, "a", old.id, old.step, Outcome.FINISHED))
    assert play.seen["a"] == "RUNNING"


def test_case_34_a_skipped_node_is_passed_over_and_leaves_no_outputs() -> None:
    play = Play(graph(*LINE))
    play.answer("a", outputs={"n": 1})
    play.answer("b", Outcome.FAILED, outputs={"n": 2})
    play.do(SkipRequested(2.0, "b"))
    assert (play.seen["b"], play.status, set(play.state.outputs)) == ("SKIPPED", "FINISHED", {"a"})


def test_case_35_a_failed_decision_is_led_to_the_chosen_edge() -> None:
    play = Play(graph("start>how", "how>a:inputs.n > 0", "how>b:inputs.n > 0", "a>end", "b>end"), n=1)
    assert "choose among how-a, how-b" in play.refused(ChooseRequested(1.0, "how", ("nowhere",)))
    assert "choose one edge" in play.refused(ChooseRequested(1.0, "how", ("how-a", "how-b")))
    assert "cannot be skipped" in play.refused(SkipRequested(1.0, "how"))
    play.do(ChooseRequested(1.0, "how", ("how-b",)))
    assert (play.seen["a"], play.finish("b").status) == ("NOT_TAKEN", "FINISHED")


@pytest.mark.parametrize("outcome", [None, Outcome.POLL, Outcome.CALLBACK])
def test_case_37_a_node_made_to_fail_ignores_what_comes_late(outcome: Outcome | None) -> None:
    play = Play(graph(*LINE))
    if outcome is not None:
        play.answer("a", outcome, poll_at=5.0)
    run = play.run("a")
    play.do(ForceFailRequested(2.0, "a", "ann"))
    assert (play.seen["a"], play.status, play.run("a").error) == ("FAILED", "FAILED", "made to fail by ann")
    before = play.state
    play.do(NodeResult(3.0, "a", run.id, run.step, Outcome.FINISHED), TimerFired(9.0, "a", run.id))
    assert play.state == before
    assert play.retry("a").finish("a", "b").status == "FINISHED"


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (RetryRequested(1.0, "a"), "a is RUNNING: only a FAILED or RETRYING node can retry"),
        (SkipRequested(1.0, "b"), "b is PENDING: only a FAILED or RETRYING or WAITING_TIMER"),
        (ForceFailRequested(1.0, "b"), "b is PENDING: only a RETRYING or RUNNING or POLLING or"),
        (ForceFailRequested(1.0, "start"), "start is FINISHED"),
        (ChooseRequested(1.0, "a", ("a-b",)), "a is RUNNING: only a FAILED node can have its way chosen"),
        (PauseNodeRequested(1.0, "a"), "a is RUNNING"),
        (PauseNodeRequested(1.0, "start"), "is a start node and cannot be paused"),
        (ResumeNodeRequested(1.0, "b"), "b is not paused"),
        (RetryRequested(1.0, "gone"), "the flow has no node 'gone'"),
        (ResumeRequested(1.0), "a task that is RUNNING cannot resume"),
    ],
)
def test_case_38_an_operation_of_the_wrong_state_or_kind_is_refused(operation: Operation, words: str) -> None:
    assert words in Play(graph(*LINE)).refused(operation)


def test_a_node_that_will_not_be_reached_again_cannot_be_paused() -> None:
    play = Play(graph(*LINE)).finish("a")
    assert "will not be reached again" in play.refused(PauseNodeRequested(1.0, "a"))
    play.do(PauseNodeRequested(1.0, "end"))
    assert "is to be paused already" in play.refused(PauseNodeRequested(1.0, "end"))


@pytest.mark.parametrize("state", list(TaskState))
def test_every_task_state_allows_what_its_table_says(state: TaskState) -> None:
    play = Play(graph(*LINE))
    if state is TaskState.CREATED:
        play.state, play.rows = State("t"), {}
    if state is TaskState.FAILED:
        play.fail("a")
    if state is TaskState.SUSPENDED:
        play.do(PauseRequested(1.0))
    if state is TaskState.REVOKED:
        play.do(RevokeRequested(1.0))
    if state is TaskState.FINISHED:
        play.finish("a", "b")
    asked: list[Operation] = [
        PauseRequested(2.0),
        ResumeRequested(2.0),
        RevokeRequested(2.0),
        ChangeInputsRequested(2.0, {}),
    ]
    names = ["pause", "resume", "revoke", "change_inputs"]
    for name, operation in zip(names, asked, strict=True):
        if name not in TASK_OPERATIONS[state]:
            assert f"a task that is {state} cannot" in play.refused(operation)


def test_every_node_state_has_a_line_in_the_table() -> None:
    assert set(NODE_OPERATIONS) == set(NodeState)
    assert NODE_OPERATIONS[NodeState.REVOKED] == frozenset()


def test_changed_inputs_are_seen_by_nodes_that_begin_later() -> None:
    drawn = graph(*LINE, "how>end:default", inputs={"a": {"n": "${inputs.n}"}, "b": {"n": "${inputs.n}"}})
    play = Play(drawn, n=1)
    play.do(ChangeInputsRequested(1.0, {"n": 2}))
    assert (play.finish("a").run("b").inputs, play.run("a").inputs) == ({"n": 2}, {"n": 1})


def test_case_39_a_task_begins_at_a_node_with_what_an_earlier_one_left() -> None:
    kept = {"start": {"state": "FINISHED"}, "a": {"state": "FINISHED", "outputs": {"ip": "10.0.0.1"}}}
    begin = {"begin": {"node": "b", "kept": kept}}
    play = Play(graph(*LINE, inputs={"b": {"host": "${nodes.a.outputs.ip}"}}, extra=begin))
    assert play.last.effects == (ExecuteNode("b", play.run("b").id, 1, {"host": "10.0.0.1"}),)
    assert (play.run("a").attempt, play.run("a").outputs) == (0, {"ip": "10.0.0.1"})
    assert play.finish("b").seen == {"start": "FINISHED", "a": "FINISHED", "b": "FINISHED", "end": "FINISHED"}


def test_case_39_a_task_begins_in_a_branch_and_its_join_waits_for_that_alone() -> None:
    kept = {name: {"state": "FINISHED"} for name in ("start", "fork", "fork2", "a", "b")}
    edges = ("start>fork", "fork>a", "fork>fork2", "fork2>b", "fork2>c", "b>meet2", "c>meet2", "a>meet", "meet2>meet")
    play = Play(graph(*edges, "meet>d", "d>end", extra={"begin": {"node": "c", "kept": kept}}))
    assert [effect.node for effect in play.last.effects if isinstance(effect, ExecuteNode)] == ["c"]
    assert play.finish("c").run("d").state == "RUNNING"
    assert (play.finish("d").status, play.state.forks) == ("FINISHED", {})


def test_case_39_a_loop_runs_again_what_was_kept() -> None:
    begin = {"begin": {"node": "how", "kept": {"a": {"state": "FINISHED", "outputs": {}}}}}
    edges = ("start>a", "a>how", "how>a:nodes.a.loop < 2", "how>end:default")
    play = Play(graph(*edges, extra=begin))
    assert (play.run("a").attempt, play.run("a").loop) == (1, 2)
    assert play.finish("a").status == "FINISHED"
