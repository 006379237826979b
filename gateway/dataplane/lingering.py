"""The end of a connection on which a refusal was sent while its client still speaks."""

import asyncio
from typing import Final

SECONDS: Final = 2.0
"""How long the client is heard out."""
_MOST: Final = 1024 * 1024
"""How much is heard, in bytes."""


class Lingering(asyncio.Protocol):
    """Takes a connection over, sends no more, and passes over what still comes.

    A connection that is closed with something unread is reset, and with it goes what was sent last (RFC 9112 §9.6): the
    client would never learn why it was refused.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._left = _MOST
        transport.set_protocol(self)
        transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._timer.cancel()
