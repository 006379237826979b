"""Acceptance case 39 inside subflows: a task begins at a node there, with what an earlier one left around it."""

from typing import Any

from orchestrator.engine.effects import ExecuteNode
from orchestrator.engine.events import LockGranted, PauseNodeRequested, ResumeNodeRequested, RetryRequested, TaskStarted
from orchestrator.engine.machine import advance
from orchestrator.engine.model import State, Surroundings
from tests.orchestrator.engine.cases.test_subflows import INNER, LINE, call
from tests.orchestrator.engine.play import Play, document, graph

DONE = {"state": "FINISHED"}
KEPT = {"start": DONE, "sub.start": DONE, "sub.a": {**DONE, "outputs": {"said": "hello"}}}
AFTER = {"after": {"x": "${nodes.sub.outputs}"}}


def begin(node: str = "sub.b", **entered: Any) -> dict[str, Any]:
    return {"begin": {"node": node, "kept": KEPT, "entered": entered or {"sub": {"n": 5}}}}


def line(*, begun: dict[str, Any] | None = None, edges: tuple[str, ...] = LINE, **node: Any) -> Play:
    nodes = {"sub": call(inputs={"n": 3, "m": 4}, **node)}
    extra = {"subflows": {"inner@1": INNER}, **(begun or begin())}
    return Play(graph(*edges, nodes=nodes, inputs=AFTER, extra=extra))


def executed(play: Play) -> list[str]:
    return [effect.node for effect in play.last.effects if isinstance(effect, ExecuteNode)]


def test_a_task_begins_in_a_subflow_that_ends_as_if_it_had_run_whole() -> None:
    play = line()
    assert executed(play) == ["sub.b"]
    assert play.run("sub.b").inputs == {"seen": {"said": "hello"}}
    assert (play.run("sub.a").attempt, play.run("sub").attempt, play.seen["sub"]) == (0, 1, "RUNNING")
    play.answer("sub.b", outputs={"said": "bye"})
    assert play.run("after").inputs == {"x": {"said": "bye", "none": None}}
    assert play.finish("after").status == "FINISHED"


def test_the_flow_inside_has_the_inputs_of_the_earlier_task_and_those_that_came_later() -> None:
    assert line().run("sub").inputs == {"n": 5, "m": 4}


def test_what_was_passed_over_in_the_earlier_task_is_seen_so_though_it_left_nothing() -> None:
    inner = document("start>a", "a>b", "b>end", inputs={"b": {"how": "${nodes.a.state}", "left": "${nodes.a.outputs}"}})
    begun = {"begin": {"node": "sub.b", "kept": {"sub.a": {"state": "IGNORED"}}, "entered": {"sub": {}}}}
    play = Play(graph(*LINE, nodes={"sub": call()}, extra={"subflows": {"inner@1": inner}, **begun}))
    assert play.run("sub.b").inputs == {"how": "IGNORED", "left": {}}


def test_inputs_that_do_not_fit_any_more_fail_the_subflow_which_begins_inside_once_they_do() -> None:
    play = line(begun=begin(sub={"n": "five"}))
    assert (play.seen["sub"], play.status) == ("FAILED", "FAILED")
    assert "/inputs/n" in (play.run("sub").error or "")
    play.do(RetryRequested(2.0, "sub", {"n": 6}))
    assert (executed(play), play.run("sub").inputs) == (["sub.b"], {"n": 6, "m": 4})


def test_a_subflow_that_is_retried_as_a_whole_begins_inside_again() -> None:
    play = line().fail("sub.b")
    play.do(RetryRequested(2.0, "sub"))
    assert (executed(play), play.run("sub").attempt, play.run("sub.a").attempt) == (["sub.b"], 2, 0)
    assert play.run("sub.b").inputs == {"seen": {"said": "hello"}}


def test_a_loop_that_leads_to_the_subflow_again_runs_it_from_its_start() -> None:
    edges = ("start>sub", "sub>how", "how>sub:nodes.sub.loop < 2", "how>after:default", "after>end")
    play = line(edges=edges).finish("sub.b")
    assert (executed(play), play.run("sub").inputs) == (["sub.a"], {"n": 3, "m": 4})
    assert play.finish("sub.a", "sub.b", "after").status == "FINISHED"


