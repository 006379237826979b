from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class PublisherRow(SQLModel, table=True):
    """A name that plugins are published under; `owner` used it first, and alone publishes more under it."""

    __tablename__ = "marketplace_publisher"

    name: str = Field(primary_key=True, max_length=64)
    owner: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)


class NamespaceRow(SQLModel, table=True):
    """Codes that begin with `prefix` are published by these publishers alone."""

    __tablename__ = "marketplace_namespace"

    prefix: str = Field(primary_key=True, max_length=64)
    publishers: list[str] = Field(sa_type=JsonValue)
    reserved_by: str = Field(max_length=128)
    reserved_at: datetime = Field(sa_type=UtcDateTime)
