from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body

Event = Literal["finished", "failed", "revoked", "waiting"]
Username = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f/,;\s]{1,128}$")]
People = Annotated[list[Username], Field(max_length=100)]
GroupName = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f/]{1,100}$")]
Url = Annotated[str, Field(max_length=1000, pattern=r"^[\x21-\x7e]*$")]


class NoticesBody(Body):
    """`waiting`: a node waits for a person. `launcher`: whoever launched the task. `url` is sent a signed webhook."""

    events: Annotated[list[Event], Field(max_length=4)] = Field(default_factory=list)
    launcher: bool = False
    people: People = Field(default_factory=list)
    groups: Annotated[list[GroupName], Field(max_length=20)] = Field(default_factory=list)
    url: Url = ""


class FlowWebhookView(BaseModel):
    """An address that a client of Standard OPS has set; the headers it is sent are told to nobody. `timeout` and
    `interval` are seconds.
    """

    url: str
    events: list[Event]
    timeout: int
    retries: int
    interval: int
    updated_by: str
    updated_at: datetime


class NoticesView(BaseModel):
    """`has_secret`: whether webhooks can be signed. `webhook` is told besides, unsigned; null where there is none.
    `updated_by` and `updated_at` are null where nobody has set anything yet.
    """

    events: list[Event]
    launcher: bool
    people: list[str]
    groups: list[str]
    url: str
    has_secret: bool
    webhook: FlowWebhookView | None
    updated_by: str | None
    updated_at: datetime | None


class NoticesSecret(BaseModel):
    """Shown this once."""

    secret: str


class NoticeView(BaseModel):
    """One message: to `receivers`, or to `url`."""

    id: str
    task_id: str | None
    about: str
    kind: Literal["people", "webhook", "unsigned"]
    receivers: list[str]
    url: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_attempt_at: datetime | None
    status: int | None
    problem: str
    created_at: datetime
    delivered_at: datetime | None


class GroupBody(Body):
    people: Annotated[list[Username], Field(max_length=200)]


class GroupView(BaseModel):
    name: str
    people: list[str]


class GroupList(BaseModel):
    items: list[GroupView]
