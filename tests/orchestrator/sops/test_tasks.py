"""Tasks by the calls of Standard OPS's clients."""

import asyncio
from typing import Any

from orchestrator.flow.blueking.host_pickers import CHOICE
from tests.orchestrator.sops.conftest import Sops, one_database
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.patience import patience

FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string", "title": "Address"}}}}
ECHO = flow_of(
    plugin_node("say", inputs={"ip": "${inputs.ip}"}),
    plugin_node("more", optional=True),
    form=FORM,
    outputs={"ip": "${inputs.ip}"},
)
ASKS = flow_of({"id": "ask", "kind": "confirm", "name": "Go on?"}, plugin_node("say"))


async def created(sops: Sops, definition: dict[str, Any], **params: Any) -> int:
    template = await sops.template(definition)
    answer = await sops.data("create_task", template_id=template, name="mine", **params)
    number: int = answer["task_id"]
    return number


async def test_a_task_is_created_waits_is_started_and_read_to_its_end(sops: Sops) -> None:
    template = await sops.template(ECHO)
    made = await sops.data("create_task", template_id=template, name="mine", constants={"${ip}": "10.0.0.1"})
    (found,) = (await sops.house.client.get("/projects/shop/tasks")).json()["items"]
    assert made["task_url"].endswith(f"/tasks/{found['id']}")
    assert made["pipeline_tree"]["constants"]["${ip}"]["value"] == "10.0.0.1"
    task = made["task_id"]
    status = await sops.data("get_task_status", task_id=task)
    assert (status["state"], status["children"], status["start_time"]) == ("CREATED", {}, "")
    (listed,) = await sops.data("get_task_list", is_started=False)
    may = ["task_view", "task_edit", "task_operate", "task_claim", "task_clone"]
    assert (listed["id"], listed["auth_actions"]) == (task, may)
    assert "task_url" in await sops.data("start_task", task_id=task)
    done = await sops.until(task, "FINISHED")
    assert (done["name"], done["children"]["say"]["state"], done["children"]["say"]["loop"]) == ("mine", "FINISHED", 1)
    assert done["finish_time"].endswith(" +0000")
    assert await sops.refused("start_task", task_id=task) == (3545000, "a task that is FINISHED cannot be started")
    detail = await sops.data("get_task_detail", task_id=task)
    assert (detail["template_id"], detail["creator"]) == (template, "ada")
    assert (detail["create_method"], detail["is_child_taskflow"]) == ("api", False)
    assert detail["outputs"] == [{"key": "${ip}", "name": "ip", "value": "10.0.0.1"}]
    node = await sops.data("get_task_node_detail", task_id=task, node_id="say", component_code="echo")
    assert (node["state"], node["inputs"], node["histories"]) == ("FINISHED", {"ip": "10.0.0.1"}, [])
    assert {"key": "_result", "name": "_result", "value": True, "preset": True} in node["outputs"]
    data = await sops.data("get_task_node_data", task_id=task, node_id="say", subprocess_stack="[]")
    assert data["inputs"] == {"ip": "10.0.0.1"}


@one_database
async def test_optional_nodes_are_left_out(sops: Sops) -> None:
    template = await sops.template(ECHO)
    preview = await sops.data("preview_task_tree", template_id=template, exclude_task_nodes_id=["more"])
    assert list(preview["pipeline_tree"]["activities"]) == ["say"]
    assert preview["constants_not_referred"] == {}
    for chosen in ({"exclude_task_nodes_id": ["more"]}, {"execute_task_nodes_id": ["say"]}):
        made = await sops.data(
            "create_and_start_task", template_id=template, name="one", constants={"ip": "x"}, **chosen
        )
        assert list(made["pipeline_tree"]["activities"]) == ["say"]
        status = await sops.until(made["task_id"], "FINISHED")
        assert status["children"].keys() == {"start", "say", "end"}


@one_database
async def test_a_task_is_made_by_schemes_of_its_template(sops: Sops) -> None:
    nodes = [plugin_node(name, optional=True) for name in ("one", "two", "three")]
    template = await sops.template(flow_of(*nodes), "Chosen")
    flow = (await sops.house.client.get("/projects/shop/flows")).json()["items"][0]["id"]
    for name in ("one", "two"):
        made = await sops.house.client.post(f"/flows/{flow}/schemes", json={"name": f"only-{name}", "keep": [name]})
        assert made.status_code == 201
    listed = await sops.data("get_template_schemes", template_id=template)
    assert [(each["id"], each["data"]) for each in listed] == [
        (f"{template}-only-one", '["one"]'),
        (f"{template}-only-two", '["two"]'),
    ]
    chosen = [each["id"] for each in listed]
    task = await sops.data("create_task", template_id=template, name="both", template_schemes_id=chosen)
    assert list(task["pipeline_tree"]["activities"]) == ["one", "two"]
    clocked = await sops.data(
        "create_clocked_task", template_id=template, task_name="later", plan_start_time="2030-05-16 20:26:40",
        task_parameters={"template_schemes_id": chosen[:1]},
    )  # fmt: skip
    assert clocked["task_parameters"]["template_schemes_id"] == chosen[:1]


