"""Word of requests: to who asked, and to those the flow names for its tasks."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.handover.models import TaskRequest
from orchestrator.notices.models import Notice
from orchestrator.notices.repository import add, find_settings, groups_of, key_of

_SAID: Final = MappingProxyType(
    {
        "submitted": ("{name} is asked for", "{name} 等待受理"),
        "claimed": ("{name} was taken up by {who}", "{who} 已受理 {name}"),
        "started": ("{name} was started", "{name} 已开始执行"),
        "rejected": ("{name} was rejected", "{name} 已被驳回"),
        "expired": ("Nobody ran {name} in time", "{name} 逾期未受理"),
    }
)
_LONGEST_TITLE: Final = 300


class RequestTelling:
    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    async def requester(self, session: AsyncSession, request: TaskRequest, event: str, now: datetime) -> None:
        """Tells who asked; in the transaction of what is told."""
        await self._write(session, request, event, [request.requester], now)

    async def operators(self, session: AsyncSession, request: TaskRequest, now: datetime) -> None:
        """Tells of a new request the people and groups that the flow's notices name; nobody where they name none."""
        settings = await find_settings(session, request.flow_id)
        if settings is None:
            return
        named = {group.name: group.people for group in await groups_of(session, request.project_id)}
        of_groups = [person for group in settings.groups for person in named.get(group, ())]
        people = list(dict.fromkeys([*settings.people, *of_groups]))
        if people:
            await self._write(session, request, "submitted", people, now)

    async def _write(
        self, session: AsyncSession, request: TaskRequest, event: str, people: Sequence[str], now: datetime
    ) -> None:
        who = request.claimed_by
        english, chinese = (text.format(name=request.name, who=who) for text in _SAID[event])
        task = f"/tasks/{request.task_id}" if request.task_id else f"/requests/{request.id}"
        lines = [f"{english} · {chinese}", "", request.reason or request.note, "", f"{self._public_url}{task}"]
        notice = Notice(
            key=key_of(f"request.{event}", request.id, now.isoformat()),
            project_id=request.project_id,
            flow_id=request.flow_id,
            about=f"request.{event}",
            kind="people",
            sender=request.requester if event == "submitted" else request.settled_by or who or request.requester,
            receivers=list(people),
            title=english[:_LONGEST_TITLE],
            content="\n".join(lines),
            next_attempt_at=now,
            created_at=now,
        )
        await add(session, [notice])
