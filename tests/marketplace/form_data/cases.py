"""Addresses of Standard OPS: what the component behind is asked, what it says, and what the form gets."""

from dataclasses import dataclass
from typing import Any

PAGE = {"page": {"start": 0, "limit": 200}}
JOB = {"bk_scope_type": "biz", "bk_scope_id": "2", "start": 0, "length": 200}
ATTRIBUTES = [
    {"bk_property_id": "bk_set_name", "bk_property_name": "Name", "editable": True, "option": None},
    {"bk_property_id": "bk_service_status", "bk_property_name": "Status", "editable": True,
     "option": [{"id": "1", "name": "Open"}]},
    {"bk_property_id": "bk_set_id", "bk_property_name": "Id", "editable": False, "option": None},
]  # fmt: skip
MODULE = {"bk_obj_id": "module", "bk_inst_id": 9, "bk_inst_name": "web", "child": []}
TREE = [
    {"bk_obj_id": "biz", "bk_inst_id": 2, "bk_inst_name": "Shop",
     "child": [{"bk_obj_id": "set", "bk_inst_id": 5, "bk_inst_name": "south", "child": [MODULE]}]}
]  # fmt: skip
HOST = {
    "host": {"bk_host_id": 1, "bk_host_name": "a", "bk_cloud_id": 0, "bk_host_innerip": "10.0.0.1", "bk_os": "x"},
    "topo": [
        {"bk_set_id": 5, "bk_set_name": "south", "module": [{"bk_module_id": 9, "bk_module_name": "web"}]}
    ],
}  # fmt: skip
PLAN = {
    "id": 3,
    "global_var_list": [
        {"id": 1, "name": "text", "type": 1, "value": "v", "description": "d", "server": None},
        {"id": 2, "name": "hosts", "type": 3, "value": None, "description": "",
         "server": {"ip_list": [{"bk_cloud_id": 0, "ip": "10.0.0.1"}, {"bk_cloud_id": 3, "ip": "10.0.0.2"}]}},
    ],
    "step_list": [{"id": 4, "name": "run", "type": 1, "script_info": {"script_param": "-x"}}],
}  # fmt: skip
VARIABLES = [
    {"id": 1, "name": "text", "type": 1, "value": "v", "description": "d"},
    {"id": 2, "name": "hosts", "type": 3, "value": "0:10.0.0.1,3:10.0.0.2", "description": ""},
]


@dataclass(frozen=True, slots=True)
class Case:
    url: str
    component: tuple[str, str]
    asked: Any
    said: Any
    data: Any


def _case(url: str, component: str, asked: Any, data: Any, expected: Any, method: str = "POST") -> Case:
    return Case(url, (component, method), asked, {"result": True, "code": 0, "data": data}, expected)


def _attributes(url: str, kind: str, expected: Any) -> Case:
    body = {"bk_obj_id": kind, "bk_biz_id": 2}
    return _case(f"pipeline/{url}", "cmdb.search_object_attribute", body, ATTRIBUTES, expected)


def _column(code: str, name: str, **attrs: Any) -> dict[str, Any]:
    return {"tag_code": code, "type": "input", "attrs": {"name": name, "editable": "true", **attrs}}