@one_database
async def test_a_task_that_does_not_fit_is_not_made(sops: Sops) -> None:
    template = await sops.template(ECHO)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"constants": {"${ipp}": 1}}, "constants.ipp"),
        ({"constants": {"ip": 3}}, "/inputs/ip"),
        ({"exclude_task_nodes_id": ["say"]}, "say"),
        ({"template_schemes_id": ["1-a"]}, "template_schemes_id"),
        ({"callback_url": "http://x"}, "callback_url"),
        ({"name": ""}, "name"),
        ({"name": "exe\u202egpj"}, "name"),
    ]
    for params, names in wrong:
        code, message = await sops.refused("create_task", template_id=template, **{"name": "mine", **params})
        assert (code, names in message) == (3540000, True), message
    assert (await sops.call("get_task_list"))["count"] == 0


@one_database
async def test_a_task_is_paused_goes_on_and_is_revoked(sops: Sops) -> None:
    task = await created(sops, ASKS)
    await sops.data("operate_task", task_id=task, action="start")
    status = await sops.until(task, "RUNNING")
    for action, state in (("pause", "SUSPENDED"), ("resume", "RUNNING"), ("revoke", "REVOKED")):
        assert await sops.data("operate_task", task_id=task, action=action) == "success"
        status = await sops.data("get_task_status", task_id=task)
        assert status["state"] == state
    code, message = await sops.refused("operate_task", task_id=task, action="resume")
    assert (code, message) == (3545000, "a task that is REVOKED cannot resume")
    records = await sops.data("get_task_operate_record", task_id=task)
    assert [each["operate_type"] for each in records] == ["pause", "resume", "revoke"]
    assert {each["operator"] for each in records} == {"ada"}


@one_database
async def test_a_node_that_asks_is_called_back(sops: Sops) -> None:
    task = await created(sops, ASKS)
    await sops.data("start_task", task_id=task)
    await sops.until(task, "RUNNING")
    waiting = await sops.data("get_task_status", task_id=task, with_new_status=True)
    assert (waiting["state"], waiting["children"]["ask"]["state"]) == ("PENDING_PROCESSING", "PENDING_CONFIRMATION")
    states = await sops.data("get_tasks_manual_intervention_state", task_id_list=[task, 10**9])
    assert states == [{"id": task, "manual_intervention_required": True}]
    code, _ = await sops.refused("node_callback", task_id=task, node_id="ask", version="old")
    assert code == 3545000
    version = waiting["children"]["ask"]["version"]
    await sops.data("node_callback", task_id=task, node_id="ask", version=version, callback_data={})
    await sops.until(task, "FINISHED")


@one_database
async def test_a_failed_node_is_retried_with_other_inputs_or_skipped(sops: Sops) -> None:
    nodes = [plugin_node(name, "check", inputs={"ok": False}) for name in ("one", "two")]
    task = await created(sops, flow_of(*nodes))
    await sops.data("start_task", task_id=task)
    failed = await sops.until(task, "FAILED")
    told = await sops.data("get_task_status", task_id=task, with_ex_data=True, with_failed_node_info="true")
    assert (told["ex_data"].keys(), told["failed_node_info"]) == ({"one"}, {"one": {"auto_retry_times": 0}})
    assert failed["children"]["one"]["state"] == "FAILED"
    assert (
        await sops.data("operate_node", task_id=task, node_id="one", action="retry", inputs={"ok": True}) == "success"
    )
    await sops.until(task, "FAILED")
    node = await sops.data("get_task_node_detail", task_id=task, node_id="one")
    assert (node["retry"], [each["state"] for each in node["histories"]]) == (1, ["FAILED"])
    assert await sops.data("operate_node", task_id=task, node_id="two", action="skip") == "success"
    status = await sops.until(task, "FINISHED")
    assert (status["children"]["two"]["state"], status["children"]["two"]["skip"]) == ("FINISHED", True)
    assert (await sops.refused("operate_node", task_id=task, node_id="two", action="retry"))[0] == 3545000
    assert (await sops.refused("operate_node", task_id=task, node_id="two", action="skip_exg"))[0] == 3540000
    first = node["histories"][0]["version"]
    whole = await sops.call("get_task_node_log", task_id=task, node_id="one", version=first)
    lines = whole["data"].split("\n")
    assert whole["page"] == {"page": 1, "page_size": len(lines), "total": len(lines)}
    part = await sops.call("get_task_node_log", task_id=task, node_id="one", version=first, page=1, page_size=1)
    assert (part["data"], part["page"]["total"]) == (lines[0], len(lines))
    assert (await sops.refused("get_task_node_log", task_id=task, node_id="one", version="gone"))[0] == 3540400
    assert (await sops.data("get_task_node_data", task_id=task, node_id="one", loop=2))["inputs"] == {}


