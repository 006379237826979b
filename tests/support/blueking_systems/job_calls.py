"""The calls of BK-JOB that have a component, from its own documents.

Source: TencentBlueKing/bk-job, support-files/bk-api-gateway/v3/resources.yaml (methods, paths),
docs/apidoc/bk-api-gateway/v3/zh and docs/apidoc/esb/jobv3-confapis/apidocs/en (parameters).
"""

from typing import Final

from tests.support.blueking_systems.documented import Call

_SCOPE: Final = {"bk_scope_type": "str", "bk_scope_id": "str"}
_ACCOUNT: Final = {"account_alias": "str", "account_id": "int"}
_RUN: Final = {
    **_ACCOUNT, "target_server": "dict", "timeout": "int", "task_name": "str", "callback_url": "str",
    "rolling_config": "dict",
}  # fmt: skip

CALLS: Final = {
    "fast_execute_script": Call(
        "POST job-execute/fast_execute_script",
        _SCOPE,
        {
            **_RUN, "script_version_id": "int", "script_id": "str", "script_content": "str", "script_param": "str",
            "script_language": "int", "is_param_sensitive": "int", "windows_interpreter": "str",
            "host_password_list": "list",
        },
    ),
    "fast_transfer_file": Call(
        "POST job-execute/fast_transfer_file",
        {**_SCOPE, "file_target_path": "str", "file_source_list": "list"},
        {**_RUN, "transfer_mode": "int", "upload_speed_limit": "int", "download_speed_limit": "int"},
    ),
    "execute_job_plan": Call(
        "POST job-execute/execute_job_plan",
        {**_SCOPE, "job_plan_id": "int"},
        {"global_var_list": "list", "callback_url": "str", "start_task": "bool"},
    ),
    "get_job_plan_detail": Call("GET job-manage/get_job_plan_detail", {**_SCOPE, "job_plan_id": "int"}),
    "operate_job_instance": Call(
        "POST job-execute/operate_job_instance", {**_SCOPE, "job_instance_id": "int", "operation_code": "int"}
    ),
    "get_job_instance_status": Call(
        "GET job-execute/get_job_instance_status",
        {**_SCOPE, "job_instance_id": "int"},
        {"return_ip_result": "bool"},
    ),
    "get_job_instance_ip_log": Call(
        "GET job-execute/get_job_instance_ip_log",
        {**_SCOPE, "job_instance_id": "int", "step_instance_id": "int"},
        {"bk_host_id": "int", "bk_cloud_id": "int", "ip": "str"},
    ),
    "get_account_list": Call(
        "GET job-manage/get_account_list",
        _SCOPE,
        {"category": "int", "account": "str", "alias": "str", "start": "int", "length": "int"},
    ),
}  # fmt: skip
