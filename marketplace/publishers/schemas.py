from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PublisherName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]


class NamespaceBody(BaseModel):
    """The publishers that may publish new plugins under the prefix."""

    model_config = ConfigDict(extra="forbid")

    publishers: Annotated[list[PublisherName], Field(min_length=1, max_length=50)]


class NamespaceView(BaseModel):
    prefix: str
    publishers: list[str]
    reserved_by: str
    reserved_at: datetime


class DomainBody(BaseModel):
    """A domain whose DNS the publisher can change."""

    model_config = ConfigDict(extra="forbid")

    domain: Annotated[
        str,
        Field(
            max_length=253,
            pattern=r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$",
        ),
    ]


class DnsRecord(BaseModel):
    """A TXT record to be set."""

    name: str
    text: str


class PublisherView(BaseModel):
    """`verified_at` is null unless the domain's DNS said, when it was looked at last, that the publisher is its own.

    Attributes:
        verified_identity: whose token has proven who it is, and its issuer; null where none has.
        proven_until: when that lapses unless another token comes; null where it never does.
        record: what has to stand in the DNS of the domain; told to the publisher's owner alone.
    """

    name: str
    owner: str
    created_at: datetime
    domain: str | None
    verified_at: datetime | None
    checked_at: datetime | None
    verified_identity: str | None
    proven_until: datetime | None
    record: DnsRecord | None
