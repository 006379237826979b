from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class PublisherRow(SQLModel, table=True):
    """A name that plugins are published under; `owner` used it first, and alone publishes more under it.

    Attributes:
        domain: the one the publisher says is his.
        challenge: what a DNS record of that domain has to say.
        verified_at: when it said so first; none where it never did, or no longer does.
        checked_at: when that was looked at last.
    """

    __tablename__ = "marketplace_publisher"

    name: str = Field(primary_key=True, max_length=64)
    owner: str = Field(max_length=128)
    domain: str | None = Field(default=None, max_length=253)
    challenge: str | None = Field(default=None, max_length=64)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class NamespaceRow(SQLModel, table=True):
    """Codes that begin with `prefix` are published by these publishers alone."""

    __tablename__ = "marketplace_namespace"

    prefix: str = Field(primary_key=True, max_length=64)
    publishers: list[str] = Field(sa_type=JsonValue)
    reserved_by: str = Field(max_length=128)
    reserved_at: datetime = Field(sa_type=UtcDateTime)
