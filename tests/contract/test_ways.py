"""What the ways to BlueKing's systems have in common: who calls, what is lacking, the ESB's addresses, and back."""

from typing import Any

import pytest
from bkapi_component.open.client import Client

from tests.contract.conftest import LACKING, STAGES, House, Surface
from tests.support.blueking_systems.doors import APP_SECRET

PAGE = {"start": 0, "limit": 10}

ways = pytest.mark.parametrize("surface", ["esb", "apigw", "direct"], indirect=True)


def named(house: House, username: str) -> dict[str, str]:
    told = f'{{"bk_app_code": "caller", "bk_app_secret": "{house.secret}", "bk_username": "{username}"}}'
    return {"X-Bkapi-Authorization": told}


@ways
def test_the_person_goes_along_and_calls_of_nobodys_have_a_name_too(surface: Surface, house: House) -> None:
    surface.data("cmdb.search_business", page=PAGE)
    surface.identity = named(house, "ada")
    surface.data("cmdb.search_business", page=PAGE)
    assert surface.blueking.callers == [("cmdb", "robot"), ("cmdb", "ada")]


@ways
def test_what_a_system_lacks_is_refused_by_name_and_never_sent(surface: Surface) -> None:
    for system, names in surface.lacking.items():
        assert names
        for name in sorted(names):
            answer = surface.call(f"{system}.{name}", **_ANYTHING.get(name, {}))
            if answer.get("code_name") == "INVALID_ARGS":
                continue  # its parameters are checked before
            assert (answer["result"], answer["code"]) == (False, LACKING), answer
            assert answer["message"].startswith(f"{name} is not to be had on this back end: ")
    assert surface.blueking.callers == []


_ANYTHING: dict[str, dict[str, Any]] = {
    "add_local_host_to_business_idle": {"bk_biz_id": 1},
    "delete_dangerous_rule": {"id": 1},
    "update_host": {"bk_host_id": "1", "data": {}},
    "create_clocked_task": {"bk_biz_id": 1, "template_id": 1, "task_name": "x", "plan_start_time": "2030-01-01"},
    "get_clocked_task_list": {"bk_biz_id": 1},
    "create_template": {"bk_biz_id": 1, "pipeline_tree": {}},
    "get_child_task": {"id": "0" * 32},
    "get_task_node_log": {"bk_biz_id": 1, "task_id": 1, "node_id": "n"},
    "get_task_plugin_log": {"bk_biz_id": 1, "task_id": 1, "node_id": "n", "plugin_code": "c", "trace_id": "t"},
    "get_task_effective_time": {"bk_biz_id": 1, "task_id": 1},
    "get_task_operate_record": {"bk_biz_id": 1, "task_id": 1},
    "get_plugin_detail": {"bk_biz_id": 1, "code": "c"},
    "get_mini_app_list": {"bk_biz_id": 1},
    "get_task_count": {"bk_biz_id": 1},
    "apply_webhook_configs": {"bk_biz_id": 1, "template_ids": [1], "enable_webhook": False},
    "import_common_template": {"template_data": "x"},
    "modify_template_notify": {"bk_biz_id": 1, "template_id": 1},
    "copy_template_across_project": {"bk_biz_id": 1, "new_project_id": 2, "template_ids": [1]},
    "modify_project_executor_proxy": {"bk_biz_id": 1, "executor_proxy": "", "executor_proxy_exempts": ""},
    "modify_template_executor_proxy": {"bk_biz_id": 1, "template_id": 1, "executor_proxy": ""},
    "get_plugin_base_info": {"bk_biz_id": 1},
    "resolve_hosts": {"bk_biz_id": 30_000_000_000, "choice": {}},
    "preview_common_task_tree": {"bk_biz_id": 1, "template_id": 1},
    "query_task_count": {"bk_biz_id": 1, "group_by": "status"},
    "get_tasks_manual_intervention_state": {"bk_biz_id": 1, "task_id_list": []},
    "modify_constants_for_task": {"bk_biz_id": 1, "task_id": 1, "constants": {"a": 1}},
}


@ways
def test_an_app_that_is_not_believed_any_more_is_told_so_without_its_secret(surface: Surface, house: House) -> None:
    if surface.back_end == "direct":
        return  # no app calls there
    stage = f"/systems/cmdb/stages/{STAGES[surface.back_end]}/signing"
    right = {"profile": "bk-app", "app_code": "trunkline", "app_secret": APP_SECRET, "username": "robot"}
    house.api.put(stage, {**right, "app_secret": "another"})
    answer = surface.call("cmdb.search_business", page=PAGE)
    house.api.put(stage, right)
    assert (answer["result"], answer["code"]) == (False, 1640100)
    assert "another" not in str(answer)
    surface.data("cmdb.search_business", page=PAGE)


class TestByBlueKingsClient:
    """`bkapi-component-open` at the ESB's addresses: `prod` is embedded, the test environment BlueKing's ESB."""

    @pytest.fixture(params=["embedded", "esb"])
    def surface(self, request: pytest.FixtureRequest, house: House) -> Any:
        house.blueking.renew()
        with Client(
            endpoint=house.server.url, bk_api_ver="v2", language="en", use_test_env=request.param == "esb"
        ) as client:
            client.update_bkapi_authorization(bk_app_code="caller", bk_app_secret=house.secret)
            yield client
        assert house.blueking.faults == []

    def test_reads_by_get_and_by_post_answer_alike(self, surface: Any) -> None:
        answer = surface.cc.search_business({"fields": ["bk_biz_id", "bk_biz_name"], "page": PAGE})
        assert (answer["result"], answer["code"], len(answer["request_id"])) == (True, 0, 32)
        shop = {each["bk_biz_name"]: each["bk_biz_id"] for each in answer["data"]["info"]}["Shop"]
        tree = surface.cc.search_biz_inst_topo({"bk_biz_id": shop, "level": -1})
        assert tree["data"][0]["bk_inst_id"] == shop
        internal = surface.cc.get_biz_internal_module({"bk_biz_id": shop})
        assert len(internal["data"]["module"]) == 3

    def test_errors_are_the_envelopes(self, surface: Any) -> None:
        answer = surface.jobv3.get_job_instance_status(
            {"bk_scope_type": "biz", "bk_scope_id": "1", "job_instance_id": 999_999}
        )
        assert (answer["result"], answer["data"], answer["code"] != 0) == (False, None, True)
        answer = surface.cc.search_business({"page": {"start": 0, "limit": 100_000}})
        assert answer["result"] is False
        assert "limit" in answer["message"]


def test_a_stage_goes_and_comes_back_while_it_is_called(house: House) -> None:
    stage = "/systems/notify/stages"
    house.api.post(stage, {"name": "there", "like": "test"})
    before = house.api.get(f"{stage}/there/back-end")
    assert (before["back_end"], before["through"]) == ("blueking", "esb")
    back = house.api.put(f"{stage}/there/back-end", {"back_end": "embedded"})["back_end"]
    assert (back["back_end"], back["release"], back["lacking"]) == ("embedded", "1.0.0", [])
    headers = {"Authorization": f"Bearer {house.token}"}
    answer = house.http.get("/api/notify/there/get_msg_type", headers=headers).json()
    assert answer["data"][0]["label_zh"], "only the embedded system says so"
    house.api.delete(f"{stage}/there")