def test_a_task_begins_in_a_branch_of_a_subflow_in_a_branch() -> None:
    flow = document("start>fork", "fork>a", "fork>b", "a>meet", "b>meet", "meet>c", "c>end")
    kept = ("start", "fork", "x", "sub.start", "sub.fork", "sub.a")
    begun = {"begin": {"node": "sub.b", "kept": dict.fromkeys(kept, DONE), "entered": {"sub": {}}}}
    edges = ("start>fork", "fork>x", "fork>sub", "x>meet", "sub>meet", "meet>after", "after>end")
    play = Play(graph(*edges, nodes={"sub": call()}, extra={"subflows": {"inner@1": flow}, **begun}))
    assert executed(play) == ["sub.b"]
    assert executed(play.finish("sub.b")) == ["sub.c"]
    assert executed(play.finish("sub.c")) == ["after"]
    assert (play.finish("after").status, play.state.forks) == ("FINISHED", {})


def test_a_task_begins_several_subflows_deep() -> None:
    form = {"schema": {"properties": {"n": {"type": "integer"}}}}
    middle = document("start>deep", "deep>end", nodes={"deep": call(inputs={"n": "${inputs.n}"})}, extra={"form": form})
    kept = {"sub.deep.a": {**DONE, "outputs": {"said": "deep down"}}}
    entered = {"sub": {"n": 8}, "sub.deep": {"n": 9}}
    begun = {"begin": {"node": "sub.deep.b", "kept": kept, "entered": entered}}
    extra = {"subflows": {"inner@1": INNER, "middle@1": middle}, **begun}
    play = Play(graph(*LINE, nodes={"sub": call("middle", inputs={"n": 1})}, extra=extra))
    assert executed(play) == ["sub.deep.b"]
    assert (play.run("sub").inputs, play.run("sub.deep").inputs) == ({"n": 8}, {"n": 9, "m": 7})
    assert play.run("sub.deep.b").inputs == {"seen": {"said": "deep down"}}
    assert play.finish("sub.deep.b", "after").status == "FINISHED"


def test_a_loop_around_several_subflows_runs_all_of_them_from_their_starts() -> None:
    middle = document("start>deep", "deep>end", nodes={"deep": call(inputs={"n": 1})})
    kept = {"sub.deep.a": {**DONE, "outputs": {}}}
    begun = {"begin": {"node": "sub.deep.b", "kept": kept, "entered": {"sub": {}, "sub.deep": {"n": 9}}}}
    edges = ("start>sub", "sub>how", "how>sub:nodes.sub.loop < 2", "how>end:default")
    extra = {"subflows": {"inner@1": INNER, "middle@1": middle}, **begun}
    play = Play(graph(*edges, nodes={"sub": call("middle")}, extra=extra))
    play.answer("sub.deep.b")
    assert (executed(play), play.run("sub.deep").inputs) == (["sub.deep.a"], {"n": 1, "m": 7})


def test_constants_of_the_flow_inside_follow_the_inputs_it_had() -> None:
    constants = {"double": {"value": "${inputs.n}0"}}
    flow = document("start>b", "b>end", inputs={"b": {"x": "${constants.double}"}}, extra={"constants": constants})
    flow["form"] = {"schema": {"properties": {"n": {"type": "integer"}}}}
    begun = {"begin": {"node": "sub.b", "kept": {}, "entered": {"sub": {"n": 5}}}}
    extra = {"subflows": {"inner@1": flow}, **begun}
    play = Play(graph(*LINE, nodes={"sub": call(inputs={"n": 3})}, extra=extra))
    assert play.run("sub.b").inputs == {"x": "50"}


def test_a_subflow_waits_for_its_lock_before_the_task_begins_inside() -> None:
    play = line(lock={"key": "db"})
    assert (play.seen["sub"], executed(play), "sub.a" in play.seen) == ("WAITING_LOCK", [], False)
    play.do(LockGranted(2.0, "sub", play.run("sub").id))
    assert (executed(play), play.run("sub").inputs) == (["sub.b"], {"n": 5, "m": 4})


def test_a_subflow_that_is_to_be_held_is_held_before_the_task_begins_inside() -> None:
    drawn = line().graph
    asked = (PauseNodeRequested(0.0, "sub"), TaskStarted(0.0))
    held = advance(drawn, State("t"), asked, Surroundings())
    assert (held.state.runs["sub"].state, held.effects) == ("SUSPENDED", ())
    resumed = advance(drawn, held.state, [ResumeNodeRequested(1.0, "sub")], Surroundings())
    assert [effect.node for effect in resumed.effects if isinstance(effect, ExecuteNode)] == ["sub.b"]
