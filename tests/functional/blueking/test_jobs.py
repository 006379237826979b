"""`bkapi-component-open` and the job system: a plan, its execution, and what is asked about both."""

import base64
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bkapi_client_core.base import Operation
from bkapi_component.open.client import Client

from tests.functional.blueking.conftest import Site
from tests.functional.blueking.test_component_open import client_of
from tests.support.stand import approved_grant

SCOPE = {"bk_scope_type": "biz", "bk_scope_id": "2"}
HERE = {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}


@pytest.fixture(scope="module")
def client(running_site: Site) -> Iterator[Client]:
    secret = running_site.api.post("/apps", {"app_code": "jobber", "name": "Jobber"})["app_secret"]
    approved_grant(running_site.api, "jobber", "job")
    with client_of(running_site) as made:
        made.update_bkapi_authorization(bk_app_code="jobber", bk_app_secret=secret)
        yield made


@pytest.fixture(scope="module")
def plan(client: Client) -> int:
    content = base64.b64encode(b'echo "hello $WHO"').decode()
    step = {"name": "greet", "type": 1, "script_info": {"script_content": content, "server": {"variable": "WHERE"}}}
    variables = [{"name": "WHO", "value": "world"}, {"name": "WHERE", "type": 3}]
    # BlueKing makes plans on its pages only, so the client knows no such call by itself.
    create = Operation(method="POST", path="/api/c/compapi{bk_api_ver}/jobv3/create_job_plan/")
    create.bind("create_job_plan", client.jobv3)
    asked = {**SCOPE, "name": "greetings", "global_var_list": variables, "step_list": [step, {**step, "name": "again"}]}
    return int(_data(create(asked))["job_plan_id"])


def _data(answer: dict[str, Any]) -> Any:
    assert (answer["result"], answer["code"]) == (True, 0), answer
    return answer["data"]


def _posted(client: Client, component: str, asked: dict[str, Any]) -> Any:
    """POST of what the client would GET."""
    operation = Operation(method="POST", path=f"/api/c/compapi{{bk_api_ver}}/jobv3/{component}/")
    operation.bind(component, client.jobv3)
    return _data(operation(asked))


def test_a_plan_is_executed_and_watched(client: Client, plan: int) -> None:
    given = [{"name": "WHERE", "server": HERE}, {"id": 1, "value": "BlueKing"}]
    executed = _data(client.jobv3.execute_job_plan({**SCOPE, "job_plan_id": plan, "global_var_list": given}))
    assert executed["job_instance_name"] == "greetings"
    asked = {**SCOPE, "job_instance_id": executed["job_instance_id"], "return_ip_result": True}
    deadline = time.monotonic() + 20
    while not (status := _data(client.jobv3.get_job_instance_status(asked)))["finished"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status == _posted(client, "get_job_instance_status", asked)
    assert [(step["name"], step["status"]) for step in status["step_instance_list"]] == [("greet", 3), ("again", 3)]
    for step in status["step_instance_list"]:
        (host,) = step["step_ip_result_list"]
        assert (host["ip"], host["status"], host["exit_code"]) == ("127.0.0.1", 9, 0)
        of_host = {**asked, "step_instance_id": step["step_instance_id"], "bk_cloud_id": 0, "ip": host["ip"]}
        log = _data(client.jobv3.get_job_instance_ip_log(of_host))
        assert (log["log_type"], log["log_content"]) == (1, "hello BlueKing\n")
        assert log == _posted(client, "get_job_instance_ip_log", of_host)


def test_plans_are_read_by_get_and_by_post(client: Client, plan: int) -> None:
    listed = _data(client.jobv3.get_job_plan_list({**SCOPE, "name": "greet"}))
    assert [one["id"] for one in listed["data"]] == [plan]
    assert listed == _posted(client, "get_job_plan_list", {**SCOPE, "name": "greet"})
    detail = _data(client.jobv3.get_job_plan_detail({**SCOPE, "job_plan_id": plan}))
    assert [(one["id"], one["name"], one["type"]) for one in detail["global_var_list"]] == [
        (1, "WHO", 1),
        (2, "WHERE", 3),
    ]
    assert [step["name"] for step in detail["step_list"]] == ["greet", "again"]
    assert detail == _posted(client, "get_job_plan_detail", {**SCOPE, "job_plan_id": plan})


def test_a_plan_without_its_hosts_is_refused_by_name(client: Client, plan: int) -> None:
    answer = client.jobv3.execute_job_plan({**SCOPE, "job_plan_id": plan})
    assert (answer["result"], answer["data"]) == (False, None)
    assert "step_list.0.target_server: names no host" in answer["message"]


def test_a_dynamic_group_names_the_hosts_of_a_job(client: Client, site: Site) -> None:
    cc = client_of(site).cc
    business = _data(cc.create_business({"data": {"bk_biz_name": "jobs"}}))["bk_biz_id"]
    hosts = [{"bk_host_innerip": "127.0.0.1"}, {"bk_host_innerip": "198.51.100.9"}]
    _data(cc.add_host_to_business_idle({"bk_biz_id": business, "bk_host_list": hosts}))
    here = {"bk_obj_id": "host", "condition": [{"field": "bk_host_innerip", "operator": "$eq", "value": "127.0.0.1"}]}
    group = {"bk_biz_id": business, "bk_obj_id": "host", "name": "here", "info": {"condition": [here]}}
    made = _data(cc.create_dynamic_group(group))["id"]
    page = {"start": 0, "limit": 10}
    assert _data(cc.search_dynamic_group({"bk_biz_id": business, "page": page}))["info"][0]["id"] == made
    found = _data(cc.execute_dynamic_group({"bk_biz_id": business, "id": made, "fields": [], "page": page}))
    assert [host["bk_host_innerip"] for host in found["info"]] == ["127.0.0.1"]
    scope = {"bk_scope_type": "biz", "bk_scope_id": str(business)}
    for target, ips in (
        ({"dynamic_group_list": [{"id": made}]}, ["127.0.0.1"]),
        ({"topo_node_list": [{"id": business, "node_type": "biz"}]}, ["127.0.0.1", "198.51.100.9"]),
    ):
        content = base64.b64encode(b"true").decode()
        asked = {**scope, "script_content": content, "script_language": 1, "target_server": target}
        executed = _data(client.jobv3.fast_execute_script(asked))
        asked = {**scope, "job_instance_id": executed["job_instance_id"], "return_ip_result": True}
        (step,) = _data(client.jobv3.get_job_instance_status(asked))["step_instance_list"]
        assert [host["ip"] for host in step["step_ip_result_list"]] == ips
