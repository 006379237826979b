"""Word to people of what other units know: `kernel.contracts.people_notices`."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.notices.models import Notice

_LONGEST_TITLE: Final = 300
_LONGEST_CONTENT: Final = 12_000


class NoticeDesk:
    """Implements `PeopleNotices`.

    Args:
        sends: whether this installation mails people at all.
    """

    def __init__(self, *, sends: bool) -> None:
        self._sends = sends

    async def tell(self, session: AsyncSession, username: str, title: str, content: str, at: datetime) -> None:
        if not self._sends:
            return
        session.add(
            Notice(
                application_id="",
                username=username,
                title=title[:_LONGEST_TITLE],
                content=content[:_LONGEST_CONTENT],
                next_attempt_at=at,
                created_at=at,
            )
        )
