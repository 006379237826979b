"""What a request's head must be besides what the parser sees to: the parts that two servers read differently."""

import re
from functools import lru_cache
from typing import Final

_LONGEST_HOST: Final = 300
"""Bytes; a name has 253 at most, and what was seen is remembered."""
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class MalformedHead(Exception):
    """Nothing is answered to it but 400, and nothing behind it on its connection is read."""


def check_head(headers: list[tuple[bytes, bytes]]) -> None:
    """Raises MalformedHead. What the data plane serves is checked where its headers are sorted."""
    hosts = 0
    for sent, value in headers:
        name = sent.lower()
        if name == b"host":
            hosts += 1
            check_host(hosts, value)
        elif name == b"transfer-encoding":
            check_coding(value)
    if hosts != 1:
        raise MalformedHead


def check_host(count: int, value: bytes) -> None:
    """Exactly one, and none but a name or an address (RFC 9112 §3.2)."""
    if count != 1 or len(value) > _LONGEST_HOST or not is_host(value):
        raise MalformedHead


def check_coding(value: bytes) -> None:
    if not is_chunked(value):
        raise MalformedHead


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
