"""A request id for every answer, log line and audit record."""

import re
import uuid

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[0-9a-f]{32}")


def request_id_of(header: str | None) -> str:
    """The caller's own id when it has our form (32 hex digits), else a new one."""
    if header is not None and _ACCEPTED.fullmatch(header):
        return header
    return uuid.uuid4().hex
