from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class SystemGrantRules(SQLModel, table=True):
    """A system's own rules about grants; a system without a row follows `rules.USUAL_RULES`."""

    __tablename__ = "gateway_grant_rules"

    system: str = Field(primary_key=True, max_length=32)
    terms: list[int | None] = Field(sa_type=JsonValue)
    self_approval: bool
    reminder_days: list[int] = Field(sa_type=JsonValue)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)
