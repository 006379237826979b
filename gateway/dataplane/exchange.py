"""One request and its answer on a client's connection: what the road speaks to, instead of scope, receive and send."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from gateway.wire.codes import BODY_TOO_LARGE
from gateway.wire.refusal import Refusal
from kernel.transport.request import LAST_CHUNK, chunk

Headers = list[tuple[bytes, bytes]]

HELD_BACK: Final = 64 * 1024
"""Bytes of a body that wait to be read before the client is held back."""

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE: Final = b"connection: close\r\n"
_CHUNKED: Final = b"transfer-encoding: chunked\r\n\r\n"
_BODILESS: Final = (204, 304)


class ClientGone(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


def body_too_long(limit: int) -> Refusal:
    return Refusal(BODY_TOO_LARGE, f"the body is longer than {limit} bytes")


class Successor(Protocol):
    """What a connection belongs to after it has switched to another protocol."""

    def shutdown(self) -> None:
        """The server stops."""


class Line(Protocol):
    """What an exchange needs of its connection."""

    @property
    def is_writable(self) -> bool: ...

    def write(self, data: bytes) -> None:
        """May gather what is written within one turn of the event loop."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    @property
    def default_lines(self) -> bytes:
        """The header lines every answer has."""

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...

    def answer(self, data: bytes, *, keep_alive: bool) -> None:
        """Writes a whole answer and goes on to what was asked next, or closes."""

    def exchange_is_over(self, *, keep_alive: bool) -> None:
        """Goes on to what was asked next, or closes."""

    def refuse_malformed(self) -> None:
        """Answers 400 and closes."""

    def abort(self) -> None: ...

    def hand_over(self, head: bytes, successor: Successor) -> tuple[asyncio.Transport, bytes]:
        """Writes the head and gives the connection away, paused, with what the client sent behind its request."""
        ...

    def forget(self, successor: Successor) -> None:
        """The connection that was given away is gone."""


class Owner(Protocol):
    """Who answers an exchange, and is told what becomes of its client."""

    def client_gone(self) -> None: ...

    def client_writable(self) -> None: ...


