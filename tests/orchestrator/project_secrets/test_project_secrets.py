"""Flows that refer to secrets of their project: where they may, what is sent, and that nothing keeps or shows it."""

import json
from typing import Any

import pytest

from kernel.secret_sources.errors import SecretUnavailable
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.project_secrets import named_secrets
from orchestrator.project_secrets.handles import ProjectSecretHandles
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, validate
from tests.orchestrator.secret_inputs.test_secret_inputs import everything_kept
from tests.support.orchestrator import PROJECT, OrchestratorHouse, flow_of, plugin_node

SECRET = "correct horse battery"
REFERENCE, DOTTED = "${project.secrets.db-password}", '${project.secrets["db.password"]}'
LOG_IN = plugin_node("log_in", inputs={"line": f"login -p {REFERENCE}"})
TAKES = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}, "line": {"type": "string"}}}
AROUND = Surroundings({("echo", "1.0.0"): KnownPlugin(TAKES, {})}, secrets=frozenset({"db-password", "db.password"}))


def _keep(house: OrchestratorHouse, **secrets: str | Exception) -> None:
    house.secrets.by_project[PROJECT.id] = {name.replace("_", "-"): secret for name, secret in secrets.items()}


def _broken(node: dict[str, Any], **rest: Any) -> set[tuple[str, str | None]]:
    problems = validate(Graph(read_flow(flow_of(node, **rest))), AROUND)
    return {(problem.rule, problem.field) for problem in problems if problem.blocking}


@pytest.mark.parametrize(
    ("inputs", "broken"),
    [
        ({"token": REFERENCE, "line": f"-p {DOTTED}"}, set()),
        ({"token": f"x{REFERENCE}"}, {("secret_named", "inputs.token")}),
        ({"line": "${project.secrets.gone}"}, {("project_secret", "inputs.line")}),
        ({"line": "${project.secrets}"}, {("project_secret", "inputs.line")}),
        ({"line": "${project.secrets.db-password.x}"}, {("project_secret", "inputs.line")}),
    ],
)
def test_inputs_of_plugins_refer_to_a_secret_that_there_is(inputs: dict[str, Any], broken: set[Any]) -> None:
    assert _broken(plugin_node("n", inputs=inputs)) == broken


@pytest.mark.parametrize(
    ("node", "field"),
    [
        ({"id": "n", "kind": "confirm", "message": f"it is {REFERENCE}"}, "message"),
        ({"id": "n", "kind": "expression", "values": {"x": 'project.secrets["db-password"]'}}, "values.x"),
        ({"id": "n", "kind": "timer", "seconds": REFERENCE}, "seconds"),
    ],
)
def test_a_secret_of_the_project_stands_nowhere_people_would_see_it(node: dict[str, Any], field: str) -> None:
    assert _broken(node) == {("secret_place", field)}


def test_outputs_and_constants_tell_no_secret_of_the_project() -> None:
    broken = _broken(plugin_node("n"), outputs={"o": REFERENCE}, constants={"c": {"value": REFERENCE}})
    assert broken == {("secret_place", "outputs.o"), ("secret_place", "constants.c.value")}


def test_names_are_told_from_the_text_of_the_flow_and_those_inside_it() -> None:
    inner = {"subflows": {"f@1": flow_of(plugin_node("b", inputs={"x": [DOTTED]}))}}
    assert named_secrets({**flow_of(LOG_IN), **inner}) == {"db-password", "db.password"}
    assert named_secrets(flow_of(plugin_node("a", inputs={"x": f"${REFERENCE}"}))) == frozenset()


def test_a_handle_is_of_one_task_and_outlives_a_change_of_the_root_key() -> None:
    before, after = ProjectSecretHandles([b"old"]), ProjectSecretHandles([b"new", b"old"])
    handle = before.of_task("t", ["x"])["x"]
    assert after.names_of("t", ["x", "y"])[handle] == "x"
    assert handle not in after.names_of("u", ["x"])
    assert handle not in ProjectSecretHandles([b"new"]).names_of("t", ["x"])
    assert after.of_task("t", ["x"])["x"] != handle


