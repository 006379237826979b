from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.webhooks.outgoing import Outgoing


class FlowNotices(SQLModel, table=True):
    """Who is told of the tasks of a flow, and of what.

    Attributes:
        events: finished, failed, revoked, waiting (for a person).
        launcher: whoever launched the task is among those who are told.
        people, groups: user names, and names of groups of the project.
        url: where a webhook is sent; empty sends none.
        sealed_secret: signs webhooks and the calls to tasks' own callback addresses; empty until it is made.
    """

    __tablename__ = "orchestrator_flow_notices"

    flow_id: str = Field(primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    events: list[str] = Field(default_factory=list, sa_type=JsonValue)
    launcher: bool = False
    people: list[str] = Field(default_factory=list, sa_type=JsonValue)
    groups: list[str] = Field(default_factory=list, sa_type=JsonValue)
    url: str = Field(default="", max_length=1000)
    sealed_secret: str = Field(default="", sa_type=SealedText)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class FlowWebhook(SQLModel, table=True):
    """An address that is told of a flow's tasks as clients of Standard OPS want it: with headers that say who sends it,
    in place of a signature.

    Attributes:
        events: finished, failed.
        sealed_headers: JSON of their names and values; empty where there are none.
        timeout: seconds in which a message has to be taken.
        retries, interval: how often one is sent again, and seconds before each time.
    """

    __tablename__ = "orchestrator_flow_webhook"

    flow_id: str = Field(primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    url: str = Field(max_length=1000)
    events: list[str] = Field(sa_type=JsonValue)
    sealed_headers: str = Field(default="", sa_type=SealedText)
    timeout: int
    retries: int
    interval: int
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class NoticeGroup(SQLModel, table=True):
    """People of a project who are told together."""

    __tablename__ = "orchestrator_notice_group"

    project_id: str = Field(primary_key=True, max_length=32)
    name: str = Field(primary_key=True, max_length=100)
    people: list[str] = Field(sa_type=JsonValue)


class Notice(Outgoing, table=True):
    """One message, to people or to an address, until it is taken or given up.

    Attributes:
        key: names what it tells and whom; the same is written once.
        about: `task.finished` and the like.
        kind: people, webhook, or unsigned: to a `FlowWebhook`.
        message: what an address is sent.
        pauses: seconds before each repetition; none where they are the usual ones.
    """

    __tablename__ = "orchestrator_notice"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_orchestrator_notice_next_attempt_at", "next_attempt_at"),
        Index("ix_orchestrator_notice_flow", "flow_id", "id"),
    )

    key: str = Field(max_length=200)
    project_id: str = Field(max_length=32)
    flow_id: str = Field(max_length=32)
    task_id: str | None = Field(default=None, max_length=32)
    about: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    sender: str = Field(max_length=128)
    receivers: list[str] = Field(default_factory=list, sa_type=JsonValue)
    url: str = Field(default="", max_length=1000)
    title: str = Field(default="", max_length=300)
    content: str = Field(default="", sa_type=Text)
    message: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    pauses: list[int] | None = Field(default=None, sa_type=JsonValue)
