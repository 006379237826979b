"""Lists read page by page, in the order of their ids."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from kernel.errors import Invalid

MAX_LIMIT = 500


class HasId(Protocol):
    id: str


Row = TypeVar("Row", bound=HasId)


@dataclass(frozen=True, slots=True)
class PageRequest:
    limit: int = 50
    cursor: str | None = None

    @property
    def after(self) -> str | None:
        """The id that the page follows.

        Raises:
            Invalid: the cursor is none that a list of ours gave.
        """
        if self.cursor is None:
            return None
        try:
            after = base64.b64decode(self.cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
        except (ValueError, binascii.Error, UnicodeError):
            after = ""
        if not after or not after.isprintable():
            raise Invalid.field("cursor", "is not a cursor of this list", "Send the `next` of the page before")
        return after


@dataclass(frozen=True, slots=True)
class PageOf(Generic[Row]):
    items: Sequence[Row]
    next: str | None


async def read_page(
    session: AsyncSession,
    statement: Select[Row],
    id_column: Mapped[str],
    page: PageRequest,
    *,
    newest_first: bool = False,
) -> PageOf[Row]:
    """One page of `statement`, ordered by id: ids are time-ordered, so this is the order of creation."""
    if page.after is not None:
        statement = statement.where(id_column < page.after if newest_first else id_column > page.after)
    ordered = statement.order_by(id_column.desc() if newest_first else id_column.asc()).limit(page.limit + 1)
    rows = (await session.execute(ordered)).scalars().all()
    items = rows[: page.limit]
    return PageOf(items, cursor_after(items[-1].id) if len(rows) > page.limit else None)


def cursor_after(last_id: str) -> str:
    """The cursor of the page that follows the item with this id."""
    return base64.urlsafe_b64encode(last_id.encode()).decode()
