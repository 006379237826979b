"""One flow for each item of a list."""

from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.engine import work
from orchestrator.engine.events import (
    PauseRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
    TaskStarted,
)
from orchestrator.engine.machine import PART, advance, advancing
from orchestrator.engine.model import State, Surroundings
from orchestrator.flow.paths import inside
from tests.orchestrator.engine.play import Play, document, graph, reloaded

INNER = document(
    *("start>a", "a>how", "how>b:inputs.n > 1", "how>end:default", "b>end"),
    inputs={"a": {"host": "${inputs.host}"}},
    extra={
        "form": {"schema": {"properties": {"host": {"type": "string"}, "n": {"type": "integer"}}}},
        "outputs": {"log": "${nodes.a.outputs.log}"},
    },
)
INPUTS = {"host": "${item}", "n": "${index}"}
AT_ONCE = {"flow": "thought"}
"""Items that call nothing outside."""
THOUGHT = document("start>x", "x>end", nodes={"x": {"kind": "expression", "values": {"n": "inputs.n"}}})
THOUGHT |= {"form": INNER["form"]}


def range_of(count: int) -> list[str]:
    return [f"h{number}" for number in range(count)]


def each(hosts: object, **settings: Any) -> Play:
    """start → each → after → end, over ``hosts``."""
    node = {"kind": "map", "flow": "inner", "revision": 1, "items": "${inputs.hosts}", "inputs": INPUTS, **settings}
    drawn = graph(
        *("start>each", "each>after", "after>end"),
        nodes={"each": node},
        inputs={"after": {"all": "${nodes.each.outputs.items}"}},
        extra={"subflows": {"inner@1": INNER, "thought@1": THOUGHT}},
    )
    return Play(drawn, hosts=hosts)


def test_items_run_one_after_the_other_and_their_outputs_become_a_list() -> None:
    play = each(["x", "y", "z"])
    for index, host in enumerate("xyz"):
        assert play.state.live == {f"each[{index}].a"}
        assert play.run(f"each[{index}].a").inputs == {"host": host}
        play.answer(f"each[{index}].a", outputs={"log": host * 2})
    assert play.seen["each[1].b"] == "NOT_TAKEN"
    play.finish("each[2].b")
    assert play.run("after").inputs == {"all": [{"log": "xx"}, {"log": "yy"}, {"log": "zz"}]}
    assert play.finish("after").status == "FINISHED"


def test_no_more_items_run_at_once_than_the_flow_says() -> None:
    play = each([*"vwxyz"], parallel=2)
    assert play.state.live == {"each[0].a", "each[1].a"}
    play.finish("each[1].a")
    assert play.state.live == {"each[0].a", "each[2].a"}
    play.finish("each[0].a", "each[2].a", "each[2].b")
    assert play.state.live == {"each[3].a", "each[4].a"}
    assert (play.seen["each"], play.seen["each[0]"], play.seen["each[3]"]) == ("RUNNING", "FINISHED", "RUNNING")


def test_a_list_without_items_is_over_at_once() -> None:
    assert each([]).run("after").inputs == {"all": []}


@pytest.mark.parametrize("hosts", ["x", None, 3, {"a": 1}, ["x"] * 10_001])
def test_what_is_no_list_to_go_through_fails_the_loop(hosts: object) -> None:
    play = each(hosts)
    assert (play.seen["each"], play.status) == ("FAILED", "FAILED")


def test_an_item_that_failed_holds_up_only_itself_and_can_be_retried_or_skipped() -> None:
    play = each([*"xy"], parallel=2)
    play.fail("each[0].a").finish("each[1].a")
    assert play.status == "FAILED"
    play.retry("each[0]")
    assert (play.run("each[0]").attempt, play.seen["each[0].a"]) == (2, "RUNNING")
    play.fail("each[0].a")
    play.do(SkipRequested(3.0, "each[0]"))
    assert play.run("after").inputs == {"all": [None, {"log": None}]}


def test_an_item_whose_inputs_do_not_fit_fails_alone_and_is_retried_with_others() -> None:
    play = each(["x", 7], parallel=2)
    assert (play.seen["each[0].a"], play.seen["each[1]"]) == ("RUNNING", "FAILED")
    assert "/inputs/host" in (play.run("each[1]").error or "")
    play.do(RetryRequested(2.0, "each[1]", {"host": "y"}))
    assert play.run("each[1].a").inputs == {"host": "y"}


def test_items_that_cannot_begin_are_passed_over_where_failures_are_ignored() -> None:
    play = each([7, "y"], on_failure="ignore")
    play.finish("each[1].a")
    assert (play.seen["each[0]"], play.run("after").inputs) == ("IGNORED", {"all": [None, {"log": None}]})


def test_a_loop_that_is_stuck_is_retried_from_its_first_item() -> None:
    play = each([*"xy"]).finish("each[0].a").fail("each[1].a")
    play.retry("each")
    assert (play.state.live, "each[1]" in play.seen) == ({"each[0].a"}, False)


def test_a_revoked_task_begins_no_further_item() -> None:
    play = each([*"xy"])
    play.do(RevokeRequested(1.0))
    play.finish("each[0].a")
    assert (play.seen["each"], play.seen["each[0]"], "each[1]" in play.seen) == ("REVOKED", "REVOKED", False)


def test_an_item_looks_through_nothing_that_those_before_it_left(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(path: str, container: str) -> bool:
        nonlocal looked
        looked += 1
        return inside(path, container)

    monkeypatch.setattr(work, "inside", counted)
    assert each(range_of(40), **AT_ONCE).seen["each"] == "FINISHED"
    assert looked == 0


def test_an_item_that_is_over_writes_nothing_of_the_whole_list() -> None:
    play = each(range_of(3))
    loop = play.run("each").id
    assert loop in play.rows
    play.finish("each[0].a")
    assert play.run("each[1].a").inputs == {"host": "h1"}
    assert loop not in play.last.runs


def test_a_loop_that_is_read_back_goes_on_where_it_was() -> None:
    play = each([*"vwxyz"], parallel=2).fail("each[0].a").finish("each[1].a")
    play.do(PauseRequested(1.0))
    play.do(SkipRequested(2.0, "each[0]"))
    play.answer("each[2].a")
    play.state = reloaded(play.state, play.rows)
    play.do(ResumeRequested(3.0))
    play.finish("each[2].b", "each[3].a", "each[3].b", "each[4].a", "each[4].b")
    assert (play.seen["each"], play.run("each").outputs) == ("FINISHED", {"items": [None, *[{"log": None}] * 4]})


def test_a_loop_with_nothing_to_wait_for_is_gone_through_in_parts() -> None:
    drawn = each([], **AT_ONCE).graph
    begun = State("t"), [TaskStarted(0.0)], Surroundings(inputs={"hosts": range_of(200)})
    parts = 0

    def counted() -> Iterator[None]:
        advanced = yield from advancing(drawn, *begun)
        assert advanced == advance(drawn, *begun)
        assert advanced.state.runs["each"].state == "FINISHED"

    for _ in counted():
        parts += 1
    assert parts >= 200 * 3 // PART