CASES = [
    _case(
        "pipeline/cc_get_business_list/",
        "cmdb.search_business",
        {"fields": ["bk_biz_id", "bk_biz_name"], **PAGE},
        {"info": [{"bk_biz_id": 2, "bk_biz_name": "Shop"}]},
        [{"text": "Shop", "value": 2}],
    ),
    _attributes(
        "cc_search_object_attribute/set/2/",
        "set",
        [{"text": "Name", "value": "bk_set_name"}, {"text": "Status", "value": "bk_service_status"}],
    ),
    _attributes(
        "cc_search_object_attribute/set/2/?all=true",
        "set",
        [
            {"text": "Name", "value": "bk_set_name"},
            {"text": "Status", "value": "bk_service_status"},
            {"text": "Id", "value": "bk_set_id"},
        ],
    ),
    _attributes(
        "cc_search_create_object_attribute/set/2/",
        "set",
        [
            _column("bk_set_name", "Name", validation=[{"type": "required"}]),
            _column("bk_service_status", "Status"),
            _column("bk_set_id", "Id"),
        ],
    ),
    _attributes("cc_get_editable_module_attribute/2/", "module", ATTRIBUTES[:2]),
    _attributes(
        "cc_get_set_attribute/2/", "set", [{"bk_property_id": "bk_service_status", "bk_property_name": "Status"}]
    ),
    _attributes("cc_search_status_options/2/", "set", [{"text": "Open", "value": "1"}]),
    _case(
        "pipeline/cc_search_topo/module/normal/2/",
        "cmdb.search_biz_inst_topo",
        {"bk_biz_id": 2},
        TREE,
        [
            {
                "id": "biz_2",
                "label": "Shop",
                "children": [{"id": "set_5", "label": "south", "children": [{"id": "module_9", "label": "web"}]}],
            }
        ],
    ),
    _case(
        "pipeline/cc_search_topo/set/prev/2/",
        "cmdb.search_biz_inst_topo",
        {"bk_biz_id": 2},
        TREE,
        [{"id": "biz_2", "label": "Shop"}],
    ),
    _case("pipeline/cc_search_topo_tree/2/", "cmdb.search_biz_inst_topo", {"bk_biz_id": 2}, TREE, TREE),
    _case(
        'pipeline/cc_search_host/2/?fields=["agent","module"]&topo=[{"bk_obj_id":"set","bk_inst_id":5}]',
        "cmdb.list_biz_hosts_topo",
        {"bk_biz_id": 2, "page": {"start": 0, "limit": 500}},
        {"info": [HOST, {**HOST, "topo": []}]},
        [
            {
                "bk_cloud_id": 0,
                "bk_host_id": 1,
                "bk_host_innerip": "10.0.0.1",
                "bk_host_name": "a",
                "module": [{"bk_module_id": 9, "bk_module_name": "web"}],
                "cloud": [{"id": "0", "bk_inst_name": ""}],
                "agent": -1,
            }
        ],
    ),
    _case(
        "pipeline/cc_search_dynamic_group/2/",
        "cmdb.search_dynamic_group",
        {"bk_biz_id": 2, **PAGE},
        {"info": [{"id": "g", "name": "G", "bk_obj_id": "host", "create_user": "amy"}, {"bk_obj_id": "set"}]},
        {"count": 1, "info": [{"id": "g", "name": "G", "create_user": "amy"}]},
    ),
    _case(
        "pipeline/cc_find_host_by_topo/2/?bk_inst_id=9,",
        "cmdb.count_hosts_by_topo",
        {"bk_biz_id": ["2"]},
        [
            {"bk_obj_id": "module", "bk_inst_id": 9, "host_count": 4},
            {"bk_obj_id": "set", "bk_inst_id": 9, "host_count": 7},
        ],
        [{"bk_inst_id": 9, "host_count": 4}],
        method="GET",
    ),
    _case(
        "pipeline/cc_get_module/2/5/",
        "cmdb.search_module",
        {"bk_biz_id": 2, "bk_set_id": 5, "fields": ["bk_module_id", "bk_module_name"], **PAGE},
        {"info": [{"bk_module_id": 9, "bk_module_name": "web"}]},
        [{"text": "web", "value": 9}],
    ),
    _case(
        "pipeline/cc_get_set_list/2/",
        "cmdb.search_set",
        {"bk_biz_id": 2, "fields": ["bk_set_name"], **PAGE},
        {"info": [{"bk_set_name": "south"}, {"bk_set_name": "south"}]},
        [{"text": "all", "value": "all"}, {"text": "south", "value": "south"}],
    ),
    _case(
        "pipeline/job_get_script_list/2/?type=general",
        "job.get_script_list",
        JOB,
        {"data": [{"id": "a", "name": "clean", "online_script_version_id": 8},
                  {"id": "b", "name": "draft", "online_script_version_id": None}]},
        [{"text": "clean", "value": 8}],
    ),
    _case(
        "pipeline/get_job_account_list/2/",
        "job.get_account_list",
        JOB,
        {"data": [{"alias": "root"}]},
        [{"text": "root", "value": "root"}],
    ),
    _case(
        "pipeline/jobv3_get_job_plan_list/2/0/",
        "job.get_job_plan_list",
        JOB,
        {"data": [{"id": 3, "name": "Restart"}]},
        [{"text": "Restart", "value": 3}],
    ),
    _case(
        "pipeline/jobv3_get_job_plan_detail/2/3/",
        "job.get_job_plan_detail",
        {"bk_scope_type": "biz", "bk_scope_id": "2", "job_plan_id": 3},
        PLAN,
        VARIABLES,
    ),
    _case(
        "pipeline/job_get_job_detail_by_biz/2/3/",
        "job.get_job_plan_detail",
        {"bk_scope_type": "biz", "bk_scope_id": "2", "job_plan_id": 3},
        PLAN,
        {
            "global_var": [{"category" if name == "type" else name: value for name, value in one.items()}
                           for one in VARIABLES],
            "steps": [{"stepId": 4, "name": "run", "scriptParams": "-x", "account": "", "ipList": "", "type": 1,
                       "type_name": "Script"}],
        },
    ),
]  # fmt: skip
