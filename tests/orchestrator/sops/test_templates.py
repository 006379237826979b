"""Templates, projects and plugins by the calls of Standard OPS's clients; and in whose name these are answered."""

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.clock import utc_now
from kernel.contracts.authorizer import ResourceKind
from kernel.contracts.project_businesses import BusinessProject
from kernel.http.signed_only import SignedCaller
from kernel.services import KernelServices
from orchestrator.flow.blueking.archive import SavedScheme, Template, write_archive
from orchestrator.flow.blueking.export.tree import export_tree
from orchestrator.flow.blueking.host_pickers import VERSION
from orchestrator.flows.repository import find_flow
from orchestrator.notices.models import FlowNotices
from orchestrator.sops.callers import Callers
from tests.orchestrator.sops.conftest import BIZ, EVERYTHING, Everybody, Sops, one_database
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, flow_of, plugin_node

TIMER = flow_of({"id": "nap", "kind": "timer", "seconds": 1})
INNER = json.loads(
    (Path(__file__).parents[2] / "fixtures/bk-pipeline-trees/doc_create_task.pipeline_tree.json").read_text()
)


async def test_templates_are_published_flows_with_their_trees(sops: Sops) -> None:
    await sops.house.make_flow(TIMER, "Draft only")
    number = await sops.template(TIMER, "Nap 100%")
    (listed,) = await sops.data("get_template_list")
    assert (listed["id"], listed["name"], listed["bk_biz_id"], listed["version"]) == (number, "Nap 100%", BIZ, "1")
    assert listed["auth_actions"] == ["flow_view", "flow_edit", "flow_create_task"]
    assert await sops.data("get_template_list", id_in="777") == []
    assert [each["id"] for each in await sops.data("get_template_list", id_in=f"{number},8", name_keyword="0%")] == [
        number
    ]
    info = await sops.data("get_template_info", template_id=number)
    assert info["pipeline_tree"]["activities"]["nap"]["component"]["code"] == "sleep_timer"
    text = (await sops.data("get_template_info", template_id=number, format="yaml"))["pipeline_tree"]
    assert yaml.safe_load(text)["meta"] == {"id": str(number), "name": "Nap 100%", "description": ""}
    assert await sops.data("get_template_list", template_source="common") == []
    assert await sops.data("get_common_template_list") == []
    assert (await sops.refused("get_common_template_info", template_id=number))[0] == 3540400
    assert (await sops.refused("get_template_info", template_id=10**9))[0] == 3540400


async def test_common_templates_are_flows_that_are_shared_with_the_project(sops: Sops) -> None:
    client = sops.house.client
    theirs = (await client.post("/projects/bank/flows", json={"name": "Shared nap"})).json()["id"]
    optional = flow_of({"id": "nap", "kind": "timer", "seconds": 1, "optional": True})
    await client.put(f"/flows/{theirs}/draft", json={"definition": optional, "draft_version": 1})
    await client.post(f"/flows/{theirs}:publish")
    await client.post(f"/flows/{theirs}/schemes", json={"name": "awake", "keep": []})
    await client.put(f"/flows/{theirs}/common", json={"projects": ["shop"]})
    (listed,) = await sops.data("get_common_template_list")
    number = listed["id"]
    (also,) = await sops.data("get_template_list", template_source="common")
    assert (also["id"], also["bk_biz_id"]) == (number, BIZ)
    assert await sops.data("get_common_template_list", name_keyword="other") == []
    previews = ("preview_task_tree", "preview_common_task_tree")
    for component in ("get_common_template_info", "get_template_info", *previews):
        info = await sops.data(component, template_id=number, template_source="common")
        assert list(info["pipeline_tree"]["activities"]) == ["nap"]
    (scheme,) = await sops.data("get_template_schemes", template_id=number, template_source="common")
    made = await sops.data(
        "create_task", template_id=number, template_source="common", name="x", template_schemes_id=scheme["id"]
    )
    assert made["pipeline_tree"]["activities"] == {}
    (row,) = await sops.data("get_task_list")
    assert (row["template_source"], row["template_id"], row["bk_biz_id"]) == ("common", number, BIZ)
    assert (await sops.refused("get_template_info", template_id=number))[0] == 3540400
    await client.put(f"/flows/{theirs}/common", json={"projects": ["bank"]})
    assert await sops.data("get_common_template_list") == []
    assert (await sops.refused("create_task", template_id=number, template_source="common", name="x"))[0] == 3540400


