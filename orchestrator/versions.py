"""What people change as a whole: of two who do so at once neither overwrites the other's change unseen."""

from datetime import datetime
from typing import Annotated, Protocol

from pydantic import Field

from kernel.errors import Conflict

Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
"""In a request: that of what was read, which the change was made from."""


class StaleVersion(Conflict):
    """Somebody changed it since it was read."""

    code = "stale_version"


class Versioned(Protocol):
    """A row, held until the transaction ends.

    Attributes:
        version: counts what people changed, from 1 on.
        updated_by: who changed it last.
    """

    version: int
    updated_by: str
    updated_at: datetime


def require_version(row: Versioned, seen: int) -> None:
    """Raises:
    StaleVersion: saying who changed it.
    """
    if row.version != seen:
        raise StaleVersion(
            f"It is at version {row.version}, changed by {row.updated_by}; yours was made from {seen}. Read it again "
            "and repeat your change"
        )


def note_change(row: Versioned, by: str, at: datetime) -> None:
    row.version += 1
    row.updated_by, row.updated_at = by, at
