"""Texts of messages, in versions that never change."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime


class TemplateVersion(SQLModel, table=True):
    """Attributes:
    texts: by language (`en`, `zh`), each with title and content.
    """

    __tablename__ = "adapter_notify_template"

    name: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    description: str = Field(default="", max_length=500)
    body_format: str = Field(max_length=8)
    texts: dict[str, Any] = Field(sa_type=JsonValue)
    created_by: str = Field(default="", max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
