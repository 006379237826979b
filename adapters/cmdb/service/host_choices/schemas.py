"""A choice of hosts as the variables of Standard OPS keep it, and what it comes to."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from adapters.cmdb.service.schemas import MAX_HOSTS, Address, Asked, Id

MOST_HOSTS = 5_000
_SOME = 100

CloudId = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ChosenHost(Asked):
    """By its id, or else by its address. The area may stand in `cloud`, as Standard OPS keeps it."""

    bk_host_id: Id | None = None
    bk_host_innerip: Address | None = None
    bk_cloud_id: CloudId = 0

    @model_validator(mode="before")
    @classmethod
    def _from_cloud(cls, given: Any) -> Any:
        match given:
            case {"cloud": [{"id": area}, *_]} if "bk_cloud_id" not in given:
                return {**given, "bk_cloud_id": area}
            case _:
                return given


class ChosenPlace(Asked):
    bk_obj_id: Literal["biz", "set", "module"]
    bk_inst_id: Id


class ChosenGroup(Asked):
    id: Annotated[str, Field(min_length=1, max_length=64)]


class Narrowing(Asked):
    """`value` names addresses."""

    field: Literal["ip", "host"]
    value: Annotated[list[Address], Field(max_length=MAX_HOSTS)]


class HostChoice(Asked):
    """`selectors` says which of `ip`, `topo` and `group` count; all of them where it says nothing. A host is kept that
    all of `filters` and none of `excludes` name.
    """

    selectors: Annotated[list[Literal["ip", "topo", "group"]], Field(max_length=3)] = Field(default_factory=list)
    ip: Annotated[list[ChosenHost], Field(max_length=MAX_HOSTS)] = Field(default_factory=list)
    topo: Annotated[list[ChosenPlace], Field(max_length=_SOME)] = Field(default_factory=list)
    group: Annotated[list[ChosenGroup], Field(max_length=_SOME)] = Field(default_factory=list)
    filters: Annotated[list[Narrowing], Field(max_length=_SOME)] = Field(default_factory=list)
    excludes: Annotated[list[Narrowing], Field(max_length=_SOME)] = Field(default_factory=list)
    with_cloud_id: bool = Field(default=False, description="Addresses as `3:10.0.0.1`.")
    separator: Annotated[str, Field(min_length=1, max_length=8)] = ","

    def counts(self, selector: str) -> bool:
        return not self.selectors or selector in self.selectors


class ResolveHosts(Asked):
    """With `bk_biz_id` every host must belong to that business."""

    bk_biz_id: Id | None = None
    choice: HostChoice


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
