"""Acceptance cases 1 to 16: which nodes run, and how often."""

from itertools import pairwise

import pytest

from orchestrator.engine.events import ChooseRequested
from tests.orchestrator.engine.play import Play, graph

DIAMOND = ("start>fork", "fork>a", "fork>b", "a>meet", "b>meet", "meet>end")


def test_case_01_one_node_finishes() -> None:
    play = Play(graph("start>a", "a>end")).finish("a")
    assert play.seen == {"start": "FINISHED", "a": "FINISHED", "end": "FINISHED"}
    assert play.status == "FINISHED"


def test_case_02_a_hundred_nodes() -> None:
    names = ["start", *(f"n{number}x" for number in range(100)), "end"]
    play = Play(graph(*(f"{one}>{other}" for one, other in pairwise(names))))
    play.finish(*names[1:-1])
    assert play.status == "FINISHED"
    assert play.state.counter == 102


def test_case_03_a_parallel_runs_all_and_comes_together_once() -> None:
    play = Play(graph(*DIAMOND))
    assert play.seen == {"start": "FINISHED", "fork": "FINISHED", "a": "RUNNING", "b": "RUNNING"}
    play.finish("a")
    assert "meet" not in play.seen
    play.finish("b")
    assert play.run("meet").attempt == play.run("meet").loop == 1
    assert play.status == "FINISHED"


def test_case_04_parallels_inside_parallels() -> None:
    play = Play(
        graph(
            *("start>fork", "fork>a", "fork>fork2", "fork2>b", "fork2>c", "b>meet2", "c>meet2"),
            *("meet2>d", "d>meet", "a>meet", "meet>end"),
        )
    )
    play.finish("a", "c", "b")
    assert play.seen["d"] == "RUNNING"
    assert "meet" not in play.seen
    play.finish("d")
    assert (play.status, play.state.forks) == ("FINISHED", {})


def test_case_05_an_exclusive_takes_one_branch_and_the_others_are_never_executed() -> None:
    play = Play(graph("start>how", "how>a:inputs.n == 1", "how>b:inputs.n == 2", "a>end", "b>end"), n=2).finish("b")
    assert (play.seen["a"], play.seen["b"], play.status) == ("NOT_TAKEN", "FINISHED", "FINISHED")


def test_case_06_exclusives_inside_exclusives() -> None:
    edges = ("start>how", "how>how2:inputs.n > 1", "how>a:default", "how2>b:inputs.n > 5", "how2>c:default")
    play = Play(graph(*edges, "a>end", "b>end", "c>end"), n=3).finish("c")
    assert play.seen == {
        "start": "FINISHED",
        "how": "FINISHED",
        "how2": "FINISHED",
        "end": "FINISHED",
        "a": "NOT_TAKEN",
        "b": "NOT_TAKEN",
        "c": "FINISHED",
    }


@pytest.mark.parametrize(
    "condition",
    [
        "inputs.name in ['x', 'y'] && size(inputs.hosts) == 2",
        "inputs.hosts.exists(host, host.startsWith('10.'))",
        "nodes.first.outputs.code == 0 && !has(nodes.first.outputs.error)",
    ],
)
def test_case_07_conditions_compute_with_what_is_there(condition: str) -> None:
    drawn = graph("start>first", "first>how", f"how>a:{condition}", "how>b:default", "a>end", "b>end")
    play = Play(drawn, name="x", hosts=["10.0.0.1", "h"])
    play.answer("first", outputs={"code": 0})
    assert play.seen["a"] == "RUNNING"


def test_case_08_no_match_fails() -> None:
    play = Play(graph("start>how", "how>a:inputs.n == 1", "a>end"), n=2)
    assert (play.seen["how"], play.status) == ("FAILED", "FAILED")
    assert play.run("how").error == "no condition holds and there is no default edge"


def test_case_09_no_match_and_a_default() -> None:
    play = Play(graph("start>how", "how>a:inputs.n == 1", "how>b:default", "a>end", "b>end"), n=2)
    assert play.seen["b"] == "RUNNING"


def test_case_10_several_matches_fail_and_a_person_may_choose_the_first() -> None:
    play = Play(graph("start>how", "how>a:inputs.n > 0", "how>b:inputs.n > 1", "a>end", "b>end"), n=2)
    assert play.run("how").error == "several conditions hold, one may: how-a, how-b"
    play.do(ChooseRequested(2.0, "how", ("how-a",)))
    assert (play.seen["how"], play.seen["a"], play.seen["b"]) == ("FINISHED", "RUNNING", "NOT_TAKEN")


INCLUSIVE = ("start>some", "some>a:inputs.n > 0", "some>b:inputs.n > 1", "some>c:default")
JOINED = ("a>meet", "b>meet", "c>meet", "meet>end")


def test_case_11_an_inclusive_takes_every_branch_that_holds() -> None:
    play = Play(graph(*INCLUSIVE, *JOINED), n=2)
    assert (play.seen["a"], play.seen["b"], play.seen["c"]) == ("RUNNING", "RUNNING", "NOT_TAKEN")
    play.finish("b")
    assert "meet" not in play.seen
    assert play.finish("a").status == "FINISHED"


def test_case_12_an_inclusive_without_a_match_fails() -> None:
    play = Play(graph("start>some", "some>a:inputs.n > 0", "a>meet", "meet>end"), n=0)
    assert (play.seen["some"], play.status) == ("FAILED", "FAILED")
    play.do(ChooseRequested(2.0, "some", ("some-a",)))
    assert play.finish("a").status == "FINISHED"


def test_case_13_an_inclusive_without_a_match_takes_its_default() -> None:
    play = Play(graph(*INCLUSIVE, *JOINED), n=0)
    assert (play.seen["a"], play.seen["b"], play.seen["c"]) == ("NOT_TAKEN", "NOT_TAKEN", "RUNNING")
    assert play.finish("c").status == "FINISHED"


def test_a_choice_among_the_edges_of_an_inclusive_node_waits_for_as_many() -> None:
    play = Play(graph("start>some", *(f"some>{n}:inputs.n > 9" for n in "abc"), *JOINED), n=0)
    play.do(ChooseRequested(2.0, "some", ("some-a", "some-c")))
    assert (play.seen["a"], play.seen["b"], play.seen["c"]) == ("RUNNING", "NOT_TAKEN", "RUNNING")
    assert play.finish("a", "c").status == "FINISHED"


def test_case_16_an_end_that_cannot_be_one_fails_and_the_task_goes_on() -> None:
    """A branch that runs out before its join: the rules of publication refuse such a flow, the engine bears it."""
    play = Play(graph("start>fork", "fork>a", "fork>b", "a>end", "b>meet", "meet>end2")).finish("a")
    assert (play.seen["end"], play.seen["b"], play.status) == ("FAILED", "RUNNING", "RUNNING")
    assert "ended before its join" in (play.run("end").error or "")
    play.finish("b")
    assert play.status == "FAILED", "nothing is under way any more: it waits for people"
    assert "end2" not in play.seen
