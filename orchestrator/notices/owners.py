"""Word to the owner of what starts tasks by itself, in the transaction in which a start was refused."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.notices.models import Notice
from orchestrator.notices.repository import add, key_of
from orchestrator.notices.texts import refusal_words


class Starter(Protocol):
    """A schedule or a trigger."""

    id: str
    project_id: str
    flow_id: str
    name: str
    owner: str
    enabled: bool
    refusals: int


class OwnerNotices:
    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    async def refused(self, session: AsyncSession, starter: Starter, page: str, reason: str, now: datetime) -> None:
        """Of the first refusal in a row, and of the one that switched it off.

        Args:
            page: of the console, where it stands.
        """
        stopped = not starter.enabled
        if starter.refusals > 1 and not stopped:
            return
        words = refusal_words(starter.name, reason, f"{self._public_url}/{page}", stopped=stopped)
        notice = Notice(
            key=key_of("refused", starter.id, now.isoformat()),
            project_id=starter.project_id,
            flow_id=starter.flow_id,
            about=f"{page.removesuffix('s')}.{'stopped' if stopped else 'refused'}",
            kind="people",
            sender=starter.owner,
            receivers=[starter.owner],
            title=words.title,
            content=words.content,
            next_attempt_at=now,
            created_at=now,
        )
        await add(session, [notice])
