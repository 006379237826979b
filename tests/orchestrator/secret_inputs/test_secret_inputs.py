"""What somebody fills in as a secret reaches the plugin, and nothing that is kept or shown."""

import json
from typing import Any

from sqlalchemy import inspect, select, text

from kernel.db.database import Database
from orchestrator.runtime.models import Task
from orchestrator.secret_inputs.models import SecretInput
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.scripted_plugins import ScriptedInvoker

SECRET = "correct horse battery"
FORM = {
    "schema": {
        "type": "object",
        "properties": {"host": {"type": "string"}, "password": {"type": "string", "writeOnly": True}},
        "required": ["host"],
    }
}
GIVEN = {"host": "db1", "password": SECRET}
NODE = plugin_node("log_in", inputs={"host": "${inputs.host}", "line": "login -p ${inputs.password}"})
FLOW = flow_of(NODE, form=FORM)


async def everything_kept(database: Database) -> str:
    """All rows of all tables, as text."""
    found = []
    async with database.reading() as session:
        names = await session.run_sync(lambda sync: _tables(sync.connection()))
        for name in names:
            found += [str(tuple(row)) for row in await session.execute(text(f'SELECT * FROM "{name}"'))]  # noqa: S608
    return "\n".join(found)


def _tables(connection: Any) -> list[str]:
    return list(inspect(connection).get_table_names())


async def _owners(database: Database) -> list[str]:
    async with database.reading() as session:
        return sorted((await session.execute(select(SecretInput.owner))).scalars())


def _sent(invoker: ScriptedInvoker) -> list[str]:
    """The secrets that came with each first invocation."""
    return [" ".join(call.secrets.values()) for kind, call in invoker.calls if kind == "execute"]


async def test_a_plugin_is_sent_the_secret_and_nothing_keeps_or_shows_it(running_house: OrchestratorHouse) -> None:
    task = await running_house.launch(FLOW, GIVEN)
    await running_house.until(task, "FINISHED")
    ((_, call),) = running_house.invoker.calls
    (handle,) = call.secrets
    assert call.secrets[handle] == SECRET
    assert call.inputs == {"host": "db1", "line": f"login -p {handle}"}
    assert SECRET not in repr(call)
    view = await running_house.task(task)
    assert view["inputs"] == {"host": "db1", "password": "******"}
    node = (await running_house.client.get(f"/tasks/{task}/nodes/log_in")).json()
    assert node["runs"][0]["inputs"]["line"] == node["runs"][0]["outputs"]["line"] == "login -p ******"
    history = (await running_house.client.get(f"/tasks/{task}/history")).text
    kept = await everything_kept(running_house.database)
    assert SECRET not in kept + history + json.dumps(view)
    assert handle in kept, "the handle stands where the secret would"
    assert handle not in history + json.dumps(view) + json.dumps(node)


async def test_a_secret_that_the_flow_passes_on_reaches_a_flow_inside(running_house: OrchestratorHouse) -> None:
    inner = await running_house.publish(FLOW, "inner")
    passed = {"host": "${inputs.host}", "password": "${inputs.password}"}
    node = {"id": "each", "kind": "subflow", "flow": inner, "inputs": passed}
    task = await running_house.launch(flow_of(node, form=FORM), GIVEN)
    await running_house.until(task, "FINISHED")
    assert _sent(running_house.invoker) == [SECRET]


async def test_a_secret_of_another_task_is_not_opened(running_house: OrchestratorHouse) -> None:
    first = await running_house.launch(FLOW, GIVEN)
    await running_house.until(first, "FINISHED")
    async with running_house.database.reading() as session:
        stolen = (await session.get(Task, first)).inputs["password"]  # type: ignore[union-attr]
    second = await running_house.launch(FLOW, {"host": stolen, "password": stolen})
    view = await running_house.until(second, "FAILED")
    assert "no longer kept" in view["nodes"]["log_in"]["error"]
    assert SECRET not in _sent(running_house.invoker)[1:]


