from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, SealedText, UtcDateTime


class MirrorRow(SQLModel, table=True):
    """Another installation whose catalogue is followed.

    Attributes:
        url: of its server.
        sealed_token: an API token of it; empty asks without one.
        publishers, plugins, channels: what is followed; each empty one narrows nothing.
        every_minutes: between the end of a round and the next.
        cursor: the change that was followed last.
        next_round_at: whoever makes the round puts this off first, so that nobody else does.
        is_asked: somebody asked for the next round, which tries again what was refused.
        problem: why the last round did not come to its end; empty when it did.
    """

    __tablename__ = "marketplace_mirror"

    name: str = Field(primary_key=True, max_length=32)
    url: str = Field(max_length=1000)
    sealed_token: str = Field(default="", sa_type=SealedText)
    publishers: list[str] = Field(default_factory=list, sa_type=JsonValue)
    plugins: list[str] = Field(default_factory=list, sa_type=JsonValue)
    channels: list[str] = Field(default_factory=list, sa_type=JsonValue)
    every_minutes: int = 60
    enabled: bool = True
    cursor: str = Field(default="", max_length=32)
    next_round_at: datetime = Field(sa_type=UtcDateTime)
    is_asked: bool = False
    last_round_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_success_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str = Field(default="", sa_type=Text)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)


class MirroredVersionRow(SQLModel, table=True):
    """What became of a version of another installation here.

    Attributes:
        state: taken, waiting (for approval), present (published here before, with the same content) or refused.
        problem: of a refused one.
    """

    __tablename__ = "marketplace_mirrored_version"
    __table_args__ = (Index("ix_marketplace_mirrored_version_plugin", "plugin_code", "version"),)

    mirror: str = Field(primary_key=True, max_length=32)
    plugin_code: str = Field(primary_key=True, max_length=64)
    version: str = Field(primary_key=True, max_length=64)
    publisher: str = Field(max_length=64)
    digest: str = Field(max_length=71)
    channel: str = Field(max_length=32)
    state: str = Field(max_length=16)
    problem: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
