from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class ProjectSecret(SQLModel, table=True):
    """A secret of a project, which its flows give to plugins by its name.

    Attributes:
        reference: where an outside source has it, to be read whenever it is used; None for one that is kept here.
        sealed: the secret that is kept here; None for an outside one, of which no copy is kept.
    """

    __tablename__ = "gateway_project_secret"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    name: str = Field(max_length=64)
    reference: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    sealed: str | None = Field(default=None, sa_type=SealedText(24_000))
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
