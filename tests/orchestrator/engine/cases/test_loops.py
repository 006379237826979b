"""Acceptance cases 44 to 48: edges that lead back."""

import pytest

from orchestrator.engine.effects import ExecuteNode
from orchestrator.engine.events import (
    ForceFailRequested,
    NodeResult,
    Outcome,
    PauseNodeRequested,
    ResumeNodeRequested,
    SkipRequested,
)
from tests.orchestrator.engine.play import Play, graph

AGAIN = ("start>a", "a>how", "how>a:nodes.a.loop < inputs.passes", "how>b:default", "b>end")


def test_case_44_an_edge_that_leads_back_runs_the_node_again_with_inputs_of_its_own() -> None:
    drawn = graph("start>first", "first>a", *AGAIN[1:], inputs={"a": {"so_far": "${nodes.first.outputs.n}"}})
    play = Play(drawn, passes=4)
    play.answer("first", outputs={"n": 1})
    for number in range(1, 5):
        assert play.run("a").inputs == {"so_far": 1}
        play.answer("a", outputs={"pass": number})
    assert (play.run("a").loop, play.run("a").attempt) == (4, 1)
    assert play.state.outputs["a"]["outputs"] == {"pass": 4}
    runs = {change.run for change in play.history if getattr(change, "node", "") == "a"}
    assert len(runs) == 4
    assert play.seen["b"] == "RUNNING"
    assert play.finish("b").status == "FINISHED"


def test_another_way_is_taken_in_the_next_pass_and_nothing_shows_as_not_taken_before() -> None:
    inside = ("start>how2", "how2>a:!has(nodes.a)", "how2>c:default", "a>how", "c>how")
    play = Play(graph(*inside, "how>how2:!has(nodes.c)", "how>b:default", "b>end"))
    assert "c" not in play.seen
    play.finish("a")
    assert play.seen["c"] == "RUNNING"
    assert play.finish("c", "b").status == "FINISHED"


def test_case_46_a_parallel_runs_again_and_loops_lie_inside_branches() -> None:
    edges = ("start>fork", "fork>a", "fork>b", "b>how2", "how2>b:nodes.b.loop % 2 == 1", "how2>meet:default")
    drawn = graph(*edges, "a>meet", "meet>how", "how>fork:nodes.a.loop < 2", "how>end:default")
    play = Play(drawn)
    play.finish("b", "b", "a")
    assert (play.run("fork").loop, play.run("a").loop, play.run("b").loop) == (2, 2, 3)
    play.finish("a", "b", "b")
    assert (play.status, play.run("meet").loop, play.run("b").loop) == ("FINISHED", 2, 4)


def test_case_47_a_node_that_is_led_back_to_too_often_fails() -> None:
    play = Play(graph(*AGAIN, limits={"how-a": 2}), passes=100)
    play.finish("a", "a", "a")
    assert (play.seen["a"], play.status) == ("FAILED", "FAILED")
    assert play.run("a").error == "the edge 'how-a' led back as often as it may (limit: 2)"
    play.retry("a")
    assert play.seen["a"] == "RUNNING"


def test_an_edge_leads_back_a_hundred_times_where_it_says_nothing() -> None:
    play = Play(graph(*AGAIN), passes=1_000)
    for _ in range(101):
        assert play.seen["a"] == "RUNNING"
        play.finish("a")
    assert play.seen["a"] == "FAILED"


def test_a_loop_that_is_reached_anew_counts_from_the_beginning() -> None:
    edges = ("start>out", "out>a", "a>how", "how>a:nodes.a.loop % 2 == 1", "how>how2:default")
    drawn = graph(*edges, "how2>out:nodes.out.loop < 4", "how2>end:default", limits={"how-a": 1})
    play = Play(drawn)
    for _ in range(4):
        play.finish("out", "a", "a")
    assert (play.status, play.run("a").loop) == ("FINISHED", 8)


@pytest.mark.parametrize("how", ["retry", "skip"])
def test_case_48_retry_and_skip_inside_a_loop(how: str) -> None:
    play = Play(graph("start>a", "a>c", "c>how", "how>a:nodes.a.loop < 2", "how>end:default"))
    play.finish("a").fail("c")
    if how == "retry":
        play.retry("c")
        assert (play.run("c").attempt, play.run("c").loop) == (2, 1)
        play.finish("c")
    else:
        play.do(SkipRequested(2.0, "c"))
    assert (play.run("a").loop, play.seen["a"]) == (2, "RUNNING")
    play.finish("a")
    assert (play.run("c").attempt, play.run("c").loop) == (1, 2)
    assert play.finish("c").status == "FINISHED"


def test_a_late_answer_of_an_earlier_pass_changes_nothing() -> None:
    play = Play(graph("start>a", "a>how", "how>a:nodes.a.loop < 2", "how>end:default"))
    first = play.run("a")
    play.finish("a")
    before = play.state
    for outcome in (Outcome.FINISHED, Outcome.FAILED, Outcome.POLL):
        play.do(NodeResult(1.0, "a", first.id, first.step, outcome))
    assert play.state == before


def test_a_node_in_a_loop_can_be_held_in_its_next_pass() -> None:
    play = Play(graph("start>a", "a>b", "b>how", "how>a:nodes.a.loop < 3", "how>end:default"))
    play.finish("a").do(PauseNodeRequested(1.0, "a"))
    play.finish("b")
    assert (play.seen["a"], play.run("a").loop, play.last.effects) == ("SUSPENDED", 2, ())
    play.do(ResumeNodeRequested(2.0, "a"))
    assert play.last.effects == (ExecuteNode("a", play.run("a").id, 1, {}),)
    assert play.run("a").loop == 2
    play.finish("a", "b")
    assert play.seen["a"] == "RUNNING"


def test_a_node_made_to_fail_in_a_loop_is_retried_in_its_pass() -> None:
    play = Play(graph("start>a", "a>how", "how>a:nodes.a.loop < 2", "how>end:default"))
    play.finish("a").do(ForceFailRequested(1.0, "a", "ann"))
    assert play.run("a").error == "made to fail by ann"
    play.retry("a")
    assert (play.run("a").attempt, play.run("a").loop) == (2, 2)
    assert play.finish("a").status == "FINISHED"
