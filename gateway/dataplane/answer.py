"""The upstream's answer on its way back: hop-by-hop headers stay here, bytes pass."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.dataplane.body import Receive
from kernel.transport.errors import TransportError
from kernel.transport.response import Response

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Of one hop, or ours to say. The server in front stamps its own date.
_DROPPED = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-connection", b"te", b"trailer",
        b"transfer-encoding", b"upgrade", b"x-request-id", b"x-bkapi-request-id", b"x-bkapi-error-code",
        b"x-bkapi-error-message", b"x-trunkline-release", b"date",
    }
)  # fmt: skip
_REMEMBERED = 2048
_BODILESS = (204, 304)


class AnswerHeaders:
    """Remembers the lower-case form of the names it has seen (or that they stay here), up to a bound."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def pass_on(self, response: Response, without: bytes = b"") -> Headers:
        """The headers for the client; ``without`` names one more that is replaced."""
        known = self._known
        passed: Headers = []
        for name, value in response.headers:
            lower = known.get(name)
            if lower is None:
                lower = self._learn(name)
            if lower and lower != without:
                passed.append((lower, value))
        if response.status in _BODILESS:
            passed = [pair for pair in passed if pair[0] != b"content-length"]
        return passed

    def _learn(self, name: bytes) -> bytes:
        lower = name.lower()
        kept = b"" if lower in _DROPPED else lower
        if len(self._known) < _REMEMBERED:
            self._known[name] = kept
        return kept


async def answer_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_streaming(
    send: Send, receive: Receive, response: Response, headers: Headers, *, request_complete: bool
) -> bool:
    """Hands pieces on as they come; True when all did.

    When the upstream fails in between, the answer stays incomplete, so that the server ends the client's connection.
    When the client goes away, the upstream's connection is given up.
    """
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    watcher = asyncio.create_task(_close_when_gone(receive, response)) if request_complete else None
    try:
        while (piece := await response.next_piece()) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TransportError:
        return False
    finally:
        response.close()
        if watcher is not None:
            watcher.cancel()
    await send({"type": "http.response.body", "body": b""})
    return True


async def _close_when_gone(receive: Receive, response: Response) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    response.close()
