"""HTTP with processes that are not believed: an answer is read up to a bound, and nothing in it is unpacked."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx


class AnswerTooLarge(Exception):
    """The answer is longer than it may be, or packed."""


@dataclass(frozen=True, slots=True)
class BoundedAnswer:
    status: int
    headers: httpx.Headers
    content: bytes


async def ask(
    client: httpx.AsyncClient,
    method: str,
    target: str,
    *,
    most: int,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  of each read, as the client's own
) -> BoundedAnswer:
    """Args:
        most: bytes of the answer's body.

    Raises:
        AnswerTooLarge: see there.
        httpx.HTTPError: no answer.
    """
    wanted = httpx.USE_CLIENT_DEFAULT if timeout is None else timeout
    given = {**(headers or {}), "accept-encoding": "identity"}
    async with client.stream(method, target, content=content, headers=given, timeout=wanted) as answer:
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise AnswerTooLarge("the answer is packed, which nobody asked for")
        received = bytearray()
        async for piece in answer.aiter_raw():
            received += piece
            if len(received) > most:
                raise AnswerTooLarge(f"the answer has more than {most} bytes")
        return BoundedAnswer(answer.status_code, answer.headers, bytes(received))
