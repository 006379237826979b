"""Flows by the clients of Standard OPS as they come from PyPI: only the address is ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from bkapi_client_core.apigateway import APIGatewayClient, Operation, OperationGroup, bind_property
from bkapi_component.open.client import Client

from kernel.clock import utc_now
from orchestrator.flow.blueking.archive import Template, write_archive
from orchestrator.flow.blueking.export.tree import export_tree
from tests.functional.blueking.conftest import Site
from tests.support.patience import eventually
from tests.support.project import ADAPTERS, install_plugin, publish_flow
from tests.support.stand import approved_grant

APP, PERSON, BIZ = "flow-caller", "ada", 4711
ASKS = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "ask", "kind": "confirm", "message": "Go on with ${inputs.what}?"},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"id": "a", "source": "start", "target": "ask"}, {"id": "b", "source": "ask", "target": "end"}],
    "form": {"schema": {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]}},
}


@dataclass(frozen=True, slots=True)
class Flows:
    """Attributes:
    secret: of the app `flow-caller`, which may name its user.
    project: number of the project `ops`, which belongs to a business; `ada` runs its flows.
    """

    site: Site
    secret: str
    template: int

    @property
    def credentials(self) -> dict[str, str]:
        return {"bk_app_code": APP, "bk_app_secret": self.secret, "bk_username": PERSON}


@pytest.fixture(scope="module")
def flows(running_site: Site) -> Flows:
    api = running_site.api
    secret = api.post("/apps", {"app_code": APP, "name": "Flow caller"})["app_secret"]
    api.patch(f"/apps/{APP}", {"may_name_user": True})
    approved_grant(api, APP, "sops")
    api.post("/users", {"username": PERSON, "email": "ada@ops.test"})
    api.post("/projects", {"code": "ops", "name": "Operations"})
    api.put(f"/projects/ops/members/{PERSON}", {"roles": ["operator"]})
    api.put("/projects/ops/business", {"bk_biz_id": BIZ, "roles": {}})
    flow = api.post("/projects/ops/flows", {"name": "Ask first"})["id"]
    api.put(f"/flows/{flow}/draft", {"definition": ASKS, "draft_version": 1})
    api.post(f"/flows/{flow}:publish")
    made = Flows(running_site, secret, 0)
    with esb_of(made) as client:
        (listed,) = client.sops.get_template_list({"bk_biz_id": BIZ})["data"]
    return Flows(running_site, secret, listed["id"])


def esb_of(flows: Flows) -> Client:
    client = Client(endpoint=flows.site.url, bk_api_ver="v2", language="en")
    client.update_bkapi_authorization(**flows.credentials)
    return client


class Group(OperationGroup):
    create_task = bind_property(
        Operation, name="create_task", method="POST", path="/create_task/{template_id}/{bk_biz_id}/"
    )
    start_task = bind_property(Operation, name="start_task", method="POST", path="/start_task/{task_id}/{bk_biz_id}/")
    get_task_status = bind_property(
        Operation, name="get_task_status", method="GET", path="/get_task_status/{task_id}/{bk_biz_id}/"
    )
    operate_task = bind_property(
        Operation, name="operate_task", method="POST", path="/operate_task/{task_id}/{bk_biz_id}/"
    )
    operate_node = bind_property(
        Operation, name="operate_node", method="POST", path="/operate_node/{bk_biz_id}/{task_id}/"
    )
    get_task_node_detail = bind_property(
        Operation, name="get_task_node_detail", method="GET", path="/get_task_node_detail/{task_id}/{bk_biz_id}/"
    )
    modify_template_executor_proxy = bind_property(
        Operation,
        name="modify_template_executor_proxy",
        method="POST",
        path="/modify_template_executor_proxy/{template_id}/{bk_biz_id}/",
    )
    copy_template_across_project = bind_property(
        Operation,
        name="copy_template_across_project",
        method="POST",
        path="/copy_template_across_project/{bk_biz_id}/",
    )
    apply_webhook_configs = bind_property(
        Operation, name="apply_webhook_configs", method="POST", path="/apply_webhook_configs/{bk_biz_id}/"
    )
    import_common_template = bind_property(
        Operation, name="import_common_template", method="POST", path="/import_common_template/"
    )
    get_task_detail = bind_property(
        Operation, name="get_task_detail", method="GET", path="/get_task_detail/{task_id}/{bk_biz_id}/"
    )
    get_task_effective_time = bind_property(
        Operation, name="get_task_effective_time", method="GET", path="/get_task_effective_time/{task_id}/{bk_biz_id}/"
    )
    get_task_plugin_log = bind_property(
        Operation, name="get_task_plugin_log", method="GET", path="/get_task_plugin_log/{task_id}/{bk_biz_id}/"
    )
    get_plugin_base_info = bind_property(
        Operation, name="get_plugin_base_info", method="GET", path="/get_plugin_base_info/{bk_biz_id}/"
    )
    get_user_project_list = bind_property(
        Operation, name="get_user_project_list", method="GET", path="/get_user_project_list/"
    )


class Gateway(APIGatewayClient):
    """As its generator writes one for the gateway `bk-sops`."""

    _api_name = "bk-sops"
    api = bind_property(Group, name="api")


_IN_PATH = ("template_id", "task_id", "bk_biz_id")


@pytest.fixture(params=["esb", "gateway"])
def call(request: pytest.FixtureRequest, flows: Flows) -> Iterator[Callable[..., dict[str, Any]]]:
    """Calls a component in the business by one client or the other."""
    if request.param == "esb":
        with esb_of(flows) as client:
            yield lambda name, /, **params: getattr(client.sops, name)({"bk_biz_id": BIZ, **params})
        return
    with Gateway(endpoint=f"{flows.site.url}/api/{{api_name}}/") as gateway:
        gateway.update_bkapi_authorization(**flows.credentials)

        def by_path(name: str, /, **params: Any) -> dict[str, Any]:
            given = {"bk_biz_id": BIZ, **params}
            path = {key: given.pop(key) for key in _IN_PATH if key in given}
            operation = getattr(gateway.api, name)
            answer = (
                operation(path_params=path, params=given)
                if name.startswith("get_")
                else operation(given, path_params=path)
            )
            return dict(answer)

        yield by_path


def until(call: Callable[..., dict[str, Any]], task: int, state: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        status: dict[str, Any] = call("get_task_status", task_id=task)["data"]
        return status if status["state"] == state else None

    return eventually(reached)


def test_a_task_is_driven_from_its_creation_to_its_end(call: Callable[..., dict[str, Any]], flows: Flows) -> None:
    created = call("create_task", template_id=flows.template, name="by a client", constants={"${what}": "disks"})
    assert (created["result"], created["code"]) == (True, 0), created
    task = created["data"]["task_id"]
    assert created["data"]["pipeline_tree"]["activities"]["ask"]["component"]["code"] == "pause_node"
    assert call("get_task_status", task_id=task)["data"]["state"] == "CREATED"
    assert call("start_task", task_id=task)["result"] is True
    until(call, task, "RUNNING")
    assert call("operate_task", task_id=task, action="pause")["result"] is True
    assert until(call, task, "SUSPENDED")["children"]["ask"]["state"] == "RUNNING"
    assert call("operate_task", task_id=task, action="resume")["data"] == "success"
    node = call("get_task_node_detail", task_id=task, node_id="ask", component_code="pause_node")["data"]
    assert (node["state"], node["histories"]) == ("RUNNING", [])
    assert call("operate_node", task_id=task, node_id="ask", action="callback", data={})["result"] is True
    assert until(call, task, "FINISHED")["children"].keys() == {"start", "ask", "end"}
    again = call("operate_task", task_id=task, action="revoke")
    assert (again["result"], again["code"], again["data"]) == (False, 3545000, None)


def test_a_task_is_asked_for_by_one_and_run_by_another(flows: Flows) -> None:
    api = flows.site.api
    api.post("/users", {"username": "rita", "email": "rita@ops.test"})
    flow = next(each["id"] for each in api.get("/projects/ops/flows")["items"] if each["name"] == "Ask first")
    api.put(f"/roles?resource=flow:{flow}", {"username": "rita", "roles": ["requester"]})
    asked = {"template_id": flows.template, "name": "wish", "flow_type": "common_func", "constants": {"what": "x"}}
    with esb_of(flows) as ada, Client(endpoint=flows.site.url, bk_api_ver="v2", language="en") as rita:
        rita.update_bkapi_authorization(**{**flows.credentials, "bk_username": "rita"})
        made = rita.sops.create_task({"bk_biz_id": BIZ, **asked})
        assert made["result"] is True, made
        number = made["data"]["task_id"]
        assert rita.sops.start_task({"bk_biz_id": BIZ, "task_id": number})["result"] is False
        (waiting,) = ada.sops.get_functionalization_task_list({"status": "submitted"})["data"]
        assert (waiting["id"], waiting["creator"]) == (number, "rita")
        claim = {"bk_biz_id": BIZ, "task_id": number, "constants": {"${what}": "disks"}, "name": "deed"}
        assert ada.sops.claim_functionalization_task(claim)["data"] == "success"
        assert ada.sops.start_task({"bk_biz_id": BIZ, "task_id": number})["result"] is True

        def call(name: str, /, **params: Any) -> dict[str, Any]:
            return dict(getattr(ada.sops, name)({"bk_biz_id": BIZ, **params}))

        assert until(call, number, "RUNNING")["name"] == "deed"
        call("node_callback", task_id=number, node_id="ask", callback_data={})
        until(call, number, "FINISHED")
        counts = call("query_task_count", group_by="flow_type", conditions={"name": "deed"})["data"]
    assert {each["code"]: each["value"] for each in counts["groups"]} == {"common": 0, "common_func": 1}


def test_templates_are_copied_and_name_their_executor_by_a_client_of_the_gateway(flows: Flows) -> None:
    flows.site.api.post("/projects", {"code": "twin", "name": "Twin"})
    flows.site.api.put(f"/projects/twin/members/{PERSON}", {"roles": ["maintainer"]})
    with Gateway(endpoint=f"{flows.site.url}/api/{{api_name}}/") as gateway:
        gateway.update_bkapi_authorization(**flows.credentials)
        projects = {each["code"]: each["project_id"] for each in gateway.api.get_user_project_list()["data"]}
        asked = {"new_project_id": projects["twin"], "template_ids": [flows.template]}
        copied = gateway.api.copy_template_across_project(asked, path_params={"bk_biz_id": BIZ})
        assert copied["result"] is True, copied
        assert (copied["data"]["count"], copied["data"]["drafts"]) == (1, [])
        (number,) = copied["data"]["flows"]
        there = {"scope": "project", "executor_proxy": PERSON}
        path = {"template_id": number, "bk_biz_id": projects["twin"]}
        changed = gateway.api.modify_template_executor_proxy(there, path_params=path)
        assert changed["data"] == {"template_id": int(number), "executor_proxy": PERSON}
        assert gateway.api.get_plugin_base_info(path_params={"bk_biz_id": BIZ})["result"] is True


def test_addresses_are_told_of_tasks_that_a_client_of_the_gateway_follows(flows: Flows) -> None:
    with Gateway(endpoint=f"{flows.site.url}/api/{{api_name}}/") as gateway:
        gateway.update_bkapi_authorization(**{**flows.credentials, "bk_username": "admin"})
        asked = {
            "endpoint": f"{flows.site.backend.url}/told",
            "events": ["*"],
            "template_ids": [flows.template],
            "extra_info": {"authorization": {"type": "basic", "username": "u", "password": "p"}, "retry_times": 0},
        }
        applied = gateway.api.apply_webhook_configs(asked, path_params={"bk_biz_id": BIZ})
        assert (applied["result"], applied["data"]) == (True, "success"), applied
        given = {"template_id": flows.template, "bk_biz_id": BIZ}
        made = gateway.api.create_task({"name": "told of", "constants": {"${what}": "x"}}, path_params=given)
        task = {"task_id": made["data"]["task_id"], "bk_biz_id": BIZ}
        gateway.api.start_task(path_params=task)
        go_on = {"node_id": "ask", "action": "callback", "data": {}}
        eventually(lambda: gateway.api.operate_node(go_on, path_params=task)["result"] and [True])

        def history() -> list[Any]:
            detail = gateway.api.get_task_detail(path_params=task, params={"include_webhook_history": True})
            return list(detail["data"]["task_webhook_history"])

        (told,) = eventually(history)
        assert told["event_code"] == "task_finished"
        assert gateway.api.get_task_effective_time(path_params=task)["result"] is True
        log = {"node_id": "ask", "plugin_code": "gone", "trace_id": "t"}
        missing = gateway.api.get_task_plugin_log(path_params=task, params=log)
        assert (missing["result"], missing["code"]) == (False, 3540400)


def test_common_templates_are_brought_by_both_clients(flows: Flows) -> None:
    timer = {"id": "nap", "kind": "timer", "seconds": 1}
    edges = [{"id": "a", "source": "start", "target": "nap"}, {"id": "b", "source": "nap", "target": "end"}]
    tree = export_tree({"nodes": [ASKS["nodes"][0], timer, ASKS["nodes"][2]], "edges": edges}, {}).tree
    credentials = {**flows.credentials, "bk_username": "admin"}
    for name in ("by the gateway", "by the bus"):
        data = write_archive([Template(f"t-{len(name)}", name, "", tree)], utc_now())
        asked = {"template_data": data, "bk_biz_id": BIZ}
        if name == "by the bus":
            with esb_of(flows) as bus:
                bus.update_bkapi_authorization(**credentials)
                done = dict(bus.sops.import_common_template(asked))
        else:
            with Gateway(endpoint=f"{flows.site.url}/api/{{api_name}}/") as gateway:
                gateway.update_bkapi_authorization(**credentials)
                done = dict(gateway.api.import_common_template(asked))
        assert done["result"] is True, done
        assert list(done["data"]["flows"].values()) == [name]


def test_what_is_refused_is_data_to_the_client(call: Callable[..., dict[str, Any]], flows: Flows) -> None:
    missing = call("create_task", template_id=flows.template, name="x")
    assert (missing["result"], missing["code"]) == (False, 3540000)
    assert "what" in missing["message"]
    assert call("get_task_status", task_id=10**9)["code"] == 3540400


def test_an_app_that_names_nobody_is_refused(flows: Flows) -> None:
    with Client(endpoint=flows.site.url, bk_api_ver="v2") as client:
        client.update_bkapi_authorization(bk_app_code=APP, bk_app_secret=flows.secret)
        answer = client.sops.get_template_list({"bk_biz_id": BIZ})
    assert (answer["result"], answer["code"]) == (False, 3540100)
    assert "people" in answer["message"]


def test_a_node_runs_another_flow_as_a_task_of_its_own(flows: Flows) -> None:
    api = flows.site.api
    install_plugin(api, "ops", ADAPTERS / "tools/plugins/subprocess_plugin")
    inner = publish_flow(api, "ops", "Inner", {**ASKS, "outputs": {"asked": "${inputs.what}"}})
    inputs = {"flow": inner, "inputs": {"what": "${project.code}"}, "name": "inner"}
    node = {"id": "in", "kind": "plugin", "plugin": "subprocess_plugin", "version": "1.0.0", "inputs": inputs}
    edges = [{"id": "a", "source": "start", "target": "in"}, {"id": "b", "source": "in", "target": "end"}]
    outer = {"nodes": [ASKS["nodes"][0], node, ASKS["nodes"][2]], "edges": edges}
    outer["outputs"] = {"asked": "${nodes.in.outputs.outputs.asked}"}
    publish_flow(api, "ops", "Outer", outer)
    with esb_of(flows) as client:
        (template,) = client.sops.get_template_list({"bk_biz_id": BIZ, "name_keyword": "Outer"})["data"]
        asked = {"bk_biz_id": BIZ, "template_id": template["id"], "name": "outer"}
        task = client.sops.create_and_start_task(asked)["data"]["task_id"]

        def call(name: str, /, **params: Any) -> dict[str, Any]:
            return dict(getattr(client.sops, name)({"bk_biz_id": BIZ, **params}))

        until(call, task, "RUNNING")
        (child,) = eventually(lambda: api.get("/projects/ops/tasks", origin="subprocess")["items"])
        eventually(lambda: api.get(f"/tasks/{child['id']}")["nodes"]["ask"]["state"] == "WAITING_DECISION")
        api.post(f"/tasks/{child['id']}/nodes/ask:decide", {"approved": True})
        assert until(call, task, "FINISHED")["children"]["in"]["state"] == "FINISHED"
        detail = call("get_task_detail", task_id=task)["data"]
    assert (child["name"], child["created_by"]) == ("inner", PERSON)
    assert [(each["key"], each["value"]) for each in detail["outputs"]] == [("${asked}", "ops")]