async def test_inputs_are_changed_and_secrets_stay_unless_they_are_given_anew(running_house: OrchestratorHouse) -> None:
    flow = await running_house.publish(FLOW)
    client = running_house.client
    task = (await client.post(f"/flows/{flow}/tasks", json={"inputs": GIVEN, "start": False})).json()["id"]
    changed = await client.post(f"/tasks/{task}:change-inputs", json={"inputs": {"host": "db2", "password": "******"}})
    assert changed.status_code == 200, changed.text
    assert changed.json()["inputs"] == {"host": "db2", "password": "******"}
    await client.post(f"/tasks/{task}:start")
    await running_house.until(task, "FINISHED")
    other = (await client.post(f"/flows/{flow}/tasks", json={"inputs": GIVEN, "start": False})).json()["id"]
    await client.post(f"/tasks/{other}:change-inputs", json={"inputs": {"password": "another one"}})
    await client.post(f"/tasks/{other}:start")
    await running_house.until(other, "FINISHED")
    assert _sent(running_house.invoker) == [SECRET, "another one"]
    kept = await everything_kept(running_house.database)
    assert "another one" not in kept


async def test_a_task_that_is_run_again_has_the_secrets_of_the_first(running_house: OrchestratorHouse) -> None:
    first = await running_house.launch(FLOW, GIVEN)
    await running_house.until(first, "FINISHED")
    again = await running_house.client.post(f"/tasks/{first}:rerun", json={"node": "log_in", "inputs": {"host": "db3"}})
    assert again.status_code == 201, again.text
    await running_house.until(again.json()["id"], "FINISHED")
    assert _sent(running_house.invoker) == [SECRET, SECRET]
    assert await _owners(running_house.database) == sorted([first, again.json()["id"]])


async def test_inputs_sent_back_as_they_are_shown_are_not_taken_for_new_ones(running_house: OrchestratorHouse) -> None:
    node = plugin_node("log_in", "check", inputs={"ok": False, "line": "-p ${inputs.password}"})
    task = await running_house.launch(flow_of(node, form=FORM), GIVEN)
    await running_house.until(task, "FAILED")
    shown = (await running_house.client.get(f"/tasks/{task}/nodes/log_in")).json()["runs"][0]["inputs"]
    retried = await running_house.client.post(
        f"/tasks/{task}/nodes/log_in:retry", json={"inputs": {**shown, "ok": True}}
    )
    assert retried.status_code in {200, 202}, retried.text
    await running_house.until(task, "FINISHED")
    assert _sent(running_house.invoker) == [SECRET, SECRET]


async def test_a_schedule_keeps_its_secrets_sealed_and_gives_them_to_its_tasks(
    running_house: OrchestratorHouse,
) -> None:
    flow = await running_house.publish(FLOW)
    client = running_house.client
    asked = {"name": "nightly", "cron": "0 3 * * *", "inputs": GIVEN}
    dev = as_user("dev")
    made = await client.post(f"/flows/{flow}/schedules", json=asked, headers=dev)
    assert made.status_code == 201, made.text
    schedule = made.json()
    assert schedule["inputs"] == {"host": "db1", "password": "******"}
    body = {**asked, "inputs": {"host": "db9"}, "version": 1}
    changed = await client.put(f"/schedules/{schedule['id']}", json=body, headers=dev)
    assert changed.status_code == 200, changed.text
    assert await _owners(running_house.database) == [schedule["id"]]
    run = (await client.post(f"/schedules/{schedule['id']}:run")).json()
    assert run["outcome"] == "started", run
    await running_house.until(run["task_id"], "FINISHED")
    assert _sent(running_house.invoker) == [SECRET]
    assert SECRET not in await everything_kept(running_house.database)
    await client.delete(f"/schedules/{schedule['id']}")
    assert await _owners(running_house.database) == [run["task_id"]]


async def test_a_secret_answered_to_a_question_is_sealed_too(running_house: OrchestratorHouse) -> None:
    ask = {"id": "ask", "kind": "confirm", "message": "Which?", "form": FORM}
    use = plugin_node("use", inputs={"line": "${nodes.ask.outputs.data.password}"})
    task = await running_house.launch(flow_of(ask, use))
    await running_house.until(task, "WAITING_DECISION", "ask")
    await running_house.client.post(f"/tasks/{task}/nodes/ask:decide", json={"data": GIVEN})
    await running_house.until(task, "FINISHED")
    assert _sent(running_house.invoker) == [SECRET]
    assert SECRET not in await everything_kept(running_house.database)
