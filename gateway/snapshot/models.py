from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class SnapshotRevision(SQLModel, table=True):
    """The one counter of configuration revisions (row 1). Its row lock makes revisions commit in order.

    Attributes:
        lineage: made with the row; a copy of another database's configuration is recognised by it.
    """

    __tablename__ = "gateway_snapshot_revision"

    id: int = Field(primary_key=True, sa_type=BigInteger)
    value: int = Field(sa_type=BigInteger)
    lineage: str = Field(default_factory=new_id, max_length=32)


class SnapshotShard(SQLModel, table=True):
    """The newest document of a shard; keys in it are sealed."""

    __tablename__ = "gateway_snapshot_shard"

    key: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=16)
    revision: int = Field(sa_type=BigInteger, index=True)
    document: dict[str, Any] = Field(sa_type=JsonValue)


class Worker(SQLModel, table=True):
    """A process that serves the gateway, as long as its lease holds.

    Attributes:
        secret_root: id of the root key under which it seals secrets.
    """

    __tablename__ = "gateway_worker"

    id: str = Field(primary_key=True, max_length=64)
    revision: int = Field(sa_type=BigInteger)
    secret_root: str = Field(default="", max_length=16)
    lease_expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    started_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
