"""Tables of running tasks.

The rows of one task are written by its owner alone, many a second, so they carry no foreign keys: a check per row
would cost more than the row, and the owner's fence already guards them. Deleting a task deletes by ``task_id``.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonDocument, JsonValue, UtcDateTime
from kernel.ids import new_id
from orchestrator.flow.paths import MAX_PATH

UNCOUNTED: Final = "state IN ('FAILED', 'FINISHED', 'REVOKED') AND (counted IS NULL OR counted <> state)"
"""Tasks whose state is not in the statistics yet; the query that looks for them has the very words of the index."""
_Serial = BigInteger().with_variant(Integer, "sqlite")


class TaskDefinition(SQLModel, table=True):
    """A definition tasks run by; its id is the SHA-256 of its canonical JSON, so equal ones are kept once."""

    __tablename__ = "orchestrator_definition"

    id: str = Field(primary_key=True, max_length=64)
    document: dict[str, Any] = Field(sa_type=JsonDocument)


class Task(SQLModel, table=True):
    """One run of a flow revision.

    Attributes:
        scopes: what its calls may use at most.
        start_at: when it may begin; none while nobody has asked for that, or a quota of its project holds it.
        queued_at: when that was asked for that a quota holds; none once it may begin.
        outputs: the flow's outputs, once finished.
        progress: the machine's state that no node run holds: open forks, held tokens.
        counter: node runs begun so far.
        sequence: history entries so far. Both lag behind the rows of node runs while a worker has the task.
        lease_owner: the worker that advances it; none while nothing is to be done.
        fence: rises with every change of owner; a write that names an older one is refused.
        told: the state that whoever wants to hear of the task was told last; none when nobody does, or all is told.
        callback_url: where its end and its needs are told, beside what its flow says.
        origin, origin_id, origin_name: see `orchestrator.tasks.origins.Origin`.
        common: the flow is another project's, whose roles on it don't reach the task.
        counted: the state that the statistics have of it; none while they have nothing.
    """

    __tablename__ = "orchestrator_task"
    __table_args__ = (
        Index(
            "ix_orchestrator_task_unstarted",
            "start_at",
            sqlite_where=text("state = 'CREATED'"),
            postgresql_where=text("state = 'CREATED'"),
        ),
        Index(
            "ix_orchestrator_task_leased",
            "lease_owner",
            sqlite_where=text("lease_owner IS NOT NULL"),
            postgresql_where=text("lease_owner IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_task_untold",
            "id",
            sqlite_where=text("told IS NOT NULL AND told <> state"),
            postgresql_where=text("told IS NOT NULL AND told <> state"),
        ),
        Index(
            "ix_orchestrator_task_told",
            "told",
            sqlite_where=text("told IS NOT NULL"),
            postgresql_where=text("told IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_task_queued",
            "project_id",
            "queued_at",
            sqlite_where=text("state = 'CREATED' AND queued_at IS NOT NULL"),
            postgresql_where=text("state = 'CREATED' AND queued_at IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_task_under_way",
            "project_id",
            sqlite_where=text("state = 'RUNNING' OR (state = 'CREATED' AND start_at IS NOT NULL)"),
            postgresql_where=text("state = 'RUNNING' OR (state = 'CREATED' AND start_at IS NOT NULL)"),
        ),
        Index(
            "ix_orchestrator_task_origin",
            "origin_id",
            "id",
            sqlite_where=text("origin_id <> ''"),
            postgresql_where=text("origin_id <> ''"),
        ),
        Index(
            "ix_orchestrator_task_ended",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_task_uncounted",
            "id",
            sqlite_where=text(UNCOUNTED),
            postgresql_where=text(UNCOUNTED),
        ),
        Index("ix_orchestrator_task_project_id_id", "project_id", "id"),
        Index("ix_orchestrator_task_created_by_id", "created_by", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    project_code: str = Field(max_length=128)
    flow_id: str = Field(max_length=32, index=True)
    flow_name: str = Field(max_length=200)
    revision: int
    definition_id: str = Field(max_length=64)
    name: str = Field(max_length=200)
    inputs: dict[str, Any] = Field(sa_type=JsonValue)
    scopes: list[str] = Field(sa_type=JsonValue)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    start_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = Field(default="CREATED", max_length=16)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outputs: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    progress: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    counter: int = Field(default=0)
    sequence: int = Field(default=0)
    lease_owner: str | None = Field(default=None, max_length=32)
    fence: int = Field(default=0, sa_type=BigInteger)
    told: str | None = Field(default=None, max_length=16)
    callback_url: str = Field(default="", max_length=1000)
    origin: str = Field(default="manual", max_length=16)
    origin_id: str = Field(default="", max_length=32)
    origin_name: str = Field(default="", max_length=200)
    common: bool = False
    counted: str | None = Field(default=None, max_length=16)


class NodeRun(SQLModel, table=True):
    """One attempt at a node. The one with the highest ``number`` is the node's present state.

    Attributes:
        number: n-th run of the task.
        attempt: n-th attempt since the node was last reached.
        loop: how often the node was reached.
        fork: run id of the parallel node in whose branch it lies.
        due_at: when it is to be looked at again: to poll, to retry, or because its time is up.
        lock_key: of the lock it waits for or holds.
        awaits: `lock` while it waits for its lock, `<name>/<key>` while it waits for an event; see `rows.awaits`.
        begun_entry, finished_entry: sequences of the history's entries that say it began to run, and finished; none
            where there is no such entry, or it has a row of its own.
    """

    __tablename__ = "orchestrator_node_run"
    __table_args__ = (
        Index("ix_orchestrator_node_run_task", "task_id", "number"),
        Index(
            "ix_orchestrator_node_run_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_node_run_lock",
            "lock_key",
            sqlite_where=text("lock_key IS NOT NULL"),
            postgresql_where=text("lock_key IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_node_run_awaits",
            "awaits",
            sqlite_where=text("awaits IS NOT NULL"),
            postgresql_where=text("awaits IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_node_run_begun",
            "task_id",
            "begun_entry",
            sqlite_where=text("begun_entry IS NOT NULL"),
            postgresql_where=text("begun_entry IS NOT NULL"),
        ),
        Index(
            "ix_orchestrator_node_run_finished",
            "task_id",
            "finished_entry",
            sqlite_where=text("finished_entry IS NOT NULL"),
            postgresql_where=text("finished_entry IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True, max_length=48)
    task_id: str = Field(max_length=32)
    node_id: str = Field(max_length=MAX_PATH)
    number: int
    attempt: int
    loop: int = Field(default=1)
    state: str = Field(max_length=16)
    fork: str | None = Field(default=None, max_length=48)
    step: int = Field(default=0)
    inputs: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    outputs: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    storage: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    error: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lock_key: str | None = Field(default=None, max_length=256)
    awaits: str | None = Field(default=None, max_length=320)
    begun_entry: int | None = None
    finished_entry: int | None = None


class TaskEvent(SQLModel, table=True):
    """An entry of a task's history that no node run's row tells (see `runtime.history`); ``kind`` is task, node or
    operation.
    """

    __tablename__ = "orchestrator_task_event"

    task_id: str = Field(primary_key=True, max_length=32)
    sequence: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=16)
    node_id: str | None = Field(default=None, max_length=MAX_PATH)
    data: dict[str, Any] = Field(sa_type=JsonValue)


class NodeCall(SQLModel, table=True):
    """One call a node run made through the gateway.

    Attributes:
        executor: in whose name, where somebody else launched the task; else empty.
    """

    __tablename__ = "orchestrator_node_call"

    id: int | None = Field(default=None, primary_key=True, sa_type=_Serial)
    task_id: str = Field(max_length=32)
    run_id: str = Field(max_length=48, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    idempotency_key: str = Field(max_length=64)
    component: str = Field(max_length=256)
    status: int
    request_id: str = Field(max_length=64)
    executor: str = Field(default="", max_length=128)


class NodeCancellation(SQLModel, table=True):
    """A node run that ended before its plugin did, or whose task was revoked: the plugin is told.

    Attributes:
        state: a `kernel.contracts.plugin_invoker.CancelState`.
        due_at: when it is to be told, or told again; none once that is settled.
        storage: what the run's last answered invocation kept.
        attempts: how often it was tried to tell it, since something was learnt of the run.
        reason: why the last of them did not reach it; else empty.
        taken_by, taken_until: the worker whose process tells it at the moment, and when that is over at the latest.
    """

    __tablename__ = "orchestrator_node_cancellation"
    __table_args__ = (
        Index("ix_orchestrator_node_cancellation_task_id", "task_id"),
        Index(
            "ix_orchestrator_node_cancellation_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    run_id: str = Field(primary_key=True, max_length=48)
    task_id: str = Field(max_length=32)
    node_id: str = Field(max_length=MAX_PATH)
    state: str = Field(max_length=16)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    storage: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    attempts: int = Field(default=0)
    reason: str = Field(default="", sa_type=Text)
    taken_by: str | None = Field(default=None, max_length=32)
    taken_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NodeLog(SQLModel, table=True):
    """One line a node run left."""

    __tablename__ = "orchestrator_node_log"

    id: int | None = Field(default=None, primary_key=True, sa_type=_Serial)
    task_id: str = Field(max_length=32)
    run_id: str = Field(max_length=48, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    message: str = Field(sa_type=Text)


class TaskMessage(SQLModel, table=True):
    """Something from outside that the task's owner must take in: an operation or a callback.

    It stays until the transition it led to is durable, in the same transaction; ``reason`` says why it was refused.
    """

    __tablename__ = "orchestrator_task_message"
    __table_args__ = (
        Index(
            "ix_orchestrator_task_message_open",
            "task_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("ix_orchestrator_task_message_task_id", "task_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    task_id: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    node_id: str | None = Field(default=None, max_length=MAX_PATH)
    run_id: str | None = Field(default=None, max_length=48)
    data: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    actor: str = Field(default="", max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=Text)


class RuntimeWorker(SQLModel, table=True):
    """A process that advances tasks; its leases hold until ``alive_until``.

    Attributes:
        host, lock_file: where its life can be seen at once by others on the same machine.
    """

    __tablename__ = "orchestrator_worker"

    id: str = Field(primary_key=True, max_length=32)
    host: str = Field(max_length=255)
    lock_file: str = Field(max_length=1024)
    started_at: datetime = Field(sa_type=UtcDateTime)
    alive_until: datetime = Field(sa_type=UtcDateTime)
