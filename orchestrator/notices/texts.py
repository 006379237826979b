"""What people and programs are told. Pure."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from orchestrator.runtime.models import Task

EVENTS: Final = ("finished", "failed", "revoked", "waiting")

_SAID: Final = MappingProxyType(
    {
        "finished": ("{name} has finished", "{name} 已完成"),
        "failed": ("{name} has failed and waits for you", "{name} 执行失败，等待处理"),
        "revoked": ("{name} was ended", "{name} 已终止"),
        "waiting": ("{name} waits for a person", "{name} 等待人工处理"),
    }
)
_LONGEST_TITLE: Final = 300


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    content: str


def words_of(task: Task, event: str, public_url: str) -> Words:
    english, chinese = (text.format(name=task.name) for text in _SAID[event])
    lines = [
        f"{english} · {chinese}",
        "",
        f"Flow · 流程: {task.flow_name}",
        f"Project · 项目: {task.project_code}",
        f"Launched by · 执行人: {task.created_by}",
        "",
        f"{public_url}/tasks/{task.id}",
    ]
    return Words(english[:_LONGEST_TITLE], "\n".join(lines))


def refusal_words(name: str, reason: str, address: str, *, stopped: bool) -> Words:
    """To the owner of what starts tasks by itself."""
    english = f"{name} was switched off" if stopped else f"{name} could not start a task"
    chinese = f"{name} 已被停用" if stopped else f"{name} 未能启动任务"
    return Words(english[:_LONGEST_TITLE], "\n".join([f"{english} · {chinese}", "", reason, "", address]))


def message_of(task: Task, event: str, at: datetime) -> dict[str, Any]:
    """What a webhook is sent; inputs and outputs are for who may see the task."""
    return {
        "type": f"task.{event}",
        "timestamp": _text(at),
        "data": {
            "task_id": task.id,
            "name": task.name,
            "state": task.state,
            "flow_id": task.flow_id,
            "flow_name": task.flow_name,
            "revision": task.revision,
            "project": task.project_code,
            "created_by": task.created_by,
            "created_at": _text(task.created_at),
            "finished_at": _text(task.finished_at) if task.finished_at is not None else None,
        },
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
