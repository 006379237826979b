import base64
from typing import Any

from tests.adapters.job.conftest import HERE, SCOPE, Jobs, local

TARGET = {"ip_list": [{"ip": HERE.ip}]}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def script(name: str, text: str, **info: Any) -> dict[str, Any]:
    return {"name": name, "type": 1, "script_info": {**local(text), **info}}


def approval(name: str, message: str) -> dict[str, Any]:
    return {"name": name, "type": 3, "approval_info": {"approval_message": message}}


async def made(jobs: Jobs, *steps: dict[str, Any], **params: Any) -> int:
    asked = {**SCOPE, "name": "release", "step_list": list(steps), **params}
    return int((await jobs.gateway.data("create_job_plan", asked))["job_plan_id"])


async def begun(jobs: Jobs, plan: int, **params: Any) -> dict[str, Any]:
    return dict(await jobs.gateway.data("execute_job_plan", {**SCOPE, "job_plan_id": plan, **params}))


async def operate(jobs: Jobs, status: dict[str, Any], number: int, code: int) -> dict[str, Any]:
    """Does something with a step, by its number in the job."""
    ids = {
        "job_instance_id": status["job_instance"]["job_instance_id"],
        "step_instance_id": status["step_instance_list"][number]["step_instance_id"],
    }
    return await jobs.gateway.call("operate_step_instance", {**SCOPE, **ids, "operation_code": code})


async def said(jobs: Jobs, status: dict[str, Any], number: int) -> str:
    ids = {
        "job_instance_id": status["job_instance"]["job_instance_id"],
        "step_instance_id": status["step_instance_list"][number]["step_instance_id"],
    }
    return str((await jobs.log(ids))["log_content"])


def states(status: dict[str, Any]) -> list[int]:
    """Of the job, then of each step."""
    return [status["job_instance"]["status"], *(step["status"] for step in status["step_instance_list"])]
