from datetime import datetime

from sqlalchemy import LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class PluginRow(SQLModel, table=True):
    """A plugin's name in the marketplace and what its newest version says of it.

    `owner` published the code first, and alone may publish more of it and more under its `publisher`.
    `deprecation` is `{"replacement", "ends_on", "message"}`; `is_hidden` once every version is yanked.
    `kind` is that of the latest one, empty while it is hidden.
    `requires` is the range of this product's versions that the latest one asks for, `updated_at` when one came last.
    """

    __tablename__ = "marketplace_plugin"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    code: str = Field(max_length=64, unique=True)
    publisher: str = Field(max_length=64, index=True)
    owner: str = Field(max_length=128)
    name: dict[str, str] = Field(sa_type=JsonValue)
    description: dict[str, str] = Field(sa_type=JsonValue)
    tags: list[str] = Field(sa_type=JsonValue)
    kind: str = Field(default="", max_length=16)
    requires: str | None = Field(default=None, max_length=200, index=True)
    latest_version: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    deprecation: dict[str, str | None] | None = Field(default=None, sa_type=JsonValue)
    is_hidden: bool = False


class PluginVersionRow(SQLModel, table=True):
    """A published version; never changed once written.

    `manifest` is JSON text rather than a JSON column: those forget the order in which an author wrote his fields.
    `promises` is what users rely on beside the manifest (see `versions.promises`); none of versions published before
    it was kept.
    """

    __tablename__ = "marketplace_plugin_version"
    __table_args__ = (UniqueConstraint("plugin_code", "version"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    plugin_code: str = Field(max_length=64, foreign_key="marketplace_plugin.code")
    version: str = Field(max_length=64)
    digest: str = Field(max_length=71, index=True)
    manifest: str = Field(sa_type=Text)
    promises: str | None = Field(default=None, sa_type=Text)
    readme: str = Field(sa_type=Text)
    changelog: str = Field(sa_type=Text)
    published_by: str = Field(max_length=128)
    published_at: datetime = Field(sa_type=UtcDateTime)


class VersionStandingRow(SQLModel, table=True):
    """What changes about a version while the version itself does not.

    Attributes:
        signers: the public keys whose signatures it bears.
        screenshots: names of the pictures in its package, in order.
        checks: what publication checked, `{"name", "result"}` each.
        change: an id made anew at every change, so that others can read what changed since.
    """

    __tablename__ = "marketplace_version_standing"

    version_id: str = Field(primary_key=True, max_length=32, foreign_key="marketplace_plugin_version.id")
    plugin_code: str = Field(max_length=64, index=True)
    channel: str = Field(max_length=32)
    yanked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    yanked_by: str | None = Field(default=None, max_length=128)
    yank_message: str | None = Field(default=None, max_length=1000)
    signers: list[str] = Field(sa_type=JsonValue)
    screenshots: list[str] = Field(default_factory=list, sa_type=JsonValue)
    checks: list[dict[str, str]] = Field(sa_type=JsonValue)
    downloads: int = Field(default=0)
    change: str = Field(default_factory=new_id, max_length=32, unique=True)

    @property
    def is_yanked(self) -> bool:
        return self.yanked_at is not None


class PluginArchiveRow(SQLModel, table=True):
    """The package of a version, byte for byte; in the database so that it commits with its version."""

    __tablename__ = "marketplace_plugin_archive"

    version_id: str = Field(primary_key=True, max_length=32, foreign_key="marketplace_plugin_version.id")
    content: bytes = Field(sa_type=LargeBinary)
