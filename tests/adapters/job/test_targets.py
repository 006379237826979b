"""The machines that a job is for, by every way of naming them."""

from typing import Any

import pytest

from tests.adapters.job.conftest import ELSEWHERE, HERE, SCOPE, Jobs
from tests.adapters.kinds import one_database


async def _hosts(jobs: Jobs, target: dict[str, Any]) -> list[str]:
    executed = await jobs.execute("id", target_server=target)
    return [host["ip"] for host in (await jobs.status(executed))["step_instance_list"][0]["step_ip_result_list"]]


async def test_hosts_in_places_and_groups_are_those_of_the_inventory(idle_jobs: Jobs) -> None:
    assert await _hosts(idle_jobs, {"topo_node_list": [{"id": 4, "node_type": "set"}]}) == [HERE.ip, ELSEWHERE.ip]
    assert await _hosts(idle_jobs, {"dynamic_group_list": [{"id": "far"}]}) == [ELSEWHERE.ip]


@one_database
async def test_a_host_named_in_several_ways_is_there_once(idle_jobs: Jobs) -> None:
    target = {
        "host_id_list": [ELSEWHERE.host_id],
        "topo_node_list": [{"id": "4", "node_type": "set"}, {"id": 5, "node_type": "module"}],
        "dynamic_group_list": [{"id": "web"}],
    }
    assert await _hosts(idle_jobs, target) == [ELSEWHERE.ip, HERE.ip]


@one_database
@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ({}, "target_server: names no host; send host_id_list, ip_list, topo_node_list or dynamic_group_list"),
        ({"topo_node_list": [{"id": 8, "node_type": "module"}]}, "target_server: names no host"),
        ({"topo_node_list": [{"id": 7, "node_type": "set"}]}, "target_server.topo_node_list: the inventory has no"),
        ({"topo_node_list": [{"id": 6, "node_type": "set"}]}, "topo_node_list: not in business 2: host 9"),
        ({"topo_node_list": [{"id": 6, "node_type": "rack"}]}, "target_server.topo_node_list.0.node_type"),
        ({"dynamic_group_list": [{"id": "gone"}]}, "target_server.dynamic_group_list: the inventory has no gone"),
    ],
)
async def test_what_names_no_machine_is_refused(idle_jobs: Jobs, target: dict[str, Any], problem: str) -> None:
    asked = {**SCOPE, "script_text": "id", "target_server": target}
    assert problem in (await idle_jobs.gateway.call("fast_execute_script", asked))["message"]
