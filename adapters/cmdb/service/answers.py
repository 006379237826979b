"""What components of the inventory answer (reference: BlueKing cc components)."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from adapters.cmdb.service.schemas import HostProperties, Page


class BusinessRecord(BaseModel):
    bk_biz_id: int = 0
    bk_biz_name: str = ""
    bk_biz_maintainer: str = ""
    bk_biz_productor: str = ""
    bk_biz_developer: str = ""
    bk_biz_tester: str = ""
    operator: str = ""
    life_cycle: str = ""
    time_zone: str = ""
    language: str = ""
    create_time: str = ""
    last_time: str = ""


class SetRecord(BaseModel):
    bk_set_id: int = 0
    bk_biz_id: int = 0
    bk_set_name: str = ""
    bk_set_desc: str = ""
    bk_set_env: str = ""
    bk_service_status: str = ""
    default: int = Field(default=0, description="1 for the set of the internal modules.")


class ModuleRecord(BaseModel):
    bk_module_id: int = 0
    bk_set_id: int = 0
    bk_biz_id: int = 0
    bk_module_name: str = ""
    bk_module_type: str = ""
    operator: str = ""
    default: int = Field(default=0, description="0 normal, 1 idle, 2 fault, 3 recycle.")


class HostRecord(HostProperties):
    bk_host_id: int = 0
    bk_cloud_id: int = 0
    bk_host_innerip: str = ""
    create_time: str = ""
    last_time: str = ""


class Businesses(BaseModel):
    count: int
    info: list[BusinessRecord]


class Sets(BaseModel):
    count: int
    info: list[SetRecord]


class Modules(BaseModel):
    count: int
    info: list[ModuleRecord]


class Hosts(BaseModel):
    count: int
    info: list[HostRecord]


class TopoModule(BaseModel):
    bk_module_id: int
    bk_module_name: str


class TopoSet(BaseModel):
    bk_set_id: int
    bk_set_name: str
    module: list[TopoModule]


class HostWithTopo(BaseModel):
    host: HostRecord
    topo: list[TopoSet]


class HostsWithTopo(BaseModel):
    count: int
    info: list[HostWithTopo]


class HostInPlace(BaseModel):
    """`host.bk_cloud_id` is a list with a reference to its cloud area."""

    host: dict[str, Any]
    biz: list[BusinessRecord]
    set: list[SetRecord]
    module: list[ModuleRecord]


class HostsInPlace(BaseModel):
    count: int
    info: list[HostInPlace]


class TopologyNode(BaseModel):
    bk_obj_id: Literal["biz", "set", "module"]
    bk_obj_name: str
    bk_inst_id: int
    bk_inst_name: str
    default: int
    child: list["TopologyNode"]


class InternalModule(TopoModule):
    default: int


class InternalModules(BaseModel):
    bk_set_id: int
    bk_set_name: str
    module: list[InternalModule]


class Relation(BaseModel):
    bk_biz_id: int
    bk_set_id: int
    bk_module_id: int
    bk_host_id: int


class Relations(BaseModel):
    count: int
    info: list[Relation]
    page: Page


class Nothing(BaseModel):
    """An empty object."""


class AddedHosts(BaseModel):
    bk_host_ids: list[int]
