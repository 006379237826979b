from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class Trigger(SQLModel, table=True):
    """What starts tasks of a flow, or tells tasks of an event: changes of the inventory, or calls of an address.

    Attributes:
        project_id: where its tasks run.
        common: the flow is another project's, which shares it.
        owner: the person the tasks are launched for, by whose rights; whoever changes what is started becomes it.
        kind: inventory or webhook.
        resource, event_types: of the inventory; no types stand for all.
        condition: in CEL, over what came; empty lets everything through.
        mapping: the inputs, or what is told with an event, with `${…}` where something of what came is to stand.
        event, event_key: name and key of the event that is told; without a name a task is started.
        revision: none for the latest.
        schemes: ids of those that say which optional nodes run.
        authentication: of a webhook: signature or bearer.
        payload_schema: JSON Schema of what a webhook takes; none takes anything.
        per_minute: of a webhook: how many calls at most.
        refusals: in a row, for lack of a right.
        stopped_because: why it was switched off by itself.
        version, updated_by: see `Versioned`.
    """

    __tablename__ = "orchestrator_trigger"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32, index=True)
    flow_id: str = Field(max_length=32, index=True)
    common: bool = False
    name: str = Field(max_length=200)
    owner: str = Field(max_length=128)
    kind: str = Field(max_length=16)
    resource: str = Field(default="", max_length=16)
    event_types: list[str] = Field(default_factory=list, sa_type=JsonValue)
    condition: str = Field(default="", max_length=4096)
    mapping: dict[str, Any] = Field(sa_type=JsonValue)
    event: str = Field(default="", max_length=100)
    event_key: str = Field(default="", max_length=1000)
    revision: int | None = None
    schemes: list[str] = Field(default_factory=list, sa_type=JsonValue)
    authentication: str = Field(default="", max_length=16)
    sealed_secret: str = Field(default="", sa_type=SealedText)
    payload_schema: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    per_minute: int = 0
    enabled: bool = True
    refusals: int = 0
    stopped_because: str = Field(default="", max_length=500)
    version: int = 1
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class TriggerRun(SQLModel, table=True):
    """Something that came for a trigger, and what was made of it.

    Attributes:
        key: names what came; the same for the same trigger never starts a second task.
        outcome: started, told or refused.
        reason: why no task was started, or nothing told.
    """

    __tablename__ = "orchestrator_trigger_run"
    __table_args__ = (
        UniqueConstraint("trigger_id", "key"),
        Index("ix_orchestrator_trigger_run_recent", "trigger_id", "at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    trigger_id: str = Field(max_length=32)
    key: str = Field(max_length=255)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    outcome: str = Field(default="", max_length=16)
    reason: str = Field(default="", max_length=500)
    task_id: str | None = Field(default=None, max_length=32)


class InventoryFeed(SQLModel, table=True):
    """How far the changes of one kind of object have been dealt with, for all triggers of a project.

    Attributes:
        cursor: of the last change; before the first look, a time.
        watcher: the process that looks, until `watched_until`.
        problem: why the last look failed; empty when it did not.
    """

    __tablename__ = "orchestrator_inventory_feed"

    project_id: str = Field(primary_key=True, max_length=32)
    resource: str = Field(primary_key=True, max_length=16)
    cursor: str = Field(max_length=255)
    watcher: str = Field(default="", max_length=32)
    watched_until: datetime = Field(sa_type=UtcDateTime)
    problem: str = Field(default="", max_length=500)
