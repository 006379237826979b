"""What components of the inventory are asked (reference: BlueKing cc components)."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from kernel.names import NameRule

LARGEST_ID = 2**31 - 1
MAX_RULES = 50
MAX_HOSTS = 500
_NODE = re.compile(r"^(?:(?:set|module)_)?(\d{1,10})$")

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Ids = Annotated[list[Id], Field(max_length=MAX_HOSTS)]


def _node_id(value: Any) -> Any:
    """Accepts an id as trees of Standard OPS have it, `set_12`."""
    found = _NODE.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found else value


NodeId = Annotated[
    Id, BeforeValidator(_node_id, json_schema_input_type=Id | Annotated[str, Field(pattern=_NODE.pattern)])
]
NodeIds = Annotated[
    list[NodeId], Field(max_length=MAX_HOSTS, description="Of sets `set_12` too, of modules `module_5`.")
]
Address = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[0-9A-Fa-f:.]+$")]
Name = Annotated[str, Field(min_length=1, max_length=256), NameRule]


class Asked(BaseModel):
    """Parameters: what a component doesn't know it passes over, since clients send their credentials here too."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Asked):
    """`sort`: field names with commas, a `-` before one for descending."""

    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    limit: int | None = Field(default=None, ge=1, description="At most 200; of hosts at most 500.")
    sort: str = Field(default="", max_length=500)


class FieldRule(Asked):
    field: str
    operator: str
    value: Any = None


class GroupRule(Asked):
    condition: Literal["AND", "OR"]
    rules: list[FieldRule] = Field(min_length=1, max_length=MAX_RULES)


class PropertyFilter(Asked):
    """Rules, and groups of rules one level deeper."""

    condition: Literal["AND", "OR"]
    rules: list[GroupRule | FieldRule] = Field(min_length=1, max_length=MAX_RULES)


class Comparison(Asked):
    field: str
    operator: str = Field(description="$eq, $ne, $in, $nin, $lt, $lte, $gt or $gte.")
    value: Any = None


class WithCustom(Asked):
    """What describes an object: its own fields, and those of custom attributes beside them."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def own(self) -> dict[str, Any]:
        """The object's own fields."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @property
    def sent(self) -> dict[str, Any]:
        """Those of them that were sent."""
        return {name: value for name, value in self.own.items() if name in self.model_fields_set}

    @property
    def others(self) -> dict[str, Any]:
        """Everything else that was sent."""
        return self.model_extra or {}


FieldNames = Annotated[list[str], Field(default_factory=list, max_length=100, description="Only these fields.")]
Condition = Annotated[
    dict[str, Any], Field(default_factory=dict, max_length=MAX_RULES, description="Field to value, or to operator.")
]


class SearchBusiness(Asked):
    fields: FieldNames
    condition: Condition
    biz_property_filter: PropertyFilter | None = None
    page: Page = Page()


class OfBusiness(Asked):
    bk_biz_id: Id


class SearchSet(OfBusiness):
    fields: FieldNames
    condition: Condition
    page: Page = Page()


class SearchModule(SearchSet):
    bk_set_id: Id | None = None


class ListHosts(Asked):
    page: Page
    fields: FieldNames
    host_property_filter: PropertyFilter | None = None


class ListBusinessHosts(ListHosts):
    bk_biz_id: Id
    bk_set_ids: Ids | None = None
    bk_module_ids: Ids | None = None
    set_cond: list[Comparison] = Field(default_factory=list, max_length=MAX_RULES)
    module_cond: list[Comparison] = Field(default_factory=list, max_length=MAX_RULES)


class ListBusinessHostsTopo(ListHosts):
    bk_biz_id: Id


class SearchTopology(OfBusiness):
    level: int = Field(default=2, ge=-1, le=2, description="0 the business, 1 its sets, 2 or -1 its modules too.")


class FindTopologyRelation(OfBusiness):
    page: Page
    bk_set_ids: Ids | None = None
    bk_module_ids: Ids | None = None
    bk_host_ids: Ids | None = None


class HostAddresses(Asked):
    data: list[str] = Field(default_factory=list, max_length=MAX_HOSTS)
    exact: int = Field(default=1, ge=0, le=1, description="0: an address that contains one of them will do.")
    flag: str = Field(default="bk_host_innerip", max_length=64, description="`bk_host_innerip|bk_host_outerip`.")


class ObjectCondition(Asked):
    """`fields`: what is answered of this object; `condition`: what must hold of it."""

    bk_obj_id: Literal["biz", "set", "module", "host", "object"] = Field(
        description="`object` is a level between business and set, of which there are none here."
    )
    fields: FieldNames
    condition: list[Comparison] = Field(default_factory=list, max_length=MAX_RULES)


class SearchHost(Asked):
    bk_biz_id: Id | None = None
    ip: HostAddresses = HostAddresses()
    condition: list[ObjectCondition] = Field(default_factory=list, max_length=10)
    page: Page = Page()


class TransferHosts(OfBusiness):
    bk_host_id: Annotated[Ids, Field(min_length=1)]


class ByAddress(Asked):
    """Hosts by their addresses in a business, where no ids are given."""

    bk_host_innerip: str = Field(
        default="",
        max_length=100_000,
        description="Instead of bk_host_id, of hosts of bk_biz_id: `10.0.0.1, 3:10.0.0.2`, the second in cloud area 3.",
    )