@one_database
async def test_a_node_that_is_tried_again_by_itself_is_told_apart(sops: Sops) -> None:
    again = {"times": 2, "interval": 3600}
    inner = await sops.house.publish(flow_of(plugin_node("one", "check", inputs={"ok": False}, retry=again)), "Inner")
    task = await created(sops, flow_of({"id": "deploy", "kind": "subflow", "flow": inner}))
    await sops.data("start_task", task_id=task)
    async with patience():
        while True:
            told = await sops.data("get_task_status", task_id=task, with_auto_retry_status=True)
            if told["auto_retry_status"]["exist_auto_retry_nodes"]:
                break
            await asyncio.sleep(0.02)
    assert told["auto_retry_status"]["auto_retry_nodes"] == ["deploy.one"]
    assert (told["state"], told["children"]["deploy"]["children"]["deploy.one"]["state"]) == ("RUNNING", "RUNNING")
    await sops.data("operate_node", task_id=task, node_id="deploy.one", action="forced_fail")
    told = await sops.data("get_task_status", task_id=task, with_failed_node_info=True)
    assert told["failed_node_info"]["deploy.one"] == {"auto_retry_times": 0, "max_auto_retry_times": 2}


@one_database
async def test_texts_fill_in_what_a_client_simplifies(sops: Sops) -> None:
    fields = {"hosts": dict(CHOICE), "count": {"type": "integer"}, "word": {"type": "string"}}
    inputs = {name: f"${{inputs.{name}}}" for name in fields}
    template = await sops.template(
        flow_of(plugin_node("say", inputs=inputs), form={"schema": {"type": "object", "properties": fields}})
    )
    texts = {"${hosts}": "10.0.0.1, 10.0.0.2", "${count}": "3", "${word}": "3"}
    asked = {"template_id": template, "name": "x", "constants": texts}
    assert (await sops.refused("create_task", **asked))[0] == 3540000
    made = await sops.data("create_and_start_task", **asked, simplify_vars=["${hosts}", "count", "${word}"])
    await sops.until(made["task_id"], "FINISHED")
    told = (await sops.data("get_task_node_detail", task_id=made["task_id"], node_id="say"))["inputs"]
    hosts = {"ip": [{"bk_host_innerip": "10.0.0.1"}, {"bk_host_innerip": "10.0.0.2"}]}
    assert told == {"hosts": hosts, "count": 3, "word": "3"}
    for name, text in (("hosts", ""), ("count", "three")):
        wrong = {**asked, "constants": {**texts, name: text}, "simplify_vars": list(fields)}
        code, message = await sops.refused("create_task", **wrong)
        assert (code, f"constants.{name}" in message) == (3540000, True), message


@one_database
async def test_inputs_are_changed_before_the_start(sops: Sops) -> None:
    task = await created(sops, ECHO, constants={"ip": "old"})
    await sops.data("modify_constants_for_task", task_id=task, constants={"${ip}": "new"})
    await sops.data("start_task", task_id=task)
    await sops.until(task, "FINISHED")
    node = await sops.data("get_task_node_detail", task_id=task, node_id="say")
    assert node["inputs"] == {"ip": "new"}


@one_database
async def test_nodes_inside_others_stand_below_them(sops: Sops) -> None:
    inner = await sops.house.publish(flow_of(plugin_node("say", name="Say it")), "Inner")
    outer = flow_of({"id": "deploy", "kind": "subflow", "flow": inner})
    task = await created(sops, outer)
    await sops.data("start_task", task_id=task)
    status = await sops.until(task, "FINISHED")
    assert status["children"]["deploy"]["children"]["deploy.say"]["state"] == "FINISHED"
    one = await sops.data("get_task_status", task_id=task, subprocess_id="deploy")
    assert one["children"].keys() == status["children"]["deploy"]["children"].keys()
    assert status["children"]["deploy"]["children"]["deploy.say"]["name"] == "Say it"
    stack = '["deploy"]'
    node = await sops.data("get_task_node_detail", task_id=task, node_id="say", subprocess_stack=stack)
    assert (node["id"], node["name"]) == ("deploy.say", "Say it")
    detail = await sops.data("get_task_detail", task_id=task)
    assert detail["pipeline_tree"]["activities"]["deploy"]["pipeline"]["activities"].keys() == {"deploy.say"}
    again = await sops.data("fast_create_task", name="again", pipeline_tree=detail["pipeline_tree"])
    assert again["pipeline_tree"]["activities"]["deploy"]["version"] == "1"
    number = detail["pipeline_tree"]["activities"]["deploy"]["template_id"]
    assert (await sops.data("get_template_info", template_id=number))["name"] == "Inner"


