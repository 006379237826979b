"""Bytes both ways between two connections, once they have switched to a protocol the gateway does not read.

Neither side is read faster than the other takes; when one ends, the other is ended when it has got what was under way.
"""

import asyncio
from collections.abc import Callable

_LOOK_SECONDS = 1.0


class _Half(asyncio.Protocol):
    """One of the two connections."""

    __slots__ = ("_tunnel", "other", "transport")

    def __init__(self, tunnel: "Tunnel", transport: asyncio.Transport) -> None:
        self._tunnel = tunnel
        self.transport = transport
        self.other: _Half | None = None

    def data_received(self, data: bytes) -> None:
        self._tunnel.moved()
        if self.other is not None:
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._tunnel.half_lost(self)


class Tunnel:
    """Begins with what each side has sent already. ``ended`` is called once, when both connections are gone.

    ``idle`` and ``total`` bound it in seconds: how long nothing moves, and how long it lives.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, idle: float, total: float | None) -> None:
        self._loop = loop
        self._idle = idle
        self._began = self._moved_at = loop.time()
        self._total = total
        self._halves: set[_Half] = set()
        self._look: asyncio.TimerHandle | None = None
        self._ended: Callable[[], None] | None = None

    def begin(
        self,
        client: asyncio.Transport,
        upstream: asyncio.Transport,
        early: tuple[bytes, bytes],
        ended: Callable[[], None],
    ) -> None:
        """``early`` is what the client and the upstream have sent already."""
        self._ended = ended
        one, other = _Half(self, client), _Half(self, upstream)
        one.other, other.other = other, one
        self._halves = {one, other}
        for half, sent in ((one, early[0]), (other, early[1])):
            half.transport.set_protocol(half)
            if sent:
                half.data_received(sent)
        for half in (one, other):
            if half.transport.is_closing():
                self.shutdown()
            elif not half.transport.is_reading():
                half.transport.resume_reading()
        self._look = self._loop.call_later(_LOOK_SECONDS, self._check)

    def moved(self) -> None:
        self._moved_at = self._loop.time()

    def shutdown(self) -> None:
        """Ends both connections, each when it has got what was under way; the server asks for it when it stops."""
        for half in self._halves:
            half.transport.close()

    def half_lost(self, half: "_Half") -> None:
        self._halves.discard(half)
        self.shutdown()
        if not self._halves and self._ended is not None:
            ended, self._ended = self._ended, None
            if self._look is not None:
                self._look.cancel()
            ended()

    def _check(self) -> None:
        now = self._loop.time()
        if now - self._moved_at > self._idle or (self._total is not None and now - self._began > self._total):
            for half in tuple(self._halves):
                half.transport.abort()
            return
        self._look = self._loop.call_later(_LOOK_SECONDS, self._check)
