"""The tables beside the adapters: each row is a component that is declared, and what becomes of it can be served."""

import re
from importlib.resources import files
from typing import Any

import pytest

from gateway.registry.back_ends.standards import EMBEDDED, Chosen, Standard
from gateway.registry.component_checks import component_problems
from gateway.snapshot.model.matching import parameters_of
from gateway.snapshot.model.variables import REFERENCE
from kernel.contracts.standard_systems import StandardSystem
from tests.contract.conftest import WAYS, House

STANDARD = {
    "cmdb": """search_business search_host list_biz_hosts list_biz_hosts_topo list_hosts_without_biz search_set
        search_module get_biz_internal_module search_biz_inst_topo transfer_host_module transfer_host_to_idlemodule
        transfer_host_to_faultmodule find_host_topo_relation search_object_attribute search_cloud_area""",
    "job": """fast_execute_script fast_transfer_file execute_job_plan get_job_instance_status
        get_job_instance_ip_log""",
    "notify": "get_msg_type send_msg send_mail send_sms send_weixin send_voice_msg",
    "sops": """get_template_list get_template_info create_task create_and_start_task start_task operate_task
        operate_node node_callback get_task_status get_task_detail get_task_node_detail get_tasks_status""",
}
"""What BlueKing's clients expect of `cc`, `jobv3`, `cmsi` and `sops` before all else."""

systems = pytest.mark.parametrize("name", STANDARD)


def standard(house: House, name: str) -> Standard:
    def document() -> dict[str, Any]:
        return dict(house.http.get(f"/systems/{name}/openapi.json").json())

    def table() -> str:
        return (
            files("orchestrator.sops" if name == "sops" else f"adapters.{name}")
            .joinpath("blueking.yaml")
            .read_text("utf-8")
        )

    return Standard.of(StandardSystem(name, "http://embedded", document, table))


@systems
def test_every_row_is_a_component_and_every_way_is_called_in_the_contract(house: House, name: str) -> None:
    found = standard(house, name)
    declared = {component.name for component in found.components[EMBEDDED]}
    assert found.table.components.keys() - declared == set()
    assert tuple(found.table.ways) == WAYS[name]


@systems
def test_every_component_can_be_served_on_every_way_and_keeps_its_surface(house: House, name: str) -> None:
    found = standard(house, name)
    for way in WAYS[name]:
        for before, after in zip(found.components[EMBEDDED], found.components[Chosen("blueking", way)], strict=True):
            assert component_problems(after, name) == [], (way, after.name)
            for member in ("name", "method", "path", "scopes", "title", "is_read"):
                assert getattr(before, member) == getattr(after, member)
            needed = set(REFERENCE.findall(after.upstream_path or ""))
            assert needed <= found.table.variables.keys()
            in_path = set(re.findall(r"\{(?!env\.)(\w+)", after.upstream_path or "")) - set(parameters_of(before.path))
            assert not in_path or after.mapping


@systems
def test_the_esb_has_all_the_standard_components(house: House, name: str) -> None:
    lacking = standard(house, name).lacking(Chosen("blueking", "esb"))
    assert lacking.keys() & set(STANDARD[name].split()) == set()
