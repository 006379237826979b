"""The addresses of Standard OPS that forms ask most, and the components that answer them here.

Source: bk-sops, pipeline_plugins: components/query/sites/open/{cc,job}.py, variables/query/sites/open/query.py,
cmdb_ip_picker/query.py.
"""

from collections.abc import Mapping
from typing import Any, Final

from marketplace.form_data import shapes
from marketplace.form_data.questions import Number, Pages, Question, QuestionTable, Text

_INVENTORY: Final = Pages("page", "start", "limit", 200)
_HOSTS: Final = Pages("page", "start", "limit", 500)
_JOB: Final = Pages("", "start", "length", 200)
_BUSINESS: Final[Mapping[str, Any]] = {"bk_biz_id": Number("biz_cc_id")}
_SCOPE: Final[Mapping[str, Any]] = {"bk_scope_type": "biz", "bk_scope_id": Text("biz_cc_id")}
_ATTRIBUTES: Final = "cmdb.search_object_attribute"
_LEVELS: Final = [
    {"bk_obj_id": kind, "bk_obj_name": name, "bk_next_obj": below, "bk_pre_obj_id": above}
    for kind, name, below, above in (
        ("biz", "Business", "set", ""),
        ("set", "Set", "module", "biz"),
        ("module", "Module", "host", "set"),
        ("host", "IP", "", "module"),
    )
]


def _attributes(path: str, shape: Any, kind: Any = None) -> Question:
    return Question(path, _ATTRIBUTES, {"bk_obj_id": kind or Text("obj_id"), **_BUSINESS}, shape)


def _plans(path: str) -> Question:
    shape = shapes.choices("name", "id")
    return Question(path, "job.get_job_plan_list", _SCOPE, shape, "data", _JOB)


def _scripts(path: str, shape: Any) -> Question:
    return Question(path, "job.get_script_list", _SCOPE, shape, "data", _JOB)


_PROPERTIES: Final = ("bk_property_id", "bk_property_name")
_PLAN: Final[Mapping[str, Any]] = {**_SCOPE, "job_plan_id": Number("job_plan_id")}

SITE_ADDRESSES: Final = QuestionTable(
    (
        Question(
            "pipeline/cc_get_business_list",
            "cmdb.search_business",
            {"fields": ["bk_biz_id", "bk_biz_name"]},
            shapes.choices("bk_biz_name", "bk_biz_id"),
            "info",
            _INVENTORY,
        ),
        _attributes(
            "pipeline/cc_search_object_attribute/{obj_id}/{biz_cc_id}",
            shapes.choices("bk_property_name", "bk_property_id", where="editable", unless="all"),
        ),
        _attributes(
            "pipeline/cc_search_object_attribute_all/{obj_id}/{biz_cc_id}",
            shapes.choices("bk_property_name", "bk_property_id"),
        ),
        _attributes("pipeline/cc_search_create_object_attribute/{obj_id}/{biz_cc_id}", shapes.columns),
        _attributes(
            "pipeline/cc_get_editable_module_attribute/{biz_cc_id}", shapes.members(where="editable"), "module"
        ),
        _attributes(
            "pipeline/cc_get_set_attribute/{biz_cc_id}",
            shapes.members(*_PROPERTIES, where="editable", but="bk_set_name"),
            "set",
        ),
        _attributes(
            "pipeline/cc_input_host_property/{biz_cc_id}", shapes.members(*_PROPERTIES, where="editable"), "host"
        ),
        _attributes("pipeline/cc_search_status_options/{biz_cc_id}", shapes.status_choices, "set"),
        Question(
            "pipeline/cc_search_topo/{obj_id}/{category}/{biz_cc_id}",
            "cmdb.search_biz_inst_topo",
            _BUSINESS,
            shapes.topology,
        ),
        Question("pipeline/cc_search_topo_tree/{biz_cc_id}", "cmdb.search_biz_inst_topo", _BUSINESS, shapes.whole),
        Question("pipeline/cc_get_mainline_object_topo/{biz_cc_id}", "", {}, shapes.constant(_LEVELS)),
        Question(
            "pipeline/cc_search_host/{biz_cc_id}", "cmdb.list_biz_hosts_topo", _BUSINESS, shapes.hosts, "info", _HOSTS
        ),
        Question(
            "pipeline/cc_search_dynamic_group/{biz_cc_id}",
            "cmdb.search_dynamic_group",
            _BUSINESS,
            shapes.host_groups,
            "info",
            _INVENTORY,
        ),
        Question(
            "pipeline/cc_get_set_group/{biz_cc_id}",
            "cmdb.search_dynamic_group",
            _BUSINESS,
            shapes.set_groups,
            "info",
            _INVENTORY,
        ),
        Question(
            "pipeline/cc_find_host_by_topo/{biz_cc_id}", "cmdb.count_hosts_by_topo", _BUSINESS, shapes.module_counts
        ),
        Question(
            "pipeline/cc_get_set/{biz_cc_id}",
            "cmdb.search_set",
            {**_BUSINESS, "fields": ["bk_set_id", "bk_set_name"]},
            shapes.choices("bk_set_name", "bk_set_id"),
            "info",
            _INVENTORY,
        ),
        Question(
            "pipeline/cc_get_set_list/{biz_cc_id}",
            "cmdb.search_set",
            {**_BUSINESS, "fields": ["bk_set_name"]},
            shapes.named_sets,
            "info",
            _INVENTORY,
        ),
        Question(
            "pipeline/cc_get_module/{biz_cc_id}/{biz_set_id}",
            "cmdb.search_module",
            {**_BUSINESS, "bk_set_id": Number("biz_set_id"), "fields": ["bk_module_id", "bk_module_name"]},
            shapes.choices("bk_module_name", "bk_module_id"),
            "info",
            _INVENTORY,
        ),
        _scripts(
            "pipeline/job_get_script_list/{biz_cc_id}",
            shapes.choices_by_name("online_script_version_id", field="value_field"),
        ),
        _scripts(
            "pipeline/job_get_script_name_list/{biz_cc_id}",
            shapes.choices("name", "name", where="online_script_version_id"),
        ),
        Question(
            "pipeline/get_job_account_list/{biz_cc_id}",
            "job.get_account_list",
            _SCOPE,
            shapes.choices("alias", "alias"),
            "data",
            _JOB,
        ),
        _plans("pipeline/job_get_job_tasks_by_biz/{biz_cc_id}"),
        # Plans stand by themselves here: one template holds them all.
        Question(
            "pipeline/jobv3_get_job_template_list/{biz_cc_id}",
            "",
            {},
            shapes.constant([{"value": 0, "text": "-"}]),
        ),
        _plans("pipeline/jobv3_get_job_plan_list/{biz_cc_id}/{job_template_id}"),
        Question(
            "pipeline/jobv3_get_job_plan_detail/{biz_cc_id}/{job_plan_id}",
            "job.get_job_plan_detail",
            _PLAN,
            shapes.plan_variables,
        ),
        Question(
            "pipeline/job_get_job_detail_by_biz/{biz_cc_id}/{job_plan_id}",
            "job.get_job_plan_detail",
            _PLAN,
            shapes.plan_detail,
        ),
        Question(
            "pipeline/jobv3_get_instance_list/{biz_cc_id}/{type}/{status}",
            "job.get_job_instance_list",
            {**_SCOPE, "type": Number("type"), "status": Number("status")},
            shapes.choices("name", "job_instance_id"),
            "data",
            _JOB,
        ),
    )
)
