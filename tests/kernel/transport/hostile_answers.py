"""Answers of a hostile upstream: their bytes, how they are cut into pieces, and how their connection ends."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast

from hypothesis import strategies as st

Headers = list[tuple[bytes, bytes]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Answer:
    """Attributes:
    edges: where the bytes are cut into pieces.
    cut: where the connection ends early; none: after the last byte.
    reset: it ends with RST instead of FIN.
    trailers: what stands behind the last chunk.
    """

    data: bytes
    edges: list[int] = field(default_factory=list)
    cut: int | None = None
    reset: bool = False
    trailers: Headers = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.cut is None or self.cut >= len(self.data)

    def pieces(self) -> list[bytes]:
        data = self.data if self.cut is None else self.data[: self.cut]
        edges = sorted({edge % (len(data) + 1) for edge in self.edges} | {0, len(data)})
        return [data[start:end] for start, end in pairwise(edges)]


_TOKENS = st.text("abcdefXYZ-09!#$%&'*+.^_`|~", min_size=1, max_size=8).map(lambda text: b"x-" + text.encode())
_VALUES = st.text("abc XYZ09,;=\"'\t", max_size=12).map(lambda text: text.strip().encode()) | st.binary(max_size=8).map(
    lambda value: bytes(byte | 0x80 for byte in value)
)
_FIELDS = st.lists(st.tuples(_TOKENS, _VALUES), max_size=4)
_BODIES = st.binary(max_size=60) | st.sampled_from([b"x" * 70_000, b"\r\n" * 20, b"0\r\n\r\n", OK])
_EARLY = [
    b"",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\nX-A: b\r\n\r\n" * 3,
]
_EXTENSIONS = [b"", b";a=b", b';a="b;c"', b";a;b=c;d"]
_WITHOUT_BODY = (204, 304)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Well-formed answers, and such that end too early, announce too much, or are followed by stray bytes."""
    status = draw(st.sampled_from([200, 201, 204, 206, 301, 304, 404, 500, 503]))
    headers, body, trailers = draw(_FIELDS), draw(_BODIES), list[tuple[bytes, bytes]]()
    if status in _WITHOUT_BODY:
        body = b""
    else:
        body, trailers = _framed(draw, headers, body)
    if draw(st.booleans()):
        headers.append((b"Connection", draw(st.sampled_from([b"close", b"keep-alive"]))))
    version = draw(st.sampled_from([b"1.1", b"1.1", b"1.1", b"1.0"])) if not _is_chunked(headers) else b"1.1"
    head = b"HTTP/%b %d Word\r\n" % (version, status) + b"".join(b"%b: %b\r\n" % pair for pair in headers) + b"\r\n"
    data = draw(st.sampled_from(_EARLY)) + head + body
    cut = draw(st.none() | st.integers(0, len(data)))
    edges = draw(st.lists(st.integers(0, 400), max_size=8))
    return Answer(data, edges, cut, trailers=trailers)


def _framed(draw: st.DrawFn, headers: Headers, body: bytes) -> tuple[bytes, Headers]:
    """Adds the framing field; the body as it is sent, and its trailers."""
    framing = draw(st.sampled_from(["length", "more announced", "less announced", "chunked", "close"]))
    if framing == "chunked":
        headers.append((b"Transfer-Encoding", draw(st.sampled_from([b"chunked", b"Chunked"]))))
        trailers = draw(_FIELDS)
        return _chunks(draw, body) + b"".join(b"%b: %b\r\n" % pair for pair in trailers) + b"\r\n", trailers
    if framing != "close":
        difference = {"length": 0, "more announced": draw(st.integers(1, 5)), "less announced": -min(len(body), 3)}
        headers.append((b"Content-Length", b"%d" % (len(body) + difference[framing])))
    return body, []


def _chunks(draw: st.DrawFn, body: bytes) -> bytes:
    size = draw(st.integers(1, 10) | st.just(65536))
    extension = draw(st.sampled_from(_EXTENSIONS))
    form = draw(st.sampled_from([b"%x", b"%X", b"0%x"]))
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    lines = [form % len(part) + extension + b"\r\n" + part + b"\r\n" for part in parts]
    return b"".join(lines) + draw(st.sampled_from([b"0", b"000"])) + extension + b"\r\n"


def _is_chunked(headers: Headers) -> bool:
    return any(name == b"Transfer-Encoding" for name, _ in headers)


@asynccontextmanager
async def upstream_answering(answer: Answer) -> AsyncIterator[str]:
    """Answers every connection's first request with it; the upstream's address."""

    serving: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for piece in answer.pieces():
                writer.write(piece)
                await writer.drain()
                for _ in range(2):  # the client, in this same loop, reads each piece by itself
                    await asyncio.sleep(0)
        if answer.reset:
            lingering = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingering)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
        if serving:
            await asyncio.wait(serving)
