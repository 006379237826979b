"""The job system's tables. Times are milliseconds since 1970, as its components answer them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from adapters.job.service.batches import RollingMode
from adapters.job.service.states import HostError, HostStatus, JobStatus, JobType, StepType
from kernel.db.idempotency import IdempotencyRecord
from kernel.db.types import JsonValue, SealedText, UtcDateTime

NOT_BEGUN = -1
"""The batch of a step whose turn has not come."""


class JobInstance(SQLModel, table=True):
    """One execution.

    Attributes:
        type: of a plan, or of its one step.
        job_plan_id: the plan it executes, which may be gone by now.
        callback_sealed: the caller's address, which carries its right to be called.
        callback_state: empty without a callback, `waiting`, `due`, `sending`, `delivered` or `failed`.
    """

    __tablename__ = "adapter_job_instance"

    job_instance_id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=512)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32, index=True)
    type: int = Field(default=JobType.SCRIPT)
    status: int = Field(default=JobStatus.PENDING)
    app: str = Field(max_length=128)
    operator: str = Field(default="", max_length=128)
    job_plan_id: int | None = Field(default=None, index=True)
    create_ms: int = Field(sa_type=BigInteger)
    start_ms: int | None = Field(default=None, sa_type=BigInteger)
    end_ms: int | None = Field(default=None, sa_type=BigInteger)
    callback_sealed: str = Field(default="", sa_type=SealedText)
    callback_state: str = Field(default="", max_length=16, index=True)
    callback_owner: str = Field(default="", max_length=255)


class JobStep(SQLModel, table=True):
    """The steps of an instance follow each other in the order of their ids.

    Attributes:
        script_language: 0 for a step that is no script.
        account_id: whom it runs as; none on this machine as ourselves.
        payload_sealed: script and parameters, which may hold secrets.
        batch: the last batch of hosts that may start, -1 before the step's turn has come.
        rolling_mode: what follows a batch that failed.
        approval_message: what an approval is asked for.
    """

    __tablename__ = "adapter_job_step"

    step_instance_id: int = Field(default=None, primary_key=True)
    job_instance_id: int = Field(foreign_key="adapter_job_instance.job_instance_id", index=True)
    name: str = Field(max_length=512)
    type: int = Field(default=StepType.SCRIPT)
    status: int = Field(default=JobStatus.PENDING)
    execute_count: int = 0
    script_language: int = 0
    is_param_sensitive: bool = False
    timeout_seconds: int
    batch: int = NOT_BEGUN
    rolling_mode: int = Field(default=RollingMode.NONE)
    account_id: int | None = None
    payload_sealed: str = Field(sa_type=SealedText)
    approval_message: str = Field(default="", max_length=2000)
    start_ms: int | None = Field(default=None, sa_type=BigInteger)
    end_ms: int | None = Field(default=None, sa_type=BigInteger)


class JobHostRun(SQLModel, table=True):
    """A step on one host.

    Attributes:
        is_remote: reached by SSH.
        files: what became of each file, of a step that distributes files.
        owner: the process that watches the script while it runs; `seen_at` when it last said so.
        attempt: counts starts that are proven never to have reached the script.
    """

    __tablename__ = "adapter_job_host_run"

    id: int = Field(default=None, primary_key=True)
    job_instance_id: int = Field(foreign_key="adapter_job_instance.job_instance_id", index=True)
    step_instance_id: int = Field(foreign_key="adapter_job_step.step_instance_id", index=True)
    bk_host_id: int | None = None
    bk_cloud_id: int = 0
    ip: str = Field(max_length=64)
    is_remote: bool = False
    batch: int = 0
    status: int = Field(default=HostStatus.WAITING, index=True)
    exit_code: int | None = None
    error_code: int = Field(default=HostError.NONE)
    reason: str = Field(default="", max_length=1000)
    start_ms: int | None = Field(default=None, sa_type=BigInteger)
    end_ms: int | None = Field(default=None, sa_type=BigInteger)
    log: str = Field(default="", sa_type=Text)
    variables: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    files: list[dict[str, Any]] | None = Field(default=None, sa_type=JsonValue)
    owner: str = Field(default="", max_length=255)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempt: int = 0


class JobIdempotency(IdempotencyRecord, table=True):
    __tablename__ = "adapter_job_idempotency"
