"""Writes that leave together: what is written within one turn of the event loop is sent at its end.

Each write is a system call, and one to a process that sleeps wakes it, which costs more than the call itself. An
answer's head and its body leave in one write instead of two; and who is sent several requests in a turn, or several
answers, gets them closely one after the other, and is woken once.
"""

import asyncio
from typing import Any, Final

_LARGE: Final = 64 * 1024


class Outbox:
    """The transports that have something to send at the end of this turn. Belongs to one event loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[CoalescingTransport] = []

    def add(self, transport: "CoalescingTransport") -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send)
        self._waiting.append(transport)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport in waiting:
            transport.flush()


class CoalescingTransport(asyncio.Transport):
    """Hands everything on to another transport; small writes wait for the end of the loop's turn."""

    __slots__ = ("_inner", "_outbox", "_pending", "_size")

    def __init__(self, inner: asyncio.Transport, outbox: Outbox) -> None:
        self._inner = inner
        self._outbox = outbox
        self._pending: list[bytes | bytearray | memoryview] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        size = len(data)
        if size > _LARGE:
            self.flush()
            self._inner.write(data)
        elif size:
            if not self._pending:
                self._outbox.add(self)
            self._pending.append(data)
            self._size += size
            if self._size > _LARGE:
                self.flush()  # whoever writes a lot must hear that it is too much

    def flush(self) -> None:
        """Sends what waits."""
        pending = self._pending
        if pending:
            data = pending[0] if len(pending) == 1 else b"".join(pending)
            pending.clear()
            self._size = 0
            if not self._inner.is_closing():
                self._inner.write(data)

    def close(self) -> None:
        self.flush()
        self._inner.close()

    def abort(self) -> None:
        self._pending.clear()
        self._size = 0
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
        return self._inner.get_write_buffer_size() + self._size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._inner.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._inner.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return self._inner.can_write_eof()

    def write_eof(self) -> None:
        self.flush()
        self._inner.write_eof()