class Exchange:
    """``method``, ``raw_path``, ``query``, ``headers`` (as they were sent) and ``peer`` are the request's head.

    Its body is taken whole, where all of it has arrived (``whole``), or waited for (``read``, ``pieces``). Answer with
    ``answer``, or with ``start``, ``write`` and ``finish``; ``abort`` ends an answer that cannot be completed.
    ``upgrade`` is the protocol the client offers to switch to. ``keep_alive`` and ``response_complete`` have the names
    uvicorn looks for.
    """

    __slots__ = (
        "_arrival", "_chunked", "_line", "_pending", "_pieces", "_told_to_go_on", "headers", "is_complete", "is_gone",
        "keep_alive", "method", "owner", "peer", "query", "raw_path", "response_complete", "speaks_1_0", "started",
        "upgrade",
    )  # fmt: skip

    def __init__(
        self, line: Line, method: str, raw_path: bytes, query: bytes, headers: Headers, peer: str, *, keep_alive: bool
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.query = query
        self.headers = headers
        self.peer = peer
        self.keep_alive = keep_alive
        self.upgrade = b""
        self.owner: Owner | None = None
        self.speaks_1_0 = self._told_to_go_on = self._chunked = False
        self.is_complete = self.is_gone = self.started = self.response_complete = False
        self._line = line
        self._pieces: list[bytes] = []
        self._pending = 0
        self._arrival: asyncio.Future[None] | None = None

    # The request's body

    def whole(self) -> bytes | None:
        """The body, when all of it has arrived and nothing was taken yet; else None."""
        if not self.is_complete:
            return None
        return self._take() if self._pieces else b""

    async def read(self, limit: int, announced: int | None) -> bytes:
        """The whole body; raises Refusal when it is longer than ``limit`` bytes, ClientGone when it never ends."""
        if announced is not None and announced > limit:
            raise body_too_long(limit)
        pieces: list[bytes] = []
        length = 0
        async for piece in self.pieces():
            length += len(piece)
            if length > limit:
                raise body_too_long(limit)
            pieces.append(piece)
        return b"".join(pieces)

    def pieces(self) -> "Pieces":
        """The body as it arrives; raises ClientGone when it never ends."""
        return Pieces(self)

    async def next_piece(self) -> bytes:
        """What has arrived; nothing at the end. Raises ClientGone."""
        while not self._pieces and not self.is_complete:
            await self.arrival()
        return self._take()

    async def arrival(self) -> None:
        """Returns when more of the body is here, or its end; raises ClientGone."""
        if self.is_gone:
            raise ClientGone
        if self._pieces or self.is_complete:
            return
        if self._expects_continue():
            self._told_to_go_on = True
            self._line.write(_CONTINUE)
        self._line.resume_reading()
        self._arrival = asyncio.get_running_loop().create_future()
        try:
            await self._arrival
        finally:
            self._arrival = None
        if self.is_gone:
            raise ClientGone

    def _expects_continue(self) -> bool:
        """Whether the client waits for a word before it sends the body (RFC 9110 §10.1.1)."""
        if self._told_to_go_on or self._pieces or self.speaks_1_0:
            return False
        return any(name.lower() == b"expect" and value.lower() == b"100-continue" for name, value in self.headers)

    def _take(self) -> bytes:
        pieces = self._pieces
        if not pieces:
            return b""
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._pending > HELD_BACK:
            self._line.resume_reading()
        self._pending = 0
        return piece

    # The answer

    @property
    def is_writable(self) -> bool:
        """False while the client takes less than it is sent; its owner is told when that is over."""
        return self._line.is_writable

    def answer(self, status: int, headers: Headers, lines: bytes, body: bytes, length: bytes | None = None) -> None:
        """The whole answer, in one write. ``lines`` are further header lines, each with its end.

        ``length`` is what an answer to HEAD announces instead of the body's.
        """
        parts = [STATUS_LINE[status], self._line.default_lines]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(lines)
        if self.method == "HEAD":
            if length is None and body:
                length = b"%d" % len(body)
            body = b""
        elif status in _BODILESS:
            body, length = b"", None
        else:
            length = b"%d" % len(body)
        if length is not None:
            parts += (b"content-length: ", length, b"\r\n")
        if not self.is_complete and self._expects_continue():
            # Who was not told to go on may send the body or not: the next request could not be told from it.
            self.keep_alive = False
        if not self.keep_alive:
            parts.append(_CLOSE)
        parts += (b"\r\n", body)
        self.started = self.response_complete = True
        self._line.answer(b"".join(parts), keep_alive=self.keep_alive)

    def start(self, status: int, headers: Headers, lines: bytes, length: bytes | None) -> None:
        """The head of an answer whose body comes in pieces; ``length`` is its announced length, where it has one."""
        parts = [STATUS_LINE[status], self._line.default_lines]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(lines)
        self._chunked = length is None and not self.speaks_1_0
        if not self.is_complete and self._expects_continue():
            self.keep_alive = False
        if not self.keep_alive:
            parts.append(_CLOSE)
        if length is not None:
            parts += (b"content-length: ", length, b"\r\n\r\n")
        else:
            parts.append(_CHUNKED if self._chunked else b"\r\n")
        self.started = True
        self._line.write(b"".join(parts))

    def write(self, piece: bytes) -> None:
        self._line.write(chunk(piece) if self._chunked else piece)

    def finish(self) -> None:
        if self._chunked:
            self._line.write(LAST_CHUNK)
        self.response_complete = True
        self._line.exchange_is_over(keep_alive=self.keep_alive)

    def refuse_malformed(self) -> None:
        """Answers 400, whatever the door, and lets nothing behind it on the connection be served."""
        self.response_complete = True
        self._line.refuse_malformed()

    def abort(self) -> None:
        """Ends the connection, so that the answer does not look complete."""
        self.response_complete = True
        self._line.abort()

    def switch(self, headers: Headers, protocol: bytes, successor: Successor) -> tuple[asyncio.Transport, bytes] | None:
        """Tells the client that its offer is taken; the connection, or None when the client is gone."""
        if self.is_gone:
            return None
        parts = [b"HTTP/1.1 101 Switching Protocols\r\n", self._line.default_lines]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (b"connection: Upgrade\r\nupgrade: ", protocol, b"\r\n\r\n")
        self.started = self.response_complete = True
        return self._line.hand_over(b"".join(parts), successor)

    def left(self, successor: Successor) -> None:
        """The connection that was switched is gone."""
        self._line.forget(successor)

    def run(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Work of this exchange that waits; a shutdown waits for it."""
        return self._line.run(work)

    # What follows is called by the connection.

    def add(self, piece: bytes) -> None:
        """Keeps a piece of the body that arrived."""
        if self.response_complete:
            return
        self._pieces.append(piece)
        self._pending += len(piece)
        if self._pending > HELD_BACK:
            self._line.pause_reading()
        if self._arrival is not None:
            self._notify(self._arrival)

    def complete(self) -> None:
        """All of the body has arrived."""
        self.is_complete = True
        if self._arrival is not None:
            self._notify(self._arrival)

    def lost(self) -> None:
        """The client is gone."""
        if self.response_complete:
            return
        self.is_gone = self.response_complete = True
        if self._arrival is not None:
            self._notify(self._arrival)
        if self.owner is not None:
            self.owner.client_gone()

    @staticmethod
    def _notify(arrival: asyncio.Future[None]) -> None:
        if not arrival.done():
            arrival.set_result(None)


class Pieces:
    """A body as it arrives."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> bytes:
        piece = await self._exchange.next_piece()
        if not piece:
            raise StopAsyncIteration
        return piece
