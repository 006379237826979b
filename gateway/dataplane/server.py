"""The server half of the hot road: uvicorn's HTTP/1.1 protocol, with one write for an answer instead of two.

uvicorn writes an answer's head and its body separately, and each write is a system call: measured, 8 % of a call's
CPU time. Here what is written within one turn of the event loop leaves together.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 64 * 1024
"""Bytes of a head that is still coming; a longer one is answered with 431. Longer trailers end the connection."""

_LARGE = 64 * 1024
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class GatheringTransport(asyncio.Transport):
    """Hands everything on to another transport; small writes wait for the end of the loop's turn."""

    __slots__ = ("_inner", "_loop", "_pending")

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._loop = loop
        self._pending: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pending = self._pending
        if pending:
            pending.append(data)
            if len(data) > _LARGE:
                self.flush()
        elif len(data) > _LARGE:
            self._inner.write(data)
        elif data:
            pending.append(data)
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        pending = self._pending
        if pending:
            data = pending[0] if len(pending) == 1 else b"".join(pending)
            pending.clear()
            if not self._inner.is_closing():
                self._inner.write(data)

    def close(self) -> None:
        self.flush()
        self._inner.close()

    def abort(self) -> None:
        self._pending.clear()
        self._inner.abort()

    def is_closing(self) -> bool:
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._inner.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        self._inner.resume_reading()

    def is_reading(self) -> bool:
        return self._inner.is_reading()

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._inner.get_protocol()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.flush()
        self._inner.set_protocol(protocol)

    def get_write_buffer_size(self) -> int:
        return self._inner.get_write_buffer_size() + sum(len(data) for data in self._pending)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._inner.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._inner.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return self._inner.can_write_eof()

    def write_eof(self) -> None:
        self.flush()
        self._inner.write_eof()


class GatewayProtocol(HttpToolsProtocol):
    """Give it to uvicorn: ``uvicorn.Config(app, http=GatewayProtocol)``.

    What uvicorn leaves open: a head is bounded, and so is whatever else comes that is no part of a body (trailers,
    sizes of chunks), which the parser would collect without end. Trailers don't become headers (RFC 9110 §6.5.1): a
    proxy in front never saw them, so they could claim what it forbids.
    """

    _moved = False
    _silent_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(GatheringTransport(transport, self.loop))

    def on_headers_complete(self) -> None:
        self._moved = True
        super().on_headers_complete()
        self.headers = []  # no longer the list of the scope: what the parser adds from here on is lost

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        self._moved = False
        super().data_received(data)
        if self._moved:
            self._silent_bytes = 0
            return
        self._silent_bytes += len(data)
        if self._silent_bytes > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        cycle = self.cycle
        if getattr(cycle, "scope", None) is not self.scope:
            self.transport.write(_TOO_LARGE)  # a head: nothing was answered to it yet
        self.transport.close()
