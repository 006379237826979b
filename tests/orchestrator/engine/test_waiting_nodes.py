"""Nodes of the flow itself: timers, events, questions to people, expressions."""

from typing import Any

import pytest

from orchestrator.engine.effects import SetTimer, Settled
from orchestrator.engine.events import (
    CallbackReceived,
    DecideRequested,
    ForceFailRequested,
    Outcome,
    RevokeRequested,
    SignalRequested,
    SkipRequested,
)
from orchestrator.engine.machine import resume
from tests.orchestrator.engine.play import Play, graph

LINE = ("start>a", "a>b", "b>end")


def play_of(node: dict[str, Any], *, b: dict[str, Any] | None = None, **inputs: object) -> Play:
    """start → a → b → end, where ``a`` is a node of another kind than a plugin."""
    drawn = graph(*LINE, inputs={"b": b or {}}, nodes={"a": node})
    return Play(drawn, **inputs)


@pytest.mark.parametrize(
    ("node", "due"),
    [
        ({"seconds": 30}, 30.0),
        ({"seconds": "${inputs.wait}"}, 5.5),
        ({"until": "1970-01-01T01:00:00+00:30"}, 1800.0),
        ({"until": "${inputs.at}"}, 60.0),
    ],
)
def test_a_timer_goes_on_when_its_moment_has_come(node: dict[str, Any], due: float) -> None:
    play = play_of({"kind": "timer", **node}, wait="5.5", at="1970-01-01T00:01:00Z")
    assert (play.seen["a"], play.run("a").due) == ("WAITING_TIMER", due)
    assert resume(play.state) == [SetTimer("a", play.run("a").id, due)]
    play.fire("a", due - 0.1)
    assert play.seen["a"] == "WAITING_TIMER"
    play.fire("a", due)
    assert (play.seen["a"], play.seen["b"]) == ("FINISHED", "RUNNING")


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"seconds": "${inputs.wait}"}, "a number is needed"),
        ({"seconds": "${inputs.far}"}, "from 0 to"),
        ({"until": "${inputs.wait}"}, "a date and time"),
        ({"until": "2030-01-01T00:00:00"}, "without a time zone"),
        ({"until": "2030-01-01T00:00:00Z"}, "more than a year ahead"),
        ({"until": "${inputs.gone}"}, "has no 'gone'"),
    ],
)
def test_a_timer_without_a_moment_fails(node: dict[str, Any], words: str) -> None:
    play = play_of({"kind": "timer", **node}, wait="soon", far=1e12)
    assert play.seen["a"] == "FAILED"
    assert words in (play.run("a").error or "")


def test_what_waits_for_time_or_people_is_skipped_made_to_fail_and_ends_with_its_task() -> None:
    for operation, state in ((SkipRequested(1.0, "a"), "SKIPPED"), (ForceFailRequested(1.0, "a"), "FAILED")):
        play = play_of({"kind": "timer", "seconds": 30})
        play.do(operation)
        assert play.seen["a"] == state
        play.fire("a", 30.0)
        assert play.seen["a"] == state
    for node in ({"kind": "timer", "seconds": 30}, {"kind": "wait"}, {"kind": "confirm"}):
        play = play_of(node)
        play.do(RevokeRequested(1.0))
        assert (play.seen["a"], play.state.live) == ("REVOKED", frozenset())


def test_a_node_that_waits_goes_on_with_what_it_is_sent() -> None:
    play = play_of({"kind": "wait"}, b={"x": "${nodes.a.outputs.data.x}"})
    assert (play.seen["a"], play.last.effects) == ("WAITING_EVENT", ())
    play.do(SignalRequested(1.0, "a", {"x": 3}, "ann", "m1"))
    assert (play.run("b").inputs, play.last.settled) == ({"x": 3}, (Settled("m1"),))
    assert "is FINISHED" in play.refused(SignalRequested(2.0, "a", 4))


def test_a_node_that_waits_takes_what_comes_to_its_address() -> None:
    play = play_of({"kind": "wait", "timeout": {"seconds": 60}})
    play.do(CallbackReceived(1.0, "m1", play.run("a").id, [1]))
    assert (play.state.outputs["a"]["outputs"], play.last.settled) == ({"data": [1]}, (Settled("m1"),))
    late = play_of({"kind": "wait", "timeout": {"seconds": 60}})
    late.fire("a", 60.0)
    assert late.seen["a"] == "FAILED"


