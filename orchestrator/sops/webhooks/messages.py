"""What a webhook is sent of a task, in the words of Standard OPS.

Source: TencentBlueKing/bk-sops, gcloud/taskflow3/signals/handlers.py and config/webhook_resources.yaml;
bkflow-django-webhook 2.0.2, webhook/handlers.py.
"""

from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.secret_handles import masked
from orchestrator.engine.states import NodeState
from orchestrator.runtime.models import Task
from orchestrator.sops.numbers import Kind, numbered
from orchestrator.sops.tasks.named_nodes import NamedNodes
from orchestrator.tasks.repository import definition_of, latest_runs
from orchestrator.tasks.service import current_inputs

EVENTS: Final = MappingProxyType({"task_failed": "failed", "task_finished": "finished"})
"""As clients name them → as flows do."""
CODES: Final = MappingProxyType({event: code for code, event in EVENTS.items()})
NAMES: Final = MappingProxyType({"task_failed": "任务失败", "task_finished": "任务完成"})


class StandardOpsMessages:
    """Implements `orchestrator.notices.telling.WebhookMessages`."""

    async def message(self, session: AsyncSession, task: Task, event: str) -> dict[str, Any]:
        code = CODES[event]
        number = await numbered(session, Kind.TASK, task.id)
        info: dict[str, Any] = {
            "project_id": await numbered(session, Kind.PROJECT, task.project_id),
            "task_id": number,
            "task_name": task.name,
            "input_data": [
                {"key": f"${{{name}}}", "value": value} for name, value in masked(current_inputs(task)).items()
            ],
            "executor": task.created_by,
            "start_time": _seconds(task.started_at),
            "finish_time": _seconds(task.finished_at),
        }
        if event == "failed":
            info["extra_data"] = await _failure(session, task)
        else:
            info["outputs"] = {f"${{{name}}}": value for name, value in masked(task.outputs or {}).items()}
        return {
            "event": {"code": code, "name": NAMES[code], "description": None, "info": info},
            "delivery_id": number,
        }


async def _failure(session: AsyncSession, task: Task) -> dict[str, str]:
    """Of the node that failed last; empty where somebody has seen to it by now."""
    runs = await latest_runs(session, task.id)
    failed = [run for run in runs.values() if run.state == NodeState.FAILED]
    if not failed:
        return {"failed_node": "", "failed_node_name": "", "failed_message": ""}
    last = max(failed, key=lambda run: run.number)
    node = NamedNodes(await definition_of(session, task)).find(last.node_id)
    return {
        "failed_node": last.node_id,
        "failed_node_name": node.get("name", ""),
        "failed_message": masked(last.error or ""),
    }


def _seconds(at: datetime | None) -> int | str:
    """Of the epoch; empty for none."""
    return "" if at is None else int(at.timestamp())
