"""What the components of import sources are asked and answer."""

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from adapters.cmdb.service.imports.schemas import Counts, PlannedHost, RefusedRow
from adapters.cmdb.service.schemas import LARGEST_ID, Asked
from kernel.names import NameRule

MOST_ADDRESSES = 4_096
SourceId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
SourceName = Annotated[str, Field(min_length=1, max_length=128), NameRule]
Vanished = Literal["leave", "mark", "recycle"]
Minutes = Annotated[int, Field(ge=5, le=43_200)]


class Mapped(Asked):
    """One property out of what the source says.

    Attributes:
        source: members with dots between them, `platform.name`; several, with `/` between them, are joined by it.
        to: a property of hosts, or `place`.
        divide: what a number is divided by, where the source counts in smaller units.
    """

    source: str = Field(alias="from", min_length=1, max_length=200)
    to: str = Field(min_length=1, max_length=64)
    divide: int = Field(default=1, ge=1, le=2**40)


class NetBoxSettings(Asked):
    """`mapping`: in place of the usual one, property by property."""

    url: str = Field(min_length=1, max_length=500, pattern=r"^https?://[\x21-\x7e]+$", description="Without /api.")
    objects: list[Literal["devices", "virtual-machines"]] = Field(
        default=["devices", "virtual-machines"], min_length=1, max_length=2
    )
    query: dict[str, str] = Field(default_factory=dict, max_length=20, description="Filters, such as `site: east`.")
    bk_cloud_id: int = Field(default=0, ge=0, le=LARGEST_ID)
    mapping: list[Mapped] = Field(default_factory=list, max_length=50)


class SweepSettings(Asked):
    """`known_hosts`: lines of OpenSSH. Others are met only with `accept_new_host_keys`, and known by that key then."""

    addresses: list[str] = Field(min_length=1, max_length=100, description="Addresses and networks.")
    port: int = Field(default=22, ge=1, le=65_535)
    username: str = Field(min_length=1, max_length=128)
    bk_cloud_id: int = Field(default=0, ge=0, le=LARGEST_ID)
    known_hosts: str = Field(default="", max_length=200_000)
    accept_new_host_keys: bool = False

    @field_validator("addresses")
    @classmethod
    def _bounded(cls, value: list[str]) -> list[str]:
        networks = [ipaddress.ip_network(each, strict=False) for each in value]
        if sum(network.num_addresses for network in networks) > MOST_ADDRESSES:
            raise ValueError(f"more than {MOST_ADDRESSES} addresses; divide them over several sources")
        return [str(network) for network in networks]


class Secret(Asked):
    """A NetBox token, or a password or private key for SSH; kept sealed and never answered."""

    token: str = Field(default="", max_length=1000)
    password: str = Field(default="", max_length=1000)
    private_key: str = Field(default="", max_length=20_000)
    passphrase: str = Field(default="", max_length=1000)


class CreateSource(Asked):
    name: SourceName
    kind: Literal["netbox", "ssh"]
    bk_biz_id: int = Field(default=0, ge=0, le=LARGEST_ID, description="Where new hosts go; 0 is the resource pool.")
    netbox: NetBoxSettings | None = None
    ssh: SweepSettings | None = None
    secret: Secret = Secret()
    every_minutes: Minutes | None = Field(default=None, description="Left out, it runs when somebody says so.")
    vanished: Vanished = Field(default="mark", description="What becomes of hosts that the source has no longer.")
    enabled: bool = True

    @model_validator(mode="after")
    def _of_its_kind(self) -> "CreateSource":
        if getattr(self, self.kind) is None:
            raise ValueError(f"{self.kind}: a source of this kind needs its settings")
        return self

    @property
    def settings(self) -> NetBoxSettings | SweepSettings:
        """Those of its kind."""
        found: NetBoxSettings | SweepSettings | None = self.netbox if self.kind == "netbox" else self.ssh
        if found is None:
            raise ValueError(self.kind)
        return found


class OfSource(Asked):
    id: SourceId


class UpdateSource(OfSource):
    """What is left out stays; `every_minutes` 0 ends the schedule."""

    name: SourceName | None = None
    netbox: NetBoxSettings | None = None
    ssh: SweepSettings | None = None
    secret: Secret | None = None
    every_minutes: Minutes | Literal[0] | None = None
    vanished: Vanished | None = None
    enabled: bool | None = None
    forget_host_keys: list[str] = Field(default_factory=list, max_length=500, description="Addresses to meet anew.")


class ListSources(Asked):
    """Nothing is asked."""


class Source(BaseModel):
    """`settings`: of its kind. `running`: a process is at it now."""

    id: str
    name: str
    kind: Literal["netbox", "ssh"]
    bk_biz_id: int
    settings: dict[str, Any]
    has_secret: bool
    every_minutes: int | None
    vanished: Vanished
    enabled: bool
    running: bool
    next_run_time: str | None
    created_by: str
    created_time: str


class MadeSource(BaseModel):
    id: str


class SourcePreview(BaseModel):
    """`sampled`: only the beginning was read."""

    counts: Counts
    hosts: list[PlannedHost]
    refused: list[RefusedRow]
    sampled: bool