def test_a_plugin_that_waits_is_sent_something_as_a_callback() -> None:
    play = Play(graph(*LINE))
    play.answer("a", Outcome.CALLBACK)
    play.do(SignalRequested(1.0, "a", {"ok": True}, "ann", "m1"))
    assert (play.last.effects[0].data, play.last.settled) == ({"ok": True}, ())  # type: ignore[union-attr]
    play.finish("a")
    assert Settled("m1") in play.last.settled


APPROVAL = {
    "kind": "approval",
    "message": "Deploy ${inputs.what}?",
    "approvers": ["${inputs.owners}", "boss"],
}


def test_an_approval_asks_whom_the_flow_names_and_tells_who_decided() -> None:
    play = play_of(APPROVAL, b={"by": "${nodes.a.outputs.by}"}, what="shop", owners=["ann", "bob"])
    assert play.seen["a"] == "WAITING_DECISION"
    assert play.run("a").inputs == {"message": "Deploy shop?", "approvers": ["ann", "bob", "boss"]}
    play.do(DecideRequested(1.0, "a", approved=True, comment="fine", data={"n": 1}, actor="ann"))
    given = {"approved": True, "by": "ann", "comment": "fine", "data": {"n": 1}, "in_place_of": []}
    assert play.state.outputs["a"]["outputs"] == given
    assert play.run("b").inputs == {"by": "ann"}


def test_a_refused_approval_is_a_failure_that_the_flow_may_pass_over() -> None:
    refused = DecideRequested(1.0, "a", approved=False, comment="not today", actor="ann")
    play = play_of(APPROVAL, what="shop", owners="ann")
    play.do(refused)
    assert (play.seen["a"], play.run("a").error, play.status) == ("FAILED", "refused by ann: not today", "FAILED")
    assert "does not allow to skip" in play.refused(SkipRequested(2.0, "a"))
    play.retry("a")
    assert (play.seen["a"], play.run("a").attempt) == ("WAITING_DECISION", 2)
    play.do(DecideRequested(3.0, "a", approved=False, actor="olga", in_place_of=("ann", "boss")))
    assert play.run("a").error == "refused by olga in place of ann, boss"
    passed = play_of({**APPROVAL, "on_failure": "ignore"}, b={"ok": "${nodes.a.outputs.approved}"}, what="", owners=[])
    passed.do(refused)
    assert passed.run("b").inputs == {"ok": False}


def test_an_approval_of_nobody_fails_and_a_confirmation_cannot_be_refused() -> None:
    play = play_of({"kind": "approval", "approvers": ["${inputs.owners}"]}, owners=[])
    assert play.run("a").error == "there is nobody to decide: the approvers are an empty list"
    asked = play_of({"kind": "confirm", "message": "Go?"})
    assert "nothing to refuse" in asked.refused(DecideRequested(1.0, "a", approved=False))
    asked.do(DecideRequested(1.0, "a", approved=True, actor="ann"))
    assert asked.seen["b"] == "RUNNING"


def test_an_expression_node_computes_its_outputs() -> None:
    values = {"total": "inputs.prices.map(p, p * 2)", "many": "size(inputs.prices) > 1", "who": "'x' + '!'"}
    drawn = graph(
        *LINE, inputs={"b": {"t": "${nodes.a.outputs.total}"}}, nodes={"a": {"kind": "expression", "values": values}}
    )
    play = Play(drawn, prices=[1, 2])
    assert play.state.outputs["a"]["outputs"] == {"total": [2, 4], "many": True, "who": "x!"}
    assert play.run("b").inputs == {"t": [2, 4]}


@pytest.mark.parametrize(
    ("source", "words"),
    [("inputs.gone", "'gone' has no value"), ("timestamp('2030-01-01T00:00:00Z')", "gives a datetime"), ("1 / 0", "")],
)
def test_an_expression_without_a_value_fails_its_node(source: str, words: str) -> None:
    play = play_of({"kind": "expression", "values": {"x": source}})
    assert play.seen["a"] == "FAILED"
    assert words in (play.run("a").error or "")