@one_database
async def test_a_tree_becomes_a_flow_or_nothing(sops: Sops) -> None:
    tree = export_tree(TIMER, {}).tree
    made = await sops.data("create_template", name="Mine", pipeline_tree=tree)
    again = await sops.data("create_template", pipeline_tree=json.dumps(tree))
    assert made["template_name"] == "Mine"
    assert again["template_name"].startswith("new20")
    text = (await sops.data("get_template_info", template_id=made["template_id"], format="yaml"))["pipeline_tree"]
    third = await sops.data("create_template", pipeline_tree=text, format="yaml")
    assert third["template_name"] == "Mine"
    outer = export_tree(flow_of({"id": "in", "kind": "subflow", "flow": "f"}), {"f": str(made["template_id"])}).tree
    number = (await sops.data("create_template", name="Outer", pipeline_tree=outer))["template_id"]
    around = await sops.data("get_template_info", template_id=number, include_subprocess=True)
    assert (around["has_subprocess"], around["subprocess_has_update"]) == (True, False)
    count = len(await sops.data("get_template_list"))
    strange = export_tree(flow_of(plugin_node("x", "gone")), {}).tree
    for wrong in (strange, {}, "{", "[]"):
        code, message = await sops.refused("create_template", name="Bad", pipeline_tree=wrong)
        assert code == 3540000
        assert "gone" in message or "pipeline_tree" in message
    flows = (await sops.house.client.get("/projects/shop/flows")).json()["items"]
    assert len(flows) == count == 4


async def test_an_export_is_imported_and_what_cannot_run_yet_stays_a_draft(sops: Sops) -> None:
    inner = Template("t-in", "Inner", "", export_tree(TIMER, {}).tree)
    sub = {"id": "a", "kind": "subflow", "flow": "t-in", "optional": True}
    scheme = SavedScheme("without", ("elsewhere",))
    outer = Template("t-out", "Outer", "", export_tree(flow_of(sub), {}).tree, (scheme,))
    bad = Template("t-bad", "Bad", "", export_tree(flow_of(plugin_node("x", "gone")), {}).tree)
    text = write_archive([inner, outer, bad], utc_now())
    done = await sops.data("import_project_template", template_data=text)
    assert (done["count"], sorted(done["flows"].values())) == (3, ["Bad", "Inner", "Outer"])
    assert [done["flows"][str(number)] for number in done["drafts"]] == ["Bad"]
    assert "gone" in " ".join(done["remarks"]["Bad"])
    listed = await sops.data("get_template_list")
    assert [each["name"] for each in listed] == ["Outer", "Inner"]
    (kept,) = await sops.data("get_template_schemes", template_id=listed[0]["id"])
    assert (kept["name"], kept["data"]) == ("without", "[]")
    assert (await sops.refused("import_project_template", template_data="nothing"))[0] == 3540000


