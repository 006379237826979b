from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class PluginPolicyRow(SQLModel, table=True):
    """Which plugins a project takes; the platform's own stands under the empty project."""

    __tablename__ = "marketplace_policy"

    project_id: str = Field(primary_key=True, max_length=32)
    document: dict[str, Any] = Field(sa_type=JsonValue)
    version: int
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class DisabledPluginRow(SQLModel, table=True):
    """A plugin that is switched off in a project; under the empty project, everywhere."""

    __tablename__ = "marketplace_disabled_plugin"

    project_id: str = Field(primary_key=True, max_length=32)
    plugin: str = Field(primary_key=True, max_length=64)
    reason: str = Field(max_length=500)
    disabled_by: str = Field(max_length=128)
    disabled_at: datetime = Field(sa_type=UtcDateTime)
