from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class InstallRow(SQLModel, table=True):
    """A project's consent to one version of a plugin and its scopes. Versions may stand side by side."""

    __tablename__ = "marketplace_install"
    __table_args__ = (UniqueConstraint("project_id", "plugin", "version"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    plugin: str = Field(max_length=64, foreign_key="marketplace_plugin.code", index=True)
    version: str = Field(max_length=64)
    scopes: list[str] = Field(sa_type=JsonValue)
    installed_by: str = Field(max_length=128)
    installed_at: datetime = Field(sa_type=UtcDateTime)


class UpgradeRow(SQLModel, table=True):
    """A move of a project from one version of a plugin to another, kept so that it can be undone.

    Attributes:
        added: whether it installed the newer version.
        flows: those whose nodes it moved (`flow_id`), and whether it published them (`published`).
        automatic: made because the policy says so.
    """

    __tablename__ = "marketplace_upgrade"
    __table_args__ = (Index("ix_marketplace_upgrade_project_id_plugin", "project_id", "plugin"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    project_id: str = Field(max_length=32)
    plugin: str = Field(max_length=64)
    from_version: str = Field(max_length=64)
    to_version: str = Field(max_length=64)
    added: bool
    flows: list[dict[str, Any]] = Field(sa_type=JsonValue)
    automatic: bool
    made_by: str = Field(max_length=128)
    made_at: datetime = Field(sa_type=UtcDateTime)
    undone_by: str | None = Field(default=None, max_length=128)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
