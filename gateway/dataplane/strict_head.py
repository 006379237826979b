"""What a request's head must be besides what the parser sees to: the parts that two servers read differently."""

import re
from functools import lru_cache

WATCHED = frozenset({b"host", b"transfer-encoding", b"expect"})
"""Header names that need a look; all others only cost the look into this set."""

_HOST = re.compile(rb"(?:[A-Za-z0-9._~\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class MalformedHead(Exception):
    """Nothing is answered to it but 400, and nothing behind it on its connection is read."""


@lru_cache(maxsize=1024)
def is_host(value: bytes) -> bool:
    """Whether it is a name or address with or without a port (RFC 9110 §7.2)."""
    return _HOST.fullmatch(value) is not None


def is_chunked(value: bytes) -> bool:
    """The one transfer coding that is understood: of another the server would undo only the chunks."""
    return value.strip().lower() == b"chunked"


def is_origin_form(target: bytes) -> bool:
    """Path and query alone (RFC 9112 §3.2.1). Other forms name a second host beside the Host header's."""
    return target.startswith(b"/") and not target.startswith(b"//") and b"#" not in target