@one_database
async def test_a_scheme_tells_the_variables_that_a_task_by_it_names(sops: Sops) -> None:
    fields = {name: {"type": "string", "title": name.title()} for name in ("host", "note", "unused")}
    say, note = (
        plugin_node(name, inputs={"x": f"${{inputs.{of}}}"}, optional=name == "note")
        for name, of in (("say", "host"), ("note", "note"))
    )
    form = {"schema": {"type": "object", "properties": fields}}
    number = await sops.template(flow_of(say, note, form=form))
    info = await sops.data("get_template_info", template_id=number, include_constants=True, include_subprocess=True)
    told = [(each["key"], each["constant_type"], each["activity_count"]) for each in info["template_constants"]]
    assert told == [("${host}", "input", 1), ("${note}", "input", 1)]
    assert (info["has_subprocess"], info["subprocess_has_update"]) == (False, False)
    flow_id = (await sops.house.client.get("/projects/shop/flows")).json()["items"][0]["id"]
    for name, keep in (("all", ["note"]), ("short", [])):
        await sops.house.client.post(f"/flows/{flow_id}/schemes", json={"name": name, "keep": keep})
    listed = await sops.data("get_template_schemes", template_id=number, with_constants=True)
    of_schemes = {each["name"]: sorted(each["detail"]["constants"]) for each in listed}
    assert of_schemes == {"all": ["${host}", "${note}"], "short": ["${host}"]}
    assert "detail" not in (await sops.data("get_template_schemes", template_id=number))[0]
    preview = await sops.data("preview_task_tree", template_id=number, exclude_task_nodes_id=["note"])
    assert sorted(preview["constants_not_referred"]) == ["${note}", "${unused}"]


async def test_labels_notices_and_executors_are_told_where_they_are_asked_for(sops: Sops) -> None:
    client = sops.house.client
    plain = await sops.template(TIMER, "Plain")
    number = await sops.template({**TIMER, "executor": "bob"}, "Marked")
    flow = next(
        each["id"] for each in (await client.get("/projects/shop/flows")).json()["items"] if each["name"] == "Marked"
    )
    label = (await client.post("/projects/shop/labels", json={"name": "night", "colour": "#112233"})).json()["id"]
    assert (await client.put(f"/flows/{flow}/labels", json={"labels": [label]})).is_success
    told = {"events": ["failed", "waiting"], "people": ["bob", "ada"], "groups": [], "launcher": False, "url": ""}
    assert (await client.put(f"/flows/{flow}/notices", json=told)).is_success
    asked = {"include_labels": True, "include_notify": True, "include_executor_proxy": True}
    listed = {each["id"]: each for each in await sops.data("get_template_list", **asked)}
    receivers = {"receiver_group": [], "more_receiver": "bob,ada"}
    (mark,) = listed[number]["labels"]
    assert (mark.pop("label_id") > 0, mark) == (True, {"name": "night", "color": "#112233"})
    assert (listed[number]["executor_proxy"], listed[plain]["executor_proxy"]) == ("bob", "")
    assert listed[number]["notify_type"] == {"success": [], "fail": ["mail"]}
    assert listed[number]["notify_receivers"] == receivers
    assert (listed[plain]["labels"], listed[plain]["notify_type"]) == ([], {"success": [], "fail": []})
    assert not {"labels", "notify_type", "executor_proxy"} & (await sops.data("get_template_list"))[0].keys()
    info = await sops.data("get_template_info", template_id=number, include_notify=True)
    assert (info["notify_receivers"], "executor_proxy" in info) == (receivers, False)


@one_database
async def test_who_is_told_is_set_by_what_happened_and_the_rest_stays(sops: Sops) -> None:
    number = await sops.template(TIMER)
    flow = (await sops.house.client.get("/projects/shop/flows")).json()["items"][0]["id"]
    told = {"events": ["waiting", "finished"], "people": ["bob"], "groups": [], "launcher": True, "url": ""}
    await sops.house.client.put(f"/flows/{flow}/notices", json=told)
    receivers = {"receiver_group": [], "more_receiver": "ada, bob"}
    asked = {"template_id": number, "notify_type": {"fail": ["weixin"]}, "notify_receivers": receivers}
    answer = await sops.data("modify_template_notify", **asked)
    assert (answer["template_id"], answer["notify_receivers"]) == (number, receivers)
    kept = (await sops.house.client.get(f"/flows/{flow}/notices")).json()
    assert (sorted(kept["events"]), kept["people"], kept["launcher"]) == (["failed", "waiting"], ["ada", "bob"], True)
    info = await sops.data("get_template_info", template_id=number, include_notify=True)
    assert info["notify_type"] == {"success": [], "fail": ["mail"]}
    wrong = {**asked, "notify_receivers": {"receiver_group": ["gone"]}}
    assert (await sops.refused("modify_template_notify", **wrong))[0] == 3540000
    for people in ("ada bob", "x" * 129, ",".join(map(str, range(101)))):
        code, message = await sops.refused(
            "modify_template_notify", **{**asked, "notify_receivers": {"more_receiver": people}}
        )
        assert (code, "more_receiver" in message) == (3540000, True)
    await sops.data("modify_template_notify", **{**asked, "notify_receivers": {"more_receiver": "ada,ada"}})
    assert (await sops.house.client.get(f"/flows/{flow}/notices")).json()["people"] == ["ada"]


