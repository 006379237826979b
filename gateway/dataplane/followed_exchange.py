"""A request from inside the process whose answer is read while it comes."""

import asyncio

from gateway.dataplane.exchange import HELD_BACK, Headers
from gateway.dataplane.kept_exchange import KeptExchange


class FollowedExchange(KeptExchange):
    """``begun`` is set once status and headers are known, or never will be; ``answer_pieces`` reads the body."""

    __slots__ = ("_more", "begun")

    def __init__(self, method: str, raw_path: bytes, query: bytes, headers: Headers, body: bytes) -> None:
        self.begun = asyncio.Event()
        self._more = asyncio.Event()
        super().__init__(method, raw_path, query, headers, body)

    def start(self, status: int, headers: Headers, lines: bytes, length: bytes | None) -> None:
        super().start(status, headers, lines, length)
        self.begun.set()

    def write(self, piece: bytes) -> None:
        self.body.append(piece)
        self._length += len(piece)
        self.line.is_writable = self._length < HELD_BACK
        self._more.set()

    def finish(self) -> None:
        super().finish()
        self._is_over()

    def abort(self) -> None:
        super().abort()
        self._is_over()

    def _is_over(self) -> None:
        self.begun.set()
        self._more.set()

    async def next_piece(self) -> bytes:
        """All of the body that has arrived since the last; empty at its end."""
        while not self._length:
            if self.over.is_set():
                return b""
            self._more.clear()
            await self._more.wait()
        piece = b"".join(self.body)
        self.body.clear()
        self._length, self.line.is_writable = 0, True
        return piece

    def take_more(self) -> None:
        """What was taken is dealt with: the upstream may send more."""
        if self.owner is not None:
            self.owner.client_writable()