async def test_a_plugin_is_sent_the_secret_as_it_is_now_and_nothing_keeps_or_shows_it(
    running_house: OrchestratorHouse,
) -> None:
    _keep(running_house, db_password=SECRET, other="other secret")
    task = await running_house.launch(flow_of(LOG_IN))
    view = await running_house.until(task, "FINISHED")
    ((_, call),) = running_house.invoker.calls
    (handle,) = call.secrets
    assert (call.secrets[handle], call.inputs) == (SECRET, {"line": f"login -p {handle}"})
    assert running_house.secrets.opened == [frozenset({"db-password"})]
    assert view["definition"]["project_secrets"] == ["db-password"]
    node = (await running_house.client.get(f"/tasks/{task}/nodes/log_in")).json()
    assert node["runs"][0]["inputs"]["line"] == node["runs"][0]["outputs"]["line"] == "login -p ******"
    history = (await running_house.client.get(f"/tasks/{task}/history")).text
    shown = history + json.dumps(view) + json.dumps(node)
    assert SECRET not in shown + await everything_kept(running_house.database)
    assert handle not in shown


async def test_a_text_that_looks_like_a_handle_opens_nothing(running_house: OrchestratorHouse) -> None:
    _keep(running_house, db_password=SECRET)
    form = {"schema": {"type": "object", "properties": {"host": {"type": "string"}}}}
    node = plugin_node("log_in", inputs={"line": REFERENCE, "host": "${inputs.host}"})
    task = await running_house.launch(flow_of(node, form=form), {"host": f"{{secret:{'0' * 32}}}"})
    await running_house.until(task, "FAILED", "log_in")
    assert running_house.invoker.calls == []


async def test_a_task_that_goes_on_from_a_node_opens_what_earlier_nodes_told_of_a_secret(
    running_house: OrchestratorHouse,
) -> None:
    _keep(running_house, db_password=SECRET)
    use = plugin_node("use", inputs={"line": "${nodes.log_in.outputs.line}"})
    task = await running_house.launch(flow_of(LOG_IN, use))
    await running_house.until(task, "FINISHED")
    again = await running_house.client.post(f"/tasks/{task}:rerun", json={"node": "use"})
    await running_house.until(again.json()["id"], "FINISHED")
    _, call = running_house.invoker.calls[-1]
    (handle,) = call.secrets
    assert (call.secrets[handle], call.inputs) == (SECRET, {"line": f"login -p {handle}"})
    assert SECRET not in await everything_kept(running_house.database)


async def test_a_secret_that_is_gone_refuses_the_launch(running_house: OrchestratorHouse) -> None:
    _keep(running_house, db_password=SECRET)
    flow = await running_house.publish(flow_of(LOG_IN))
    _keep(running_house)
    refused = await running_house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}})
    assert (refused.status_code, refused.json()["code"]) == (409, "project_secrets_missing")
    assert refused.json()["errors"][0]["field"] == "project.secrets.db-password"
    review = (await running_house.client.post(f"/flows/{flow}:review", json={"inputs": {}})).json()
    assert [problem["field"] for problem in review["problems"]] == ["project.secrets.db-password"]


async def test_a_source_that_has_the_secret_no_more_fails_the_node_before_it_calls(
    running_house: OrchestratorHouse,
) -> None:
    _keep(running_house, db_password=SecretUnavailable("the source has none"))
    task = await running_house.launch(flow_of(LOG_IN))
    await running_house.until(task, "FAILED", "log_in")
    assert running_house.invoker.calls == []
    assert "the source has none" in (await running_house.client.get(f"/tasks/{task}/nodes/log_in")).text


async def test_the_review_before_a_launch_asks_nothing_with_a_secret_and_hides_it(
    running_house: OrchestratorHouse,
) -> None:
    _keep(running_house, db_password=SECRET)
    flow = await running_house.publish(flow_of(plugin_node("a", "look", inputs={"line": REFERENCE})))
    review = await running_house.client.post(f"/flows/{flow}:review", json={"inputs": {}})
    assert review.json()["steps"][0]["inputs"] == {"line": "••••"}
    assert (running_house.invoker.calls, running_house.secrets.opened) == ([], [])
