"""What people do to single nodes, and what a flow says about its failures, through the management API."""

from typing import Any

from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node

NUMBER_FORM = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}


async def _operate(house: OrchestratorHouse, task: str, what: str, body: Any = None, by: str = "dev") -> Any:
    answer = await house.client.post(f"/tasks/{task}{what}", json=body, headers=as_user(by))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _history(house: OrchestratorHouse, task: str) -> list[tuple[str | None, Any]]:
    entries = (await house.client.get(f"/tasks/{task}/history")).json()["items"]
    return [(entry["node_id"], entry["data"].get("state") or entry["data"].get("operation")) for entry in entries]


async def test_a_loop_runs_as_often_as_its_condition_says_and_each_pass_is_kept(
    running_house: OrchestratorHouse,
) -> None:
    flow = flow_of(
        plugin_node("a", inputs={"n": "${inputs.n}"}),
        {"id": "how", "kind": "exclusive"},
        edges=["start>a", "a>how", "how>a?nodes.a.loop < inputs.n", "how>end?"],
        form=NUMBER_FORM,
    )
    task = await running_house.launch(flow, {"n": 3})
    view = await running_house.until(task, "FINISHED")
    assert (view["nodes"]["a"]["loop"], view["nodes"]["a"]["attempt"]) == (3, 1)
    runs = (await running_house.client.get(f"/tasks/{task}/nodes/a")).json()["runs"]
    assert [(run["loop"], run["state"]) for run in runs] == [(1, "FINISHED"), (2, "FINISHED"), (3, "FINISHED")]


async def test_branches_that_hold_are_taken_and_met(running_house: OrchestratorHouse) -> None:
    flow = flow_of(
        {"id": "some", "kind": "inclusive"},
        *(plugin_node(name) for name in "abc"),
        {"id": "meet", "kind": "join"},
        edges=[
            *("start>some", "some>a?inputs.n > 0", "some>b?inputs.n > 1", "some>c?"),
            *("a>meet", "b>meet", "c>meet", "meet>end"),
        ],
        form=NUMBER_FORM,
    )
    task = await running_house.launch(flow, {"n": 2})
    await running_house.until(task, "FINISHED")
    assert await running_house.states(task) == {
        "some": "FINISHED",
        "a": "FINISHED",
        "b": "FINISHED",
        "c": "NOT_TAKEN",
        "meet": "FINISHED",
    }


async def test_a_node_is_held_where_somebody_asked_for_it_and_is_still_held_by_the_next_process(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("slow", "hold"), plugin_node("b", inputs={"x": 1})))
    await house.until(task, "RUNNING", node="slow")
    asked = await _operate(house, task, "/nodes/b:pause")
    assert (asked["state"], asked["paused"]) == ("PENDING", True)
    house.invoker.release.set()
    held = await house.until(task, "SUSPENDED", node="b")
    assert (held["state"], held["nodes"]["b"]["paused"]) == ("RUNNING", False)
    await house.unit.stop()
    successor = house.successor()
    house.app.state.orchestrator = successor
    await successor.start()
    await _operate(house, task, "/nodes/b:resume")
    view = await house.until(task, "FINISHED")
    assert view["nodes"]["b"]["attempt"] == 1
    assert [entry for entry in await _history(house, task) if entry[0] == "b"] == [
        *(("b", "pause_node"), ("b", "SUSPENDED"), ("b", "resume_node"), ("b", "RUNNING"), ("b", "FINISHED"))
    ]
    await successor.stop()


async def test_a_node_under_way_is_made_to_fail_and_its_late_answer_is_ignored(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    task = await house.launch(flow_of(plugin_node("slow", "hold"), plugin_node("b")))
    await house.until(task, "RUNNING", node="slow")
    failed = await _operate(house, task, "/nodes/slow:force-fail")
    assert (failed["state"], failed["error"]) == ("FAILED", "made to fail by dev")
    house.invoker.release.set()
    await _operate(house, task, "/nodes/slow:skip")
    view = await house.until(task, "FINISHED")
    assert view["nodes"]["slow"]["state"] == "SKIPPED"


async def test_a_person_chooses_where_a_failed_decision_goes_on(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = flow_of(
        {"id": "how", "kind": "exclusive"},
        *(plugin_node(name) for name in "ab"),
        edges=["start>how", "how>a?inputs.n > 5", "how>b?inputs.n > 6", "a>end", "b>end"],
        form=NUMBER_FORM,
    )
    task = await house.launch(flow, {"n": 1})
    await house.until(task, "FAILED")
    wrong = await house.client.post(f"/tasks/{task}/nodes/how:choose", json={"edges": ["e9"]})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "illegal_operation")
    await _operate(house, task, "/nodes/how:choose", {"edges": ["e2"]})
    view = await house.until(task, "FINISHED")
    assert (view["nodes"]["a"]["state"], view["nodes"]["b"]["state"]) == ("NOT_TAKEN", "FINISHED")


async def test_changed_inputs_fit_the_form_need_a_role_and_reach_what_begins_later(
    running_house: OrchestratorHouse,
) -> None:
    house = running_house
    nodes = (plugin_node("slow", "hold"), plugin_node("b", inputs={"n": "${inputs.n}"}))
    task = await house.launch(flow_of(*nodes, form=NUMBER_FORM, outputs={"n": "${inputs.n}"}), {"n": 1})
    await house.until(task, "RUNNING", node="slow")
    refused = await house.client.post(f"/tasks/{task}:change-inputs", json={"inputs": {"n": "x"}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/inputs/n")
    nobody = await house.client.post(f"/tasks/{task}:change-inputs", json={"inputs": {"n": 2}}, headers=as_user("x"))
    assert nobody.status_code == 403
    changed = await _operate(house, task, ":change-inputs", {"inputs": {"n": 2}})
    assert changed["inputs"] == {"n": 2}
    house.invoker.release.set()
    view = await house.until(task, "FINISHED")
    assert (view["inputs"], view["outputs"]) == ({"n": 2}, {"n": 2})
    (run,) = (await house.client.get(f"/tasks/{task}/nodes/b")).json()["runs"]
    assert run["inputs"] == {"n": 2}


async def test_failures_are_retried_and_passed_over_and_time_limits_kept(running_house: OrchestratorHouse) -> None:
    house = running_house
    flow = flow_of(
        plugin_node("again", "check", retry={"times": 2}, on_failure="ignore"),
        plugin_node("late", "wait", timeout={"seconds": 0.05, "action": "skip"}),
        plugin_node("mended", "check", on_failure="handle"),
        plugin_node("mend", inputs={"was": "${nodes.mended.state}"}),
        edges=["start>again", "again>late", "late>mended", "mended>end", "mended>mend", "mend>end"],
    )
    flow["edges"][4]["failure"] = True
    task = await house.launch(flow)
    view = await house.until(task, "FINISHED")
    states = {name: node["state"] for name, node in view["nodes"].items()}
    assert states == {
        "start": "FINISHED",
        "again": "IGNORED",
        "late": "SKIPPED",
        "mended": "IGNORED",
        "mend": "FINISHED",
        "end": "FINISHED",
    }
    assert view["nodes"]["again"]["attempt"] == 3
    assert house.invoker.calls[-1][1].inputs == {"was": "IGNORED"}
