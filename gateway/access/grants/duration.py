"""How long a grant holds. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Duration:
    """Days from the approval, or an exact end; with neither, what was applied for or without end.

    Attributes:
        as_applied: the days asked for count.
    """

    days: int | None = None
    expires_at: datetime | None = None
    as_applied: bool = False

    def end(self, asked_days: int | None, start: datetime, now: datetime) -> datetime | None:
        """The end of a grant whose days count from `start`; `None` is never.

        Raises:
            Invalid: it would have ended already.
        """
        if self.expires_at is not None:
            if self.expires_at < now:
                raise Invalid.field("expires_at", "lies in the past", "Send a time from now on, or leave it out")
            return self.expires_at
        days = asked_days if self.as_applied else self.days
        return start + timedelta(days=days) if days is not None else None


AS_APPLIED = Duration(as_applied=True)
