"""When the end of a grant is to be remembered. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def next_reminder(expires_at: datetime | None, days_before: Iterable[int], after: datetime) -> datetime | None:
    """The earliest reminder that lies after a moment; `None` when none is left.

    Those that lie before it are left out: who approves for a week is not reminded of the month before the end, and
    after a pause one reminder goes out, not all that were missed.
    """
    if expires_at is None:
        return None
    moments = (expires_at - timedelta(days=days) for days in days_before)
    return min((moment for moment in moments if moment > after), default=None)
