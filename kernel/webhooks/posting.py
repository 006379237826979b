"""Sending one webhook, signed, and telling what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kernel.signing.standard_webhooks import sign
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

_LONGEST_ANSWER: Final = 64 * 1024
_TIMEOUTS: Final = Timeouts(connect=3.0, read=5.0, total=10.0)
_HEADERS: Final = {"content-type": "application/json", "user-agent": "trunkline-webhook"}
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Attributes:
    status: of the answer; none when there was none.
    problem: empty when the message was taken.
    """

    status: int | None
    problem: str = ""


async def post(
    client: TransportClient, url: str, secret: str, message_id: str, message: Mapping[str, Any] | None, at: datetime
) -> Outcome:
    """Sends a message as JSON; the client's policy says which addresses it dials.

    Args:
        secret: see `kernel.signing.standard_webhooks.sign`.
        message_id: stays the same when the message is sent again.
    """
    body = _json(message)
    return await _posted(client, url, sign(secret, message_id, int(at.timestamp()), body), body, _TIMEOUTS)


async def post_with(
    client: TransportClient, url: str, headers: Mapping[str, str], message: Mapping[str, Any] | None, seconds: float
) -> Outcome:
    """As `post`, with headers that say who sends it in place of a signature; they stand before ours.

    Args:
        seconds: in which it has to be taken.
    """
    limits = Timeouts(connect=min(_TIMEOUTS.connect, seconds), read=seconds, total=seconds)
    return await _posted(client, url, headers, _json(message), limits)


def _json(message: Mapping[str, Any] | None) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


async def _posted(
    client: TransportClient, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
) -> Outcome:
    sent = {**_HEADERS, **{name.lower(): value for name, value in headers.items()}}
    written = [(name.encode(), value.encode()) for name, value in sent.items()]
    try:
        answer = await client.request("POST", url, headers=written, body=body, timeouts=timeouts)
        await answer.read(_LONGEST_ANSWER)
    except TransportError as error:
        return Outcome(None, str(error)[:500] or type(error).__name__)
    return Outcome(answer.status, "" if answer.status in _SUCCESS else f"answered {answer.status}")
