from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id
from kernel.wording import Said

_WAITING = text("state = 'waiting'")


class SubmissionRow(SQLModel, table=True):
    """A package in quarantine: every check passed, and a person has to agree to what it asks for.

    Attributes:
        reasons: what there is to agree to, as `Said.document`.
        archive: the package, byte for byte; gone once it was decided.
    """

    __tablename__ = "marketplace_submission"
    __table_args__ = (
        Index(
            "uq_marketplace_submission_waiting",
            "plugin_code",
            "version",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    plugin_code: str = Field(max_length=64)
    version: str = Field(max_length=64)
    publisher: str = Field(max_length=64)
    digest: str = Field(max_length=71)
    channel: str = Field(max_length=32)
    reasons: list[dict[str, Any]] = Field(sa_type=JsonValue)
    checks: list[dict[str, str]] = Field(sa_type=JsonValue)
    archive: bytes | None = Field(default=None, sa_type=LargeBinary)
    state: str = Field(default="waiting", max_length=16, index=True)
    submitted_by: str = Field(max_length=128)
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=128)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    comment: str | None = Field(default=None, max_length=1000)


def reasons_of(row: SubmissionRow) -> list[Said]:
    return [Said.kept(reason) for reason in row.reasons]