@one_database
async def test_a_flow_inside_is_held_and_goes_on_by_the_words_for_it(sops: Sops) -> None:
    inner = await sops.house.publish(ASKS, "Inner")
    task = await created(sops, flow_of({"id": "deploy", "kind": "subflow", "flow": inner}))
    await sops.data("start_task", task_id=task)
    await sops.until(task, "RUNNING")
    for action in ("pause_subproc", "resume_subproc"):
        assert await sops.data("operate_node", task_id=task, node_id="deploy", action=action) == "success"
    assert (await sops.refused("operate_node", task_id=task, node_id="deploy", action="retry_subprocess"))[0] == 3545000


async def test_several_tasks_are_read_at_once_and_lists_are_filtered(sops: Sops) -> None:
    template = await sops.template(ECHO)
    tasks = [
        (await sops.data("create_task", template_id=template, name=name, constants={"ip": "x"}))["task_id"]
        for name in ("One", "Two")
    ]
    found = await sops.data("get_tasks_status", task_id_list=[tasks[1], 10**9, tasks[0]])
    assert [(each["id"], each["name"], each["status"]["state"]) for each in found] == [
        (tasks[1], "Two", "CREATED"),
        (tasks[0], "One", "CREATED"),
    ]
    assert "children" not in found[0]["status"]
    assert (await sops.refused("get_tasks_status", task_id_list=list(range(1, 52))))[0] == 3540000
    for wanted, names in (
        ({"keyword": "wO"}, ["Two"]),
        ({"limit": 1, "offset": 1}, ["One"]),
        ({"template_ids": f"{template},7"}, ["Two", "One"]),
        ({"executor": "bob"}, []),
        ({"is_child_taskflow": "false"}, ["Two", "One"]),
        ({"is_child_taskflow": "true"}, []),
        ({"create_time_end": "2001-01-01"}, []),
        ({"is_finished": "false", "create_time_start": "2001-01-01 00:00:00 +0800"}, ["Two", "One"]),
    ):
        assert [each["name"] for each in await sops.data("get_task_list", **wanted)] == names
    assert (await sops.call("get_task_list", limit=1))["count"] == 2
    assert (await sops.call("get_task_list", without_count=True))["count"] == -1
    code, message = await sops.refused("get_task_list", create_time_end="soon")
    assert (code, "create_time_end" in message) == (3540000, True)


async def test_tasks_are_counted_by_what_they_are(sops: Sops) -> None:
    template = await sops.template(ECHO)
    for name in ("One", "Two"):
        await sops.data("create_task", template_id=template, name=name, constants={"ip": "x"})
    flow = (await sops.house.client.get("/projects/shop/flows")).json()["items"][0]["id"]
    begun = await sops.house.client.post(f"/flows/{flow}/tasks", json={"inputs": {"ip": "x"}, "name": "Three"})
    await sops.house.until(begun.json()["id"], "FINISHED")
    assert await sops.data("get_task_count") == {"count": 3}
    assert await sops.data("get_task_count", keyword="tw", is_started="false") == {"count": 1}

    async def counted(group_by: str, **conditions: Any) -> tuple[int, dict[str, int]]:
        told = await sops.data("query_task_count", group_by=group_by, conditions=conditions)
        return told["total"], {each["code"]: each["value"] for each in told["groups"] if each["value"]}

    assert await counted("status") == (3, {"CREATED": 2, "FINISHED": 1})
    assert await counted("status", is_started=True) == (1, {"FINISHED": 1})
    assert await counted("create_method") == (3, {"api": 2, "app": 1})
    assert await counted("flow_type", name="Two") == (1, {"common": 1})
    assert await counted("category", template_id=template, start_time__gte="2001-01-01") == (1, {"Other": 1})
    assert await counted("status", creator="bob") == (0, {})
    assert await counted("status", template_id=9999) == (0, {})
    assert await counted("status", create_time__lte="2001-01-01 00:00:00") == (0, {})
    assert (await sops.refused("query_task_count", group_by="colour"))[0] == 3540000
    wrong = {"start_time__lte": "soon"}
    code, message = await sops.refused("query_task_count", group_by="status", conditions=wrong)
    assert (code, "conditions.start_time" in message) == (3540000, True)


async def test_a_repeat_under_its_key_makes_no_second_task(sops: Sops) -> None:
    template = await sops.template(ECHO)
    asked: dict[str, Any] = {"template_id": template, "name": "mine", "constants": {"ip": "x"}, "key": "k1"}
    first, second = await sops.data("create_task", **asked), await sops.data("create_task", **asked)
    assert first == second
    assert (await sops.call("get_task_list"))["count"] == 1
