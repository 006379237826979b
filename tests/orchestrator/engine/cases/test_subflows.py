"""Acceptance cases about flows inside flows: 14, 15, 20, 22, 23, 28, 30, 33, 36, 45."""

from typing import Any

import pytest

from orchestrator.engine.effects import ExecuteNode
from orchestrator.engine.events import (
    ForceFailRequested,
    NodeResult,
    Outcome,
    PauseNodeRequested,
    PauseRequested,
    ResumeNodeRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
)
from orchestrator.flow.graph import Graph
from tests.orchestrator.engine.play import Play, document, graph

FORM = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}, "m": {"default": 7}}, "required": ["n"]}}
INNER = document(
    *("start>a", "a>b", "b>end"),
    inputs={"a": {"n": "${inputs.n}", "m": "${inputs.m}"}, "b": {"seen": "${nodes.a.outputs}"}},
    extra={"form": FORM, "outputs": {"said": "${nodes.b.outputs.said}", "none": "${nodes.b.outputs.none}"}},
)


def call(flow: str = "inner", **rest: Any) -> dict[str, Any]:
    return {"kind": "subflow", "flow": flow, "revision": 1, **rest}


def outer(*edges: str, inner: dict[str, Any] | None = None, **rest: Any) -> Graph:
    """Edges as in ``graph``; flows inside under their names, all at revision 1."""
    kept = {f"{name}@1": flow for name, flow in (inner or {"inner": INNER}).items()}
    return graph(*edges, extra={"subflows": kept}, **rest)


LINE = ("start>sub", "sub>after", "after>end")


def line(**node: Any) -> Graph:
    return outer(*LINE, nodes={"sub": call(inputs={"n": 3}, **node)}, inputs={"after": {"x": "${nodes.sub.outputs}"}})


def test_case_14_a_subflow_runs_inside_its_task() -> None:
    play = Play(line())
    assert play.last.effects == (ExecuteNode("sub.a", play.run("sub.a").id, 1, {"n": 3, "m": 7}),)
    assert (play.seen["sub"], play.status) == ("RUNNING", "RUNNING")
    play.answer("sub.a", outputs={"said": "hello"})
    assert play.run("sub.b").inputs == {"seen": {"said": "hello"}}
    play.answer("sub.b", outputs={"said": "bye"})
    assert (play.seen["sub"], play.seen["sub.end"]) == ("FINISHED", "FINISHED")
    assert play.run("after").inputs == {"x": {"said": "bye", "none": None}}
    assert play.finish("after").status == "FINISHED"


def test_case_14_subflows_lie_inside_one_another_and_side_by_side() -> None:
    middle = document("start>deep", "deep>end", nodes={"deep": call(inputs={"n": "${inputs.n}"})}, extra={"form": FORM})
    branches = [edge for number in "12345" for edge in (f"fork>s{number}", f"s{number}>meet")]
    drawn = outer(
        *("start>fork", *branches, "meet>end"),
        inner={"inner": INNER, "middle": middle},
        nodes={f"s{number}": call("middle", inputs={"n": int(number)}) for number in "12345"},
    )
    play = Play(drawn)
    assert sorted(play.state.live) == [f"s{number}.deep.a" for number in "12345"]
    for number in "31524":
        assert play.run(f"s{number}.deep.a").inputs == {"n": int(number), "m": 7}
        play.finish(f"s{number}.deep.a", f"s{number}.deep.b")
    assert (play.status, play.state.open, play.state.forks) == ("FINISHED", frozenset(), {})


def test_subflows_lie_twenty_deep() -> None:
    flows: dict[str, Any] = {"f0": document("start>a", "a>end", extra={"outputs": {"x": "${nodes.a.outputs.x}"}})}
    for depth in range(1, 20):
        extra = {"outputs": {"x": "${nodes.sub.outputs.x}"}}
        flows[f"f{depth}"] = document("start>sub", "sub>end", nodes={"sub": call(f"f{depth - 1}")}, extra=extra)
    play = Play(
        outer(*LINE, inner=flows, nodes={"sub": call("f19")}, inputs={"after": {"x": "${nodes.sub.outputs.x}"}})
    )
    play.answer("sub." * 20 + "a", outputs={"x": 1})
    assert play.run("after").inputs == {"x": 1}