async def test_what_somebody_else_sets_at_the_same_time_stays(sops: Sops, kernel: KernelServices) -> None:
    number = await sops.template(TIMER)
    flow = (await sops.house.client.get("/projects/shop/flows")).json()["items"][0]["id"]
    asked = {"template_id": number, "notify_type": {"fail": ["mail"]}, "notify_receivers": {"more_receiver": "ada"}}
    async with kernel.database.unit_of_work() as session:
        await find_flow(session, flow, lock=True)
        asking = asyncio.create_task(sops.data("modify_template_notify", **asked))
        await asyncio.sleep(0.3)  # it has read by now what it reads before it waits for the flow
        session.add(
            FlowNotices(flow_id=flow, project_id=PROJECT.id, events=["waiting"], launcher=True, updated_by="bob",
                        updated_at=utc_now())
        )  # fmt: skip
    await asking
    kept = (await sops.house.client.get(f"/flows/{flow}/notices")).json()
    assert (sorted(kept["events"]), kept["people"], kept["launcher"]) == (["failed", "waiting"], ["ada"], True)


@one_database
async def test_mini_apps_are_listed_with_their_templates(sops: Sops) -> None:
    number = await sops.template(TIMER)
    client = sops.house.client
    flow = (await client.get("/projects/shop/flows")).json()["items"][0]["id"]
    assert await sops.data("get_mini_app_list") == []
    app = {"code": "nap", "name": "Nap", "open_to_all": True}
    made = await client.post(f"/flows/{flow}/mini-apps", json=app)
    assert made.status_code == 201, made.text
    answer = await sops.call("get_mini_app_list")
    (row,) = answer["data"]
    assert (answer["count"], row["code"], row["task_template_id"], row["template_scheme_id"]) == (1, "nap", number, "")
    assert row["link"].endswith("/apps/nap")
    assert row["auth_actions"] == ["mini_app_view", "mini_app_create_task"]
    assert await sops.data("get_mini_app_list", offset=1) == []


@one_database
async def test_sub_processes_carry_their_trees_where_they_are_unfolded(sops: Sops) -> None:
    inner = await sops.template(TIMER, "Inner")
    flows = {each["name"]: each["id"] for each in (await sops.house.client.get("/projects/shop/flows")).json()["items"]}
    number = await sops.template(flow_of({"id": "in", "kind": "subflow", "flow": flows["Inner"]}), "Outer")
    folded = (await sops.data("get_template_info", template_id=number))["pipeline_tree"]["activities"]["in"]
    told = (await sops.data("get_template_info", template_id=number, unfold_subprocess=True))["pipeline_tree"]
    unfolded = told["activities"]["in"]
    assert (folded["template_id"], "pipeline" in folded) == (str(inner), False)
    assert (unfolded["template_id"], list(unfolded["pipeline"]["activities"])) == (str(inner), ["nap"])


