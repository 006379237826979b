"""Server-sent events as the answer of a component (HTML Living Standard, section 9.2)."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic_core import to_json
from starlette.responses import StreamingResponse

MEDIA_TYPE: Final = "text/event-stream"
LAST_EVENT_ID: Final = "Last-Event-ID"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """Attributes:
    id: what a reader that comes back names as `Last-Event-ID`.
    data: sent as JSON.
    """

    event: str
    id: str
    data: Mapping[str, Any]


Events = AsyncGenerator[ServerSentEvent | None, None]
"""None is a sign of life: it keeps a silent connection from being taken for a dead one, and finds dead ones."""


def event_stream(events: Events) -> StreamingResponse:
    """Asks for the next event once the last one is on its way: a slow reader slows the source. When the reader goes,
    the source is closed.
    """
    return StreamingResponse(_encoded(events), media_type=MEDIA_TYPE, headers=dict(_HEADERS))


async def _encoded(events: Events) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        async for event in events:
            if event is None:
                yield KEEPALIVE_COMMENT
            else:
                yield format_sse_event(event=event.event, id=event.id, data_str=to_json(event.data).decode())