def test_case_15_task_and_project_are_seen_at_every_depth() -> None:
    flow = document("start>a", "a>end", inputs={"a": {"who": "${inputs.who}"}}, extra={"form": {"schema": {}}})
    drawn = outer(*LINE, inner={"inner": flow}, nodes={"sub": call(inputs={"who": "${inputs.who}"})})
    assert Play(drawn, who="ann").run("sub.a").inputs == {"who": "ann"}


def test_case_23_nothing_around_a_subflow_is_seen_inside() -> None:
    flow = document("start>a", "a>end", inputs={"a": {"x": "${nodes.first.outputs.x}"}})
    drawn = outer("start>first", "first>sub", "sub>end", inner={"inner": flow}, nodes={"sub": call()})
    play = Play(drawn)
    play.answer("first", outputs={"x": 1})
    assert (play.seen["sub.a"], play.status) == ("FAILED", "FAILED")
    assert "nodes has no 'first'" in (play.run("sub.a").error or "")


@pytest.mark.parametrize(
    ("inputs", "words"),
    [({}, "/inputs/n"), ({"n": "x"}, "/inputs/n"), ({"n": "${inputs.gone}"}, "has no 'gone'")],
)
def test_case_36_a_subflow_whose_inputs_do_not_fit_fails_and_is_retried(inputs: dict[str, Any], words: str) -> None:
    play = Play(outer(*LINE, nodes={"sub": call(inputs=inputs)}))
    assert (play.seen["sub"], play.status) == ("FAILED", "FAILED")
    assert words in (play.run("sub").error or "")
    play.do(RetryRequested(2.0, "sub", {"n": 1}))
    assert play.run("sub.a").inputs == {"n": 1, "m": 7}


def test_case_28_a_node_inside_is_held_and_resumed() -> None:
    play = Play(line())
    play.do(PauseNodeRequested(1.0, "sub.b"))
    play.finish("sub.a")
    assert play.seen["sub.b"] == "SUSPENDED"
    play.do(ResumeNodeRequested(2.0, "sub.b"))
    assert play.finish("sub.b", "after").status == "FINISHED"


def test_case_30_a_subflow_is_paused_while_what_runs_beside_it_goes_on() -> None:
    edges = ("start>fork", "fork>sub", "fork>c", "c>d", "sub>meet", "d>meet", "meet>end")
    play = Play(outer(*edges, nodes={"sub": call(inputs={"n": 1})}))
    play.do(PauseNodeRequested(1.0, "sub"))
    play.finish("sub.a", "c")
    assert (play.seen["sub.b"], play.seen["d"], play.status) == ("SUSPENDED", "RUNNING", "RUNNING")
    play.do(ResumeNodeRequested(2.0, "sub"))
    assert play.finish("sub.b", "d").status == "FINISHED"


def test_what_is_resumed_twice_while_the_task_is_suspended_begins_once() -> None:
    play = Play(line())
    play.do(PauseNodeRequested(1.0, "sub"))
    play.finish("sub.a")
    play.do(PauseRequested(2.0))
    for at in (3.0, 5.0):
        play.do(ResumeNodeRequested(at, "sub"))
        play.do(PauseNodeRequested(at + 1, "sub"))
    play.do(ResumeNodeRequested(7.0, "sub"))
    play.do(ResumeRequested(8.0))
    (begun,) = play.last.effects
    assert isinstance(begun, ExecuteNode)
    assert play.finish("sub.b", "after").status == "FINISHED"


def test_case_33_ten_failures_inside_are_each_retried() -> None:
    branches = [edge for number in range(10) for edge in (f"fork>b{number}x", f"b{number}x>meet")]
    drawn = outer(*LINE, inner={"inner": document("start>fork", *branches, "meet>end")}, nodes={"sub": call()})
    play = Play(drawn)
    for number in range(10):
        play.fail(f"sub.b{number}x")
    assert (play.status, len(play.state.failed)) == ("FAILED", 10)
    for number in range(10):
        play.retry(f"sub.b{number}x").finish(f"sub.b{number}x")
    assert play.finish("after").status == "FINISHED"


