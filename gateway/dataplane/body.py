"""The request's body: read up to a bound where a step needs it, else handed on in pieces."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from gateway.wire.codes import BODY_TOO_LARGE
from gateway.wire.refusal import Refusal

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGone(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


async def read_body(receive: Receive, announced: bytes | None, limit: int) -> bytes:
    """The whole body; raises Refusal when it is longer than ``limit`` bytes, ClientGone when it never ends."""
    if announced is not None and int(announced) > limit:
        raise Refusal(BODY_TOO_LARGE, f"the body is longer than {limit} bytes")
    body, more = await first_piece(receive)
    if not more:
        return _bounded(body, limit)
    pieces, length = [body], len(body)
    async for piece in further_pieces(receive):
        length += len(piece)
        if length > limit:
            raise Refusal(BODY_TOO_LARGE, f"the body is longer than {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)


async def first_piece(receive: Receive) -> tuple[bytes, bool]:
    """What has arrived, and whether more is to come."""
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


async def further_pieces(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        piece, more = await first_piece(receive)
        if piece:
            yield piece


async def all_pieces(first: bytes, receive: Receive) -> AsyncIterator[bytes]:
    """The piece that was read already, then the others."""
    if first:
        yield first
    async for piece in further_pieces(receive):
        yield piece


def _bounded(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise Refusal(BODY_TOO_LARGE, f"the body is longer than {limit} bytes")
    return body
