"""HTTP with processes that are not believed: an answer is read up to a bound, and nothing in it is unpacked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.transport.client import TransportClient
from kernel.transport.errors import BodyTooLarge
from kernel.transport.limits import DEFAULT_TIMEOUTS, Timeouts
from kernel.transport.origin import Origin

_ENCODING: Final = "content-encoding"


class AnswerTooLarge(Exception):
    """The answer is longer than it may be, or packed."""


@dataclass(frozen=True, slots=True)
class BoundedAnswer:
    """Attributes:
    headers: by their names in small letters; what came several times is one, parted by commas.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is asked, and by what.

    Attributes:
        base: before each target; without a slash at its end.
    """

    client: TransportClient
    origin: Origin
    timeouts: Timeouts = DEFAULT_TIMEOUTS
    base: str = ""


async def ask(
    peer: Peer,
    method: str,
    target: str,
    *,
    most: int,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
) -> BoundedAnswer:
    """Args:
        most: bytes of the answer's body.

    Raises:
        AnswerTooLarge: see there.
        TransportError: no answer.
    """
    given = {**(headers or {}), "accept-encoding": "identity"}
    answer = await peer.client.request_of(
        peer.origin,
        method,
        peer.base + target,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
        body=content,
        timeouts=timeouts or peer.timeouts,
    )
    told: dict[str, str] = {}
    for raw_name, raw_value in answer.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        told[name] = f"{told[name]}, {value}" if name in told else value
    if told.get(_ENCODING, "identity") != "identity":
        answer.close()
        raise AnswerTooLarge("the answer is packed, which nobody asked for")
    try:
        return BoundedAnswer(answer.status, told, await answer.read(most))
    except BodyTooLarge as error:
        raise AnswerTooLarge(f"the answer has more than {most} bytes") from error