@one_database
async def test_a_variable_that_picks_hosts_is_one_in_templates_and_its_step_is_seen_in_tasks(sops: Sops) -> None:
    installed = sops.house.plugins.by_project[PROJECT.id]
    echo = next(each for each in installed if each.code == "echo")
    installed.append(dataclasses.replace(echo, code="cmdb_resolve_hosts", version=VERSION))
    constant = {
        "key": "${ip}", "name": "Hosts", "custom_type": "ip_selector", "source_tag": "var_cmdb_ip_selector.ip_selector",
        "source_type": "custom", "source_info": {}, "show_type": "show", "index": 0, "value": "",
    }  # fmt: skip
    tree = export_tree(flow_of(plugin_node("say", inputs={"on": "here"})), {}).tree
    tree["constants"] = {"${ip}": constant}
    tree["activities"]["say"]["component"]["data"]["on"]["value"] = "${ip}"
    number = (await sops.data("create_template", name="On hosts", pipeline_tree=tree))["template_id"]
    hosts = {"ip": [{"bk_host_innerip": "10.0.0.1"}]}
    shown = [
        (await sops.data("get_template_info", template_id=number))["pipeline_tree"],
        (await sops.data("preview_task_tree", template_id=number))["pipeline_tree"],
    ]
    periodic = await sops.data(
        "create_periodic_task", template_id=number, name="nightly", cron={"minute": "0"}, constants={"${ip}": hosts}
    )
    shown.append((await sops.data("get_periodic_task_info", task_id=periodic["id"]))["pipeline_tree"])
    for told in shown:
        assert list(told["activities"]) == ["say"]
        assert told["activities"]["say"]["component"]["data"]["on"]["value"] == "${ip}"
        assert told["constants"]["${ip}"]["custom_type"] == "ip_selector"
    assert shown[2]["constants"]["${ip}"]["value"] == hosts
    made = await sops.data("create_task", template_id=number, name="x", constants={"${ip}": hosts})
    assert sorted(made["pipeline_tree"]["activities"]) == ["hosts_ip", "say"]
    again = await sops.data("create_template", name="Again", pipeline_tree=shown[0])
    assert list(
        (await sops.data("get_template_info", template_id=again["template_id"]))["pipeline_tree"]["activities"]
    ) == ["say"]


@one_database
async def test_whom_a_template_names_is_told_and_taken(sops: Sops) -> None:
    tree = export_tree(TIMER, {}).tree
    number = (await sops.data("create_template", name="Mine", pipeline_tree=tree, executor_proxy="bob"))["template_id"]
    told = await sops.data("get_template_info", template_id=number, include_executor_proxy=True)
    assert told["executor_proxy"] == "bob"
    assert "executor_proxy" not in await sops.data("get_template_info", template_id=number)
    text = (await sops.data("get_template_info", template_id=number, format="yaml"))["pipeline_tree"]
    assert yaml.safe_load(text)["meta"]["executor_proxy"] == "bob"
    again = (await sops.data("create_template", pipeline_tree=text, format="yaml"))["template_id"]
    told = await sops.data("get_template_info", template_id=again, include_executor_proxy=True)
    assert told["executor_proxy"] == "bob"


@one_database
async def test_a_tree_runs_as_a_task_without_a_template(sops: Sops) -> None:
    tree = export_tree(flow_of(plugin_node("say", inputs={"x": 1})), {}).tree
    made = await sops.data("fast_create_task", name="once", pipeline_tree=tree)
    await sops.data("start_task", task_id=made["task_id"])
    await sops.until(made["task_id"], "FINISHED")
    (listed,) = await sops.data("get_task_list", create_method="api")
    assert (listed["template_id"], listed["template_source"]) == (None, "onetime")
    for how in ("app", "app_maker", "periodic", "clocked", "mcp"):
        assert await sops.data("get_task_list", create_method=how) == []
    assert (await sops.data("get_task_detail", task_id=made["task_id"]))["template_id"] is None
    assert (await sops.refused("fast_create_task", name="once", pipeline_tree={}))[0] == 3540000


