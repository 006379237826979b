"""A choice of hosts as the variables of Standard OPS keep it, and what it comes to. Pure.

Ids may be longer here than an inventory's own are: whoever looks them up says what it doesn't have.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernel.contracts.hosts import HostSummary

MOST_HOSTS: Final = 5_000
MOST_NAMED: Final = 500
_SOME: Final = 100

InventoryId = Annotated[int, Field(ge=1, le=2**63 - 1)]
CloudId = Annotated[int, Field(ge=0, le=2**31 - 1)]
HostAddress = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[0-9A-Fa-f:.]+$")]


class _Part(BaseModel):
    """What isn't known is passed over: pickers keep more than they mean."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ChosenHost(_Part):
    """By its id, or else by its address. The area may stand in `cloud`, as Standard OPS keeps it."""

    bk_host_id: InventoryId | None = None
    bk_host_innerip: HostAddress | None = None
    bk_cloud_id: CloudId = 0

    @model_validator(mode="before")
    @classmethod
    def _from_cloud(cls, given: Any) -> Any:
        match given:
            case {"cloud": [{"id": area}, *_]} if "bk_cloud_id" not in given:
                return {**given, "bk_cloud_id": area}
            case _:
                return given

    @property
    def text(self) -> str:
        """As people are told of it."""
        return str(self.bk_host_id) if self.bk_host_id is not None else f"{self.bk_cloud_id}:{self.bk_host_innerip}"


class ChosenPlace(_Part):
    bk_obj_id: Literal["biz", "set", "module"]
    bk_inst_id: InventoryId


class ChosenGroup(_Part):
    id: Annotated[str, Field(min_length=1, max_length=64)]


class Narrowing(_Part):
    """`value` names addresses."""

    field: Literal["ip", "host"]
    value: Annotated[list[HostAddress], Field(max_length=MOST_NAMED)]


class HostChoice(_Part):
    """`selectors` says which of `ip`, `topo` and `group` count; all of them where it says nothing. A host is kept that
    all of `filters` and none of `excludes` name.
    """

    selectors: Annotated[list[Literal["ip", "topo", "group"]], Field(max_length=3)] = Field(default_factory=list)
    ip: Annotated[list[ChosenHost], Field(max_length=MOST_NAMED)] = Field(default_factory=list)
    topo: Annotated[list[ChosenPlace], Field(max_length=_SOME)] = Field(default_factory=list)
    group: Annotated[list[ChosenGroup], Field(max_length=_SOME)] = Field(default_factory=list)
    filters: Annotated[list[Narrowing], Field(max_length=_SOME)] = Field(default_factory=list)
    excludes: Annotated[list[Narrowing], Field(max_length=_SOME)] = Field(default_factory=list)
    with_cloud_id: bool = Field(default=False, description="Addresses as `3:10.0.0.1`.")
    separator: Annotated[str, Field(min_length=1, max_length=8)] = ","

    def counts(self, selector: str) -> bool:
        return not self.selectors or selector in self.selectors

    def keeps(self, ip: str) -> bool:
        named = all(ip in each.value for each in self.filters)
        return named and not any(ip in each.value for each in self.excludes)

    def address(self, host: HostSummary) -> str:
        return f"{host.cloud_id}:{host.ip}" if self.with_cloud_id else host.ip


class ResolvedHost(BaseModel):
    bk_host_id: int
    bk_cloud_id: int
    bk_host_innerip: str
    bk_host_name: str
    bk_biz_id: int


class ResolvedHosts(BaseModel):
    """`ips` has the addresses as one text."""

    count: int
    ips: str
    hosts: list[ResolvedHost]


class TooManyHosts(Exception):
    """A choice comes to more hosts than `MOST_HOSTS`; the text says how many."""


def resolved(choice: HostChoice, chosen: Iterable[HostSummary]) -> list[HostSummary]:
    """Each host that the choice keeps, once, in the order of ids. Raises TooManyHosts."""
    by_id = {host.host_id: host for host in chosen}
    kept = [host for _, host in sorted(by_id.items()) if choice.keeps(host.ip)]
    if len(kept) > MOST_HOSTS:
        raise TooManyHosts(f"comes to {len(kept)} hosts; at most {MOST_HOSTS}, choose fewer")
    return kept


def answer_of(choice: HostChoice, hosts: Sequence[HostSummary]) -> dict[str, Any]:
    """`ResolvedHosts` of these hosts."""
    records = [
        {
            "bk_host_id": host.host_id,
            "bk_cloud_id": host.cloud_id,
            "bk_host_innerip": host.ip,
            "bk_host_name": host.name,
            "bk_biz_id": host.business_id,
        }
        for host in hosts
    ]
    ips = choice.separator.join(choice.address(host) for host in hosts)
    return {"count": len(records), "ips": ips, "hosts": records}
