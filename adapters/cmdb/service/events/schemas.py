"""What the components of events are asked and answer (reference: BlueKing cc `resource_watch`)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from adapters.cmdb.service.schemas import LARGEST_ID, Asked, FieldNames

LONGEST_WAIT = 25
MOST_EVENTS = 200

Resource = Literal["host", "host_relation", "biz", "set", "module", "plat"]
EventType = Literal["create", "update", "delete"]
EventTypes = Annotated[list[EventType], Field(default_factory=list, max_length=3, description="Empty for all.")]
Resources = Annotated[list[Resource], Field(default_factory=list, max_length=6, description="Empty for all.")]
Url = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
WebhookId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class ResourceWatch(Asked):
    """From a cursor, from a time, or from now."""

    bk_resource: Resource = Field(description="`host_relation` is a host in a module, `plat` a cloud area.")
    bk_event_types: EventTypes
    bk_fields: FieldNames
    bk_cursor: str = Field(default="", pattern=r"^[0-9]{0,18}$", description="What the last event seen had.")
    bk_start_from: int | None = Field(default=None, ge=0, le=2**40, description="Seconds since 1970.")
    wait_seconds: int = Field(default=20, ge=0, le=LONGEST_WAIT, description="How long to wait for an event.")


class WatchedEvent(BaseModel):
    """`bk_event_type` is empty and `bk_detail` null where nothing happened: go on from its cursor all the same."""

    bk_cursor: str
    bk_resource: Resource
    bk_event_type: Literal["create", "update", "delete", ""]
    bk_detail: dict[str, Any] | None


class Watched(BaseModel):
    bk_watched: bool
    bk_events: list[WatchedEvent]


class CreateWebhook(Asked):
    url: Url
    resources: Resources
    event_types: EventTypes


class OfWebhook(Asked):
    id: WebhookId


class UpdateWebhook(OfWebhook):
    """What is left out stays."""

    url: Url | None = None
    resources: list[Resource] | None = Field(default=None, max_length=6)
    event_types: list[EventType] | None = Field(default=None, max_length=3)
    enabled: bool | None = None
    rotate_secret: bool = Field(default=False, description="True answers a new secret, which signs from now on.")


class ListWebhooks(Asked):
    """Nothing is asked."""


class Webhook(BaseModel):
    """`waiting`: how many events are not delivered yet. `problem`: why the last attempt did not do."""

    id: str
    url: str
    resources: list[Resource]
    event_types: list[EventType]
    enabled: bool
    cursor: str
    waiting: int = Field(ge=0, le=LARGEST_ID)
    attempts: int
    status: int | None
    problem: str
    created_by: str
    created_time: str
    delivered_time: str | None


class Secret(BaseModel):
    """`secret`: shown this once; empty when it was not changed."""

    id: str
    secret: str
