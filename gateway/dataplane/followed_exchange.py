"""A request from inside the process whose answer is read while it comes."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from gateway.dataplane.exchange import HELD_BACK, Headers
from gateway.dataplane.kept_exchange import KeptExchange


class FollowedExchange(KeptExchange):
    """``begun`` is set once status and headers are known, or never will be. Read ``answer_pieces`` once; close it."""

    __slots__ = ("_more", "begun")

    def __init__(self, *request: Any, **options: Any) -> None:
        self.begun = asyncio.Event()
        self._more = asyncio.Event()
        super().__init__(*request, **options)

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

    async def answer_pieces(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. What is not asked for holds the upstream back; closing this gives it up."""
        try:
            while self.body or not self.over.is_set():
                if not self.body:
                    self._more.clear()
                    await self._more.wait()
                    continue
                piece = b"".join(self.body)
                self.body.clear()
                self._length, self.line.is_writable = 0, True
                yield piece
                if self.owner is not None:
                    self.owner.client_writable()
        finally:
            if not self.over.is_set():
                self.give_up()
