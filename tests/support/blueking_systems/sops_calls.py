"""The calls of Standard OPS that have a component, from its own documents.

Source: TencentBlueKing/bk-sops, gcloud/apigw/management/commands/data/api-resources.yml (methods, paths) and
gcloud/apigw/docs/apigw-docs.tgz (parameters).
"""

from typing import Final

from tests.support.blueking_systems.documented import Call

_BIZ: Final = {"bk_biz_id": "str"}
_TEMPLATE: Final = {**_BIZ, "template_id": "int"}
_TASK: Final = {**_BIZ, "task_id": "int"}
_SCOPE: Final = {"scope": "str"}
_SOURCE: Final = {**_SCOPE, "template_source": "str"}
_NEW: Final = {
    **_SOURCE, "flow_type": "str", "constants": "dict", "exclude_task_nodes_id": "list",
    "execute_task_nodes_id": "list", "template_schemes_id": "list", "callback_url": "str",
}  # fmt: skip

CALLS: Final = {
    "get_template_list": Call(
        "GET /get_template_list/{bk_biz_id}/", _BIZ, {**_SOURCE, "id_in": "str", "name_keyword": "str"}, method="GET"
    ),
    "get_template_info": Call(
        "GET /get_template_info/{template_id}/{bk_biz_id}/", _TEMPLATE, {**_SOURCE, "format": "str"}, method="GET"
    ),
    "get_template_schemes": Call(
        "GET /get_template_schemes/{bk_biz_id}/{template_id}/", _TEMPLATE, _SCOPE, method="GET"
    ),
    "get_common_template_list": Call("GET /get_common_template_list/", method="GET"),
    "get_common_template_info": Call(
        "GET /get_common_template_info/{template_id}/", {"template_id": "int"}, method="GET"
    ),
    "create_task": Call("POST /create_task/{template_id}/{bk_biz_id}/", {**_TEMPLATE, "name": "str"}, _NEW),
    "create_and_start_task": Call(
        "POST /create_and_start_task/{template_id}/{bk_biz_id}/", {**_TEMPLATE, "name": "str"}, _NEW
    ),
    "start_task": Call("POST /start_task/{task_id}/{bk_biz_id}/", _TASK, _SCOPE),
    "operate_task": Call("POST /operate_task/{task_id}/{bk_biz_id}/", {**_TASK, "action": "str"}, _SCOPE),
    "operate_node": Call(
        "POST /operate_node/{bk_biz_id}/{task_id}/",
        {**_TASK, "node_id": "str", "action": "str"},
        {**_SCOPE, "data": "dict", "inputs": "dict", "flow_id": "str"},
    ),
    "node_callback": Call(
        "POST /node_callback/{task_id}/{bk_biz_id}/",
        {**_TASK, "node_id": "str"},
        {**_SCOPE, "callback_data": "dict", "version": "str"},
    ),
    "get_user_project_list": Call("GET /get_user_project_list/", method="GET"),
    "get_user_project_detail": Call("GET /get_user_project_detail/{bk_biz_id}/", _BIZ, _SCOPE, method="GET"),
    "get_plugin_list": Call("GET /get_plugin_list/{bk_biz_id}/", _BIZ, _SCOPE, method="GET"),
    "preview_task_tree": Call(
        "POST /preview_task_tree/{bk_biz_id}/{template_id}/",
        _TEMPLATE,
        {**_SOURCE, "version": "str", "exclude_task_nodes_id": "list"},
    ),
    "create_periodic_task": Call(
        "POST /create_periodic_task/{template_id}/{bk_biz_id}/",
        {**_TEMPLATE, "name": "str", "cron": "dict"},
        {**_SOURCE, "constants": "dict", "exclude_task_nodes_id": "list"},
    ),
    "get_periodic_task_list": Call("GET /get_periodic_task_list/{bk_biz_id}/", _BIZ, _SCOPE, method="GET"),
    "set_periodic_task_enabled": Call(
        "POST /set_periodic_task_enabled/{task_id}/{bk_biz_id}/", _TASK, {**_SCOPE, "enabled": "bool"}
    ),
    "get_task_detail": Call("GET /get_task_detail/{task_id}/{bk_biz_id}/", _TASK, _SCOPE, method="GET"),
    "get_task_status": Call(
        "GET /get_task_status/{task_id}/{bk_biz_id}/",
        _TASK,
        {**_SCOPE, "subprocess_id": "str", "with_ex_data": "bool"},
        method="GET",
    ),
    "get_tasks_status": Call(
        "POST /get_tasks_status/{bk_biz_id}/",
        {**_BIZ, "task_id_list": "list"},
        {**_SCOPE, "include_children_status": "bool"},
    ),
    "get_task_list": Call(
        "GET /get_task_list/{bk_biz_id}/",
        _BIZ,
        {**_SCOPE, "keyword": "str", "is_started": "bool", "limit": "int", "offset": "int"},
        method="GET",
    ),
    "get_task_node_detail": Call(
        "GET /get_task_node_detail/{task_id}/{bk_biz_id}/",
        {**_TASK, "node_id": "str"},
        {**_SCOPE, "component_code": "str", "subprocess_stack": "str", "loop": "int"},
        method="GET",
    ),
}
