"""How long a request's body may be."""

from collections.abc import AsyncIterator

from gateway.dataplane.call import Call
from gateway.dataplane.exchange import body_too_long
from gateway.policies.kinds.body_limit import BodyLimit


class LimitBody:
    """``announced`` comes before the body, the call itself after it. A body that streams is counted by ``bounded``."""

    __slots__ = ("_limit",)

    def __init__(self, policy: BodyLimit) -> None:
        self._limit = policy.max_bytes

    def announced(self, call: Call) -> None:
        length = call.headers.kept.get(b"content-length")
        if length is not None and int(length) > self._limit:
            raise body_too_long(self._limit)

    def __call__(self, call: Call) -> None:
        if call.body is not None and len(call.body) > self._limit:
            raise body_too_long(self._limit)


async def bounded(pieces: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The pieces, until they are longer than ``limit`` bytes together: then raises Refusal."""
    length = 0
    async for piece in pieces:
        length += len(piece)
        if length > limit:
            raise body_too_long(limit)
        yield piece
