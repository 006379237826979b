from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body

EventName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,99}$")]


class EventBody(Body):
    """`key` tells this event from others of its name. `id` is what the sender calls it: the same is told once.

    It goes to each node that waits for it, and for `keep_seconds` to each that comes to wait for it.
    """

    name: EventName
    key: Annotated[str, Field(max_length=200)] = ""
    data: Any = None
    id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    keep_seconds: Annotated[int, Field(ge=0, le=30 * 86_400)] = 86_400


class EventDeliveryView(BaseModel):
    task_id: str
    node_id: str
    at: datetime


class FlowEventView(BaseModel):
    """`delivered`: the nodes that were given it, the first first."""

    id: str
    name: str
    key: str
    given_id: str | None
    sender: str
    created_at: datetime
    expires_at: datetime
    delivered: list[EventDeliveryView]
