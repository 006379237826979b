"""An answer while it arrives: its head at once, its body as it comes."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from kernel.transport.errors import BodyTooLarge, UpstreamClosed

if TYPE_CHECKING:
    from kernel.transport.connection import Connection


class Response:
    """``headers`` keep the upstream's order, case and repetition. Read the body once: with ``read``, or piece by piece.

    A response that is not read to its end must be closed with ``close()``; its connection is then not used again.

    ``watcher`` is called in the event loop whenever something came: the head, more of the body, its end, or a failure.
    ``content_length`` is what the upstream announced, as it stood. ``status`` is 0 until the head is complete.
    """

    __slots__ = (
        "_buffered", "_chunks", "_connection", "complete", "content_length", "failure", "headers", "status",
        "trailers", "watcher",
    )  # fmt: skip

    def __init__(self, connection: "Connection", watcher: "Callable[[Response], None] | None" = None) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.trailers: list[tuple[bytes, bytes]] = []
        self.content_length: bytes | None = None
        self.complete = False
        self.failure: Exception | None = None
        self.watcher = watcher
        self._connection = connection
        self._chunks: deque[bytes] = deque()
        self._buffered = 0

    @property
    def was_stale(self) -> bool:
        """Whether it failed because the upstream had ended the unused connection: not one byte of an answer came."""
        connection = self._connection
        return isinstance(self.failure, UpstreamClosed) and connection.served > 0 and not connection.heard

    async def wait_for_head(self) -> None:
        """Returns when the head is complete, or a failure is here."""
        while not self.status and self.failure is None:
            await self._arrival()

    def take_if_complete(self) -> bytes | None:
        """The whole body when it has already arrived, else None; costs no turn of the event loop."""
        if not self.complete:
            return None
        chunks = self._chunks
        if len(chunks) == 1:
            return chunks.popleft()
        body = b"".join(chunks)
        chunks.clear()
        return body

    async def next_piece(self) -> bytes | None:
        """All that has arrived since the last call, or None at the end."""
        while not self._chunks:
            if self.complete:
                return None
            if self.failure is not None:
                raise self.failure
            await self._arrival()
        return self.take()

    def take(self) -> bytes:
        """All that has arrived since the last call, without waiting."""
        chunks = self._chunks
        if not chunks:
            return b""
        if len(chunks) == 1:
            piece = chunks.popleft()
        else:
            piece = b"".join(chunks)
            chunks.clear()
        self._buffered = 0
        self._connection.body_was_taken(self)
        return piece

    async def read(self, limit: int = 16 * 1024 * 1024) -> bytes:
        """The whole body, up to ``limit`` bytes; raises BodyTooLarge beyond it, an ExchangeError when it ends early.

        Closes unless the body was read to its end.
        """
        pieces: list[bytes] = []
        length = 0
        try:
            while (piece := await self.next_piece()) is not None:
                length += len(piece)
                if length > limit:
                    raise BodyTooLarge(f"the answer's body is longer than {limit} bytes")
                pieces.append(piece)
        finally:
            if not self.complete:
                self.close()
        return b"".join(pieces)

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def close(self) -> None:
        """Gives up the rest of the body. Harmless after the end."""
        self._connection.abandon(self)

    def detach(self) -> "tuple[asyncio.Transport, bytes]":
        """The connection itself, after a switch of protocols; see ``Connection.detach``. Raises UpstreamClosed."""
        return self._connection.detach(self)

    # What follows is called by the connection.

    def add(self, data: bytes) -> int:
        """Keeps a piece; answers how much waits to be read."""
        self._chunks.append(data)
        self._buffered += len(data)
        return self._buffered

    def notify(self) -> None:
        watcher = self.watcher
        if watcher is not None:
            watcher(self)

    async def _arrival(self) -> None:
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.watcher = lambda _: None if arrived.done() else arrived.set_result(None)
        try:
            await arrived
        finally:
            self.watcher = None