def test_a_subflow_that_is_stuck_is_retried_or_skipped_as_a_whole() -> None:
    play = Play(line())
    assert "once a node inside has failed and none runs" in play.refused(RetryRequested(1.0, "sub"))
    play.finish("sub.a").fail("sub.b")
    first = play.run("sub")
    play.retry("sub")
    assert (play.run("sub").attempt, play.run("sub").id != first.id) == (2, True)
    assert (play.seen["sub.a"], "sub.b" in play.seen, play.status) == ("RUNNING", False, "RUNNING")
    play.fail("sub.a")
    play.do(SkipRequested(3.0, "sub"))
    assert (play.seen["sub"], play.state.failed, play.state.open) == ("SKIPPED", {"after"}, frozenset())
    # Its outputs are missing, as those of every node that was skipped.
    assert "nodes has no 'sub'" in (play.run("after").error or "")


def test_what_failed_in_a_subflow_that_is_over_goes_on_no_more() -> None:
    play = Play(outer(*LINE, nodes={"sub": call(inputs={"n": 3})}))
    play.finish("sub.a").fail("sub.b")
    play.do(SkipRequested(3.0, "sub"))
    before = play.state
    for operation in (RetryRequested(4.0, "sub.b"), SkipRequested(4.0, "sub.b")):
        assert "sub is SKIPPED: b in it can no longer" in play.refused(operation)
    assert play.state == before
    assert play.finish("after").status == "FINISHED"


def test_a_subflow_made_to_fail_takes_what_runs_inside_with_it() -> None:
    play = Play(line())
    late = play.run("sub.a")
    play.do(ForceFailRequested(1.0, "sub", "ann"))
    assert (play.seen["sub"], play.seen["sub.a"], play.status) == ("FAILED", "REVOKED", "FAILED")
    before = play.state
    play.do(NodeResult(2.0, "sub.a", late.id, late.step, Outcome.FINISHED))
    assert play.state == before
    assert play.retry("sub").finish("sub.a", "sub.b", "after").status == "FINISHED"


@pytest.mark.parametrize(("action", "state"), [("fail", "FAILED"), ("skip", "SKIPPED")])
def test_a_subflow_has_a_time_limit_of_its_own(action: str, state: str) -> None:
    play = Play(line(timeout={"seconds": 60, "action": action}))
    play.fire("sub", 59.0)
    assert play.seen["sub"] == "RUNNING"
    play.fire("sub", 60.0)
    assert (play.seen["sub"], play.seen["sub.a"], play.state.live - {"after"}) == (state, "REVOKED", frozenset())


def test_a_revoked_task_ends_its_subflows_with_their_last_node() -> None:
    play = Play(line())
    play.do(RevokeRequested(1.0))
    assert play.seen["sub"] == "RUNNING"
    play.finish("sub.a")
    assert (play.seen["sub"], play.state.open) == ("REVOKED", frozenset())


def test_case_45_a_subflow_that_runs_again_begins_anew() -> None:
    again = ("start>a", "a>how", "how>a:nodes.a.loop < 2", "how>end:default")
    drawn = outer(
        *("start>sub", "sub>how", "how>sub:nodes.sub.loop < 2", "how>end:default"),
        inner={"inner": document(*again)},
        nodes={"sub": call()},
    )
    play = Play(drawn)
    play.finish("sub.a", "sub.a")
    assert (play.run("sub").loop, play.run("sub.a").loop) == (2, 1)
    assert play.finish("sub.a", "sub.a").status == "FINISHED"
    assert play.run("sub.a").loop == 2


def test_what_lies_behind_the_way_not_taken_inside_shows_so() -> None:
    inner = document("start>how", "how>a:inputs.n > 5", "how>b:default", "a>end", "b>end", extra={"form": FORM})
    play = Play(outer(*LINE, inner={"inner": inner}, nodes={"sub": call(inputs={"n": 1})}))
    assert (play.seen["sub.a"], play.seen["sub.b"]) == ("NOT_TAKEN", "RUNNING")
