"""Times as they are answered."""

from datetime import datetime


def shown_time(at: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return at.isoformat().replace("+00:00", "Z")
