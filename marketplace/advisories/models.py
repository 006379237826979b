from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class AdvisoryRow(SQLModel, table=True):
    """A warning about some versions of a plugin.

    Attributes:
        affected: a range of versions, as `marketplace.package.ranges` reads it.
        title, text: by language.
        origin: where it was followed from; none where it was given here.
    """

    __tablename__ = "marketplace_advisory"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    plugin_code: str = Field(max_length=64, foreign_key="marketplace_plugin.code", index=True)
    severity: str = Field(max_length=16)
    affected: str = Field(max_length=200)
    title: dict[str, str] = Field(sa_type=JsonValue)
    text: dict[str, str] = Field(sa_type=JsonValue)
    origin: str | None = Field(default=None, max_length=80, unique=True, index=True)
    published_by: str = Field(max_length=128)
    published_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_by: str | None = Field(default=None, max_length=128)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_reason: str | None = Field(default=None, max_length=1000)
