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
        {"id": NODE, "kind": "confirm", "message": "Go on?"},
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
    flow = api.post("/projects/ops/flows", {"name": "Ask first"})["id"]
    api.put(f"/flows/{flow}/draft", {"definition": FLOW, "draft_version": 1})
    api.post(f"/flows/{flow}:publish")


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
        return self._surface.data(f"sops.{component}", bk_biz_id=str(self._surface.place.business), **params)

    def refused(self, component: str, **params: Any) -> int:
        answer = self._surface.call(f"sops.{component}", bk_biz_id=str(self._surface.place.business), **params)
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


def test_what_is_not_there_or_not_legal_has_the_same_code(flows: Flows) -> None:
    assert flows.refused("create_task", template_id=999_999, name="mine") == 3540400
    assert flows.refused("get_task_status", task_id=999_999) == 3540400
    task = flows.data("create_task", template_id=flows.template, name="mine")["task_id"]
    assert flows.refused("operate_task", task_id=task, action="resume") == 3545000