@one_database
async def test_projects_are_named_by_business_number_or_code(sops: Sops) -> None:
    (project,) = await sops.data("get_user_project_list")
    assert "executor_proxy" not in project
    assert (await sops.house.client.put("/projects/shop/executor", json={"username": "ann"})).is_success
    (named,) = await sops.data("get_user_project_list", include_executor_proxy=True)
    detail = await sops.data("get_user_project_detail", include_executor_proxy="true")
    assert (named["executor_proxy"], detail["executor_proxy"]) == ("ann", "ann")
    assert (project["code"], project["bk_biz_id"]) == ("shop", BIZ)
    for place in (
        {},
        {"bk_biz_id": project["project_id"], "scope": "project"},
        {"bk_biz_id": "shop", "scope": "project"},
    ):
        found = await sops.data("get_user_project_detail", **place)
        assert (found["project_id"], found["project_name"]) == (project["project_id"], "Shop")
    assert (await sops.refused("get_template_list", bk_biz_id=99))[0] == 3540400
    assert (await sops.refused("get_template_list", bk_biz_id="shop"))[0] == 3540000
    sops.businesses.also.append(BusinessProject(OTHER_PROJECT, BIZ))
    assert (await sops.data("get_user_project_detail"))["code"] == "shop"  # the one that ada may see
    sops.house.authorizer.rules.clear()
    code, message = await sops.refused("get_user_project_detail")
    assert (code, "shop" in message) == (3540400, False), "codes of projects are for who may see them"


@one_database
async def test_plugins_are_those_of_the_project(sops: Sops) -> None:
    listed = {each["code"]: each for each in await sops.data("get_plugin_list")}
    one = await sops.data("get_plugin_detail", code="echo")
    assert one == listed["echo"]
    assert (await sops.refused("get_plugin_detail", code="echo", version="9.9.9"))[0] == 3540400


async def test_a_call_is_answered_in_a_persons_name_and_by_his_rights(sops: Sops) -> None:
    number = await sops.template(TIMER)
    task = (await sops.data("create_task", template_id=number, name="mine"))["task_id"]

    def called_by(**identity: str) -> Sops:
        headers = {f"x-trunkline-{name}": value for name, value in {"app": "demo-app", **identity}.items()}
        return dataclasses.replace(sops, gateway=dataclasses.replace(sops.gateway, identity=headers))

    asked: list[tuple[str, dict[str, Any]]] = [
        ("get_template_list", {}), ("get_task_list", {}), ("get_task_status", {"task_id": task}),
        ("get_task_node_detail", {"task_id": task, "node_id": "nap"}), ("get_template_info", {"template_id": number}),
        ("get_plugin_list", {}), ("create_task", {"template_id": number, "name": "x"}),
        ("operate_task", {"task_id": task, "action": "start"}), ("create_template", {"pipeline_tree": INNER}),
        ("fast_create_task", {"name": "x", "pipeline_tree": export_tree(TIMER, {}).tree}),
        ("get_tasks_status", {"task_id_list": [task]}),
    ]  # fmt: skip
    # Roles that were left to somebody who may not sign in any more count for nothing.
    sops.house.authorizer.allow("eve", ResourceKind.PROJECT, PROJECT.id, *EVERYTHING)
    for nobody in (called_by(), called_by(user="eve"), called_by(user="bob")):
        for component, params in asked:
            assert (await nobody.refused(component, **params))[0] == 3540100, component
    assert await called_by(user="bob").data("get_user_project_list") == []
    async with sops.house.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.resource_id) == "sops.create_task")
        (record,) = (await session.execute(statement)).scalars()
    assert (record.actor, record.on_behalf_of, record.action) == ("demo-app", "ada", "component.called")
    caller = SignedCaller("demo-app", "ada", PROJECT.id, "t1", "")
    async with sops.house.database.reading() as session:
        principal = await Callers(Everybody()).person(session, caller)
    assert (principal.confined_to, principal.task_id) == (PROJECT.id, "t1")


@one_database
async def test_what_is_in_another_project_is_not_there(sops: Sops) -> None:
    number = await sops.template(TIMER)
    task = (await sops.data("create_task", template_id=number, name="mine"))["task_id"]
    bank = {"bk_biz_id": "bank", "scope": "project"}
    for component, params in (
        ("get_template_info", {"template_id": number}),
        ("get_task_status", {"task_id": task}),
        ("operate_task", {"task_id": task, "action": "start"}),
        ("create_task", {"template_id": number, "name": "x"}),
    ):
        assert (await sops.refused(component, **params, **bank))[0] == 3540400
    assert await sops.data("get_tasks_status", task_id_list=[task], **bank) == []