class MoveHosts(OfBusiness, ByAddress):
    bk_host_id: Ids = Field(default_factory=list)


class TransferHostModule(MoveHosts):
    bk_module_id: Annotated[NodeIds, Field(min_length=1)]
    is_increment: bool = Field(description="True adds the modules, false puts them in place of the present ones.")


class TransferAcrossBusinesses(Asked):
    src_bk_biz_id: Id
    dst_bk_biz_id: Id
    bk_host_id: Annotated[Ids, Field(min_length=1)]
    bk_module_id: Id = Field(description="An idle, fault or recycle module of the other business.")


class TransferSetToIdle(OfBusiness):
    bk_set_id: Id
    bk_module_id: Id | None = Field(default=None, description="Only this module of the set.")


class BusinessData(WithCustom):
    bk_biz_name: Name
    bk_biz_maintainer: str = Field(default="", max_length=1024)
    bk_biz_productor: str = Field(default="", max_length=1024)
    bk_biz_developer: str = Field(default="", max_length=1024)
    bk_biz_tester: str = Field(default="", max_length=1024)
    operator: str = Field(default="", max_length=1024)
    life_cycle: str = Field(default="2", max_length=16)
    time_zone: str = Field(default="Asia/Shanghai", max_length=64)
    language: str = Field(default="1", max_length=16)


class BusinessChange(BusinessData):
    bk_biz_name: Name = ""


class UpdateBusiness(OfBusiness):
    data: BusinessChange


class CreateBusiness(Asked):
    data: BusinessData


class SetData(WithCustom):
    bk_set_name: Name
    bk_set_desc: str = Field(default="", max_length=2000)
    bk_set_env: str = Field(default="3", max_length=16)
    bk_service_status: str = Field(default="1", max_length=16)
    bk_capacity: int | None = Field(default=None, ge=0, le=LARGEST_ID)
    description: str = Field(default="", max_length=2000)


class SetChange(SetData):
    bk_set_name: Name = ""


class UpdateSet(OfBusiness):
    bk_set_id: Id
    data: SetChange


class DeleteSet(OfBusiness):
    bk_set_id: Id


class CreateSet(OfBusiness):
    data: SetData


class ModuleData(WithCustom):
    bk_module_name: Name
    bk_module_type: str = Field(default="1", max_length=16)
    operator: str = Field(default="", max_length=1024)
    bk_bak_operator: str = Field(default="", max_length=1024)


class ModuleChange(ModuleData):
    bk_module_name: Name = ""


class UpdateModule(OfBusiness):
    bk_set_id: Id
    bk_module_id: Id
    data: ModuleChange


class DeleteModule(OfBusiness):
    bk_set_id: Id
    bk_module_id: Id


class CreateModule(OfBusiness):
    bk_set_id: Id
    data: ModuleData


class HostProperties(WithCustom):
    """What a host says of itself; memory in MB, disk in GB."""

    bk_host_outerip: str = Field(default="", max_length=512)
    bk_host_name: str = Field(default="", max_length=256)
    bk_asset_id: str = Field(default="", max_length=256)
    bk_sn: str = Field(default="", max_length=256)
    bk_mac: str = Field(default="", max_length=64)
    bk_os_type: str | None = Field(default=None, max_length=16, description="1 Linux, 2 Windows, 3 AIX.")
    bk_os_name: str = Field(default="", max_length=256)
    bk_os_version: str = Field(default="", max_length=256)
    bk_os_bit: str = Field(default="", max_length=32)
    bk_cpu: int | None = Field(default=None, ge=0, le=LARGEST_ID)
    bk_cpu_module: str = Field(default="", max_length=256)
    bk_mem: int | None = Field(default=None, ge=0, le=LARGEST_ID)
    bk_disk: int | None = Field(default=None, ge=0, le=LARGEST_ID)
    bk_comment: str = Field(default="", max_length=2000)
    operator: str = Field(default="", max_length=1024)
    bk_bak_operator: str = Field(default="", max_length=1024)
    import_from: str = Field(default="3", max_length=16)


class NewHost(HostProperties):
    bk_host_innerip: Address
    bk_cloud_id: int = Field(default=0, ge=0, le=LARGEST_ID)


class AddHostToResource(Asked):
    host_info: dict[str, NewHost] = Field(min_length=1, max_length=MAX_HOSTS, description="Index to host.")


class AddHostToBusinessIdle(OfBusiness):
    bk_host_list: list[NewHost] = Field(min_length=1, max_length=MAX_HOSTS)


def _split_ids(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


GivenIds = Annotated[
    Ids,
    BeforeValidator(_split_ids, json_schema_input_type=list[int] | int | str),
    Field(min_length=1, description="Ids, or `1,2`."),
]


class UpdateHost(ByAddress):
    bk_host_id: GivenIds = Field(default_factory=list)
    bk_biz_id: Id | None = None
    data: HostProperties


class HostChange(Asked):
    bk_host_id: Id
    properties: HostProperties


class BatchUpdateHost(Asked):
    update: list[HostChange] = Field(min_length=1, max_length=MAX_HOSTS)


class DeleteHost(Asked):
    bk_host_id: GivenIds
