"""The bytes of a request's head."""

import re
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from typing import Final

from kernel.transport.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """A body that comes in pieces. Without ``length`` the head must announce ``transfer-encoding: chunked``."""

    pieces: AsyncIterable[bytes]
    length: int | None = None


Body = bytes | StreamedBody

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_METHOD: Final = re.compile(r"[A-Z]{1,20}")
_TARGET: Final = re.compile(r"/[\x21-\x7e]*")
_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(rb"[\x09\x20-\x7e\x80-\xff]*")


def encode_head(method: str, target: str, authority: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A request head with its closing empty line. Framing headers are the caller's. Raises as ``check_head``."""
    headers = tuple(headers)
    check_head(method, target, headers)
    lines = [f"{method} {target} HTTP/1.1\r\nhost: {authority}\r\n".encode("ascii")]
    lines += [b"%b: %b\r\n" % field for field in headers]
    lines.append(b"\r\n")
    return b"".join(lines)


def check_head(method: str, target: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises InvalidRequest for anything that could end a line or a field early."""
    if not _METHOD.fullmatch(method) or not _TARGET.fullmatch(target):
        raise InvalidRequest("the method or the target cannot be sent")
    for name, value in headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InvalidRequest(f"the header {name[:40]!r} cannot be sent")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; empty data gives nothing, since an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


LAST_CHUNK: Final = b"0\r\n\r\n"
