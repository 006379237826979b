from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class PolicySet(SQLModel, table=True):
    """The policies of a system, a stage or an app. A component's stand in its definition.

    Attributes:
        place: `cmdb` for a system, `cmdb/prod` for a stage, the code of an app.
        version: counts the changes.
    """

    __tablename__ = "gateway_policy_set"
    __table_args__ = (UniqueConstraint("level", "place"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    level: str = Field(max_length=16)
    place: str = Field(max_length=64)
    policies: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonValue)
    version: int = 0
    updated_by: str = Field(default="", max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
