"""Acceptance cases 40 to 43, 50 and 51: callbacks, and what comes twice or too late."""

import pytest

from orchestrator.engine.effects import DeliverCallback, Settled
from orchestrator.engine.events import CallbackReceived, NodeResult, Outcome, RetryRequested, TimerFired
from tests.orchestrator.engine.play import Play, graph

LINE = ("start>a", "a>end")


def waiting() -> tuple[Play, str]:
    play = Play(graph(*LINE))
    play.answer("a", Outcome.CALLBACK)
    return play, play.run("a").id


def told(play: Play) -> list[object]:
    return [effect.data for effect in play.last.effects if isinstance(effect, DeliverCallback)]


def test_case_40_a_callback_finishes_its_node() -> None:
    play, run = waiting()
    play.do(CallbackReceived(2.0, "m", run, {"ok": True}))
    assert told(play) == [{"ok": True}]
    play.answer("a", outputs={"x": 1})
    assert (play.status, play.last.settled) == ("FINISHED", (Settled("m"),))


def test_case_41_callbacks_that_overlap_are_all_taken() -> None:
    play, run = waiting()
    taken = []
    play.do(*(CallbackReceived(2.0, f"m{n}", run, n) for n in range(3)))
    for number in range(5):
        taken += told(play)
        if number == 1:
            play.do(*(CallbackReceived(3.0, f"m{n}", run, n) for n in (3, 4)))
        play.answer("a", Outcome.CALLBACK if number < 4 else Outcome.FINISHED)
    assert (taken, play.status, play.run("a").step) == ([0, 1, 2, 3, 4], "FINISHED", 6)


def test_case_42_a_callback_that_fails_its_node_leaves_the_retry_to_wait_for_its_own() -> None:
    play, run = waiting()
    play.do(CallbackReceived(2.0, "m", run, 1))
    play.fail("a")
    play.do(RetryRequested(3.0, "a"), CallbackReceived(3.0, "late", run, 2))
    assert play.last.settled == (Settled("late", "the node run is over"),)
    play.answer("a", Outcome.CALLBACK)
    assert told(play) == []
    play.do(CallbackReceived(4.0, "own", play.run("a").id, 3))
    assert told(play) == [3]


@pytest.mark.parametrize("run", ["t.2", "t.9", "u.2", ""])
def test_case_43_a_callback_of_no_run_that_waits_is_refused(run: str) -> None:
    play, _ = waiting()
    play.do(CallbackReceived(2.0, "m", play.run("a").id, 1))
    play.answer("a")
    before = play.state
    play.do(CallbackReceived(3.0, "n", run, 1))
    assert (play.state, play.last.settled[0].reason) == (before, "the node run is over")


def test_case_50_an_answer_that_comes_twice_wakes_nothing_twice() -> None:
    play = Play(graph("start>fork", "fork>a", "fork>b", "a>meet", "b>meet", "meet>c", "c>end"))
    run = play.run("a")
    answer = NodeResult(1.0, "a", run.id, run.step, Outcome.FINISHED)
    play.do(answer, answer)
    play.do(answer)
    assert (play.state.forks[play.run("fork").id].arrived, "c" in play.seen) == (1, False)
    play.finish("b")
    play.do(answer)
    assert (play.run("c").attempt, play.state.counter) == (1, 6)


def test_case_51_a_poll_under_way_is_not_asked_for_again_and_a_callback_waits_for_it() -> None:
    play = Play(graph(*LINE))
    play.answer("a", Outcome.POLL, poll_at=5.0)
    run = play.run("a").id
    play.do(TimerFired(5.0, "a", run))
    play.do(TimerFired(5.5, "a", run))
    assert play.last.effects == ()
    play.do(CallbackReceived(6.0, "m", run, 1))
    assert play.last.effects == ()
    play.answer("a", Outcome.POLL, poll_at=9.0)
    assert told(play) == [1]
