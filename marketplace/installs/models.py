from datetime import datetime

from sqlalchemy import UniqueConstraint
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
