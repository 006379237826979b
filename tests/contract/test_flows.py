"""The calls of Standard OPS: the same meaning, whether our orchestrator or BlueKing's answers."""

import time
from typing import Any

import pytest

from tests.contract.conftest import House, Surface
from tests.support.blueking_systems.flows import NODE

PERSON = "ada"
FLOW: dict[str, Any] = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": NODE, "kind": "confirm", "message": "Go on?", "optional": True},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"id": "a", "source": "start", "target": NODE}, {"id": "b", "source": NODE, "target": "end"}],
}

pytestmark = [pytest.mark.parametrize("surface", ["embedded", "esb", "apigw"], indirect=True)]


@pytest.fixture(scope="module")
def ours(house: House) -> None:
    """What BlueKing's small one has from the beginning."""
    api = house.api
    api.post("/users", {"username": PERSON, "email": "ada@ops.test"})
    api.post("/projects", {"code": "ops", "name": "Operations"})
    api.put(f"/projects/ops/members/{PERSON}", {"roles": ["operator"]})
    api.put("/projects/ops/business", {"bk_biz_id": house.place.business, "roles": {}})
    flow = _published(house, "ops", "Ask first")
    api.post(f"/flows/{flow}/schemes", {"name": "none", "keep": []})
    api.post("/projects", {"code": "core", "name": "Core"})
    api.put(f"/flows/{_published(house, 'core', 'Shared ask')}/common", {"projects": ["ops"]})


def _published(house: House, project: str, name: str) -> str:
    flow: str = house.api.post(f"/projects/{project}/flows", {"name": name})["id"]
    house.api.put(f"/flows/{flow}/draft", {"definition": FLOW, "draft_version": 1})
    house.api.post(f"/flows/{flow}:publish")
    return flow


@pytest.fixture
def flows(surface: Surface, house: House, ours: None) -> "Flows":
    told = f'{{"bk_app_code": "caller", "bk_app_secret": "{house.secret}", "bk_username": "{PERSON}"}}'
    surface.identity = {"X-Bkapi-Authorization": told}
    return Flows(surface)


class Flows:
    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.template: int = self.data("get_template_list")[0]["id"]

    def data(self, component: str, **params: Any) -> Any:
        return self._surface.data(f"sops.{component}", **self._placed(params))

    def _placed(self, params: dict[str, Any]) -> dict[str, Any]:
        """In the business, unless the call is about none."""
        given = {"bk_biz_id": str(self._surface.place.business), **params}
        return {name: value for name, value in given.items() if value is not None}

    def refused(self, component: str, **params: Any) -> int:
        answer = self._surface.call(f"sops.{component}", **self._placed(params))
        assert answer["result"] is False, answer
        return int(answer["code"])

    def until(self, task: int, state: str) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            status: dict[str, Any] = self.data("get_task_status", task_id=task)
            if status["state"] == state:
                return status
            time.sleep(0.02)
        raise AssertionError(status)


def test_templates_are_read_with_their_trees(flows: Flows) -> None:
    (listed,) = flows.data("get_template_list")
    assert (listed["name"], listed["category"]) == ("Ask first", "Other")
    info = flows.data("get_template_info", template_id=flows.template)
    assert info["pipeline_tree"]["activities"][NODE]["component"]["code"] == "pause_node"


def test_a_task_goes_from_its_creation_to_its_end(flows: Flows) -> None:
    made = flows.data("create_task", template_id=flows.template, name="mine", constants={})
    assert set(made) >= {"task_id", "task_url", "pipeline_tree"}
    task = made["task_id"]
    assert flows.until(task, "CREATED")["children"] == {}
    assert "task_url" in flows.data("start_task", task_id=task)
    flows.until(task, "RUNNING")
    flows.data("operate_task", task_id=task, action="pause")
    assert flows.until(task, "SUSPENDED")["children"][NODE]["state"] == "RUNNING"
    flows.data("operate_task", task_id=task, action="resume")
    node = flows.data("get_task_node_detail", task_id=task, node_id=NODE, component_code="pause_node")
    assert (node["state"], node["histories"], node["ex_data"]) == ("RUNNING", [], None)
    assert flows.data("operate_node", task_id=task, node_id=NODE, action="callback", data={}) == "success"
    flows.until(task, "FINISHED")
    (found,) = flows.data("get_tasks_status", task_id_list=[task])
    assert (found["id"], found["status"]["state"]) == (task, "FINISHED")
    assert task in [each["id"] for each in flows.data("get_task_list", limit=10)]


def test_a_task_that_is_started_at_once_is_called_back(flows: Flows) -> None:
    task = flows.data("create_and_start_task", template_id=flows.template, name="at once")["task_id"]
    flows.until(task, "RUNNING")
    flows.data("node_callback", task_id=task, node_id=NODE, callback_data={})
    flows.until(task, "FINISHED")
    detail = flows.data("get_task_detail", task_id=task)
    assert (detail["id"], detail["name"], detail["outputs"]) == (task, "at once", [])
    assert NODE in detail["pipeline_tree"]["activities"]


def test_a_common_template_is_read_and_a_task_is_made_of_it(flows: Flows) -> None:
    (listed,) = flows.data("get_common_template_list", bk_biz_id=None)
    assert (listed["name"], listed["category"], "project_id" in listed) == ("Shared ask", "Other", False)
    assert "common_flow_view" in listed["auth_actions"]
    number = listed["id"]
    info = flows.data("get_common_template_info", bk_biz_id=None, template_id=number)
    assert info["pipeline_tree"]["activities"][NODE]["component"]["code"] == "pause_node"
    made = flows.data("create_task", template_id=number, template_source="common", name="shared")
    assert flows.until(made["task_id"], "CREATED")["children"] == {}
    assert flows.refused("create_task", template_id=number, name="not ours") == 3540400
    assert flows.refused("get_common_template_info", bk_biz_id=None, template_id=999_999) == 3540400


def test_schemes_are_told_by_the_numbers_of_their_template(flows: Flows) -> None:
    (scheme,) = flows.data("get_template_schemes", template_id=flows.template)
    assert scheme == {"id": f"{flows.template}-none", "name": "none", "data": "[]"}


def test_a_project_is_read_with_its_plugins(flows: Flows) -> None:
    project = flows.data("get_user_project_detail")
    assert project["project_name"] == "Operations"
    listed = flows.data("get_user_project_list", bk_biz_id=None)
    assert project["project_id"] in [each["project_id"] for each in listed]
    assert flows.data("get_plugin_list") == []
    preview = flows.data("preview_task_tree", template_id=flows.template, exclude_task_nodes_id=[])
    assert (list(preview["pipeline_tree"]["activities"]), preview["constants_not_referred"]) == ([NODE], {})


def test_a_periodic_task_is_made_listed_and_switched_off(flows: Flows) -> None:
    made = flows.data("create_periodic_task", template_id=flows.template, name="Nightly", cron={"hour": "3"})
    assert made["cron"] == "* 3 * * * (m/h/d/dM/MY)"
    assert flows.data("set_periodic_task_enabled", task_id=made["id"], enabled=False) == {"enabled": False}
    listed = {each["id"]: each["enabled"] for each in flows.data("get_periodic_task_list")}
    assert listed[made["id"]] is False


def test_what_is_not_there_or_not_legal_has_the_same_code(flows: Flows) -> None:
    assert flows.refused("create_task", template_id=999_999, name="mine") == 3540400
    assert flows.refused("get_task_status", task_id=999_999) == 3540400
    task = flows.data("create_task", template_id=flows.template, name="mine")["task_id"]
    assert flows.refused("operate_task", task_id=task, action="resume") == 3545000
