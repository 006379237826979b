"""The inventory's tables. Columns have BlueKing's field names, since callers filter and sort by them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.idempotency import IdempotencyRecord
from kernel.db.types import JsonValue, UtcDateTime

NORMAL = 0
IDLE = 1
FAULT = 2
RECYCLE = 3
"""Values of a module's `default`; a set's `default` is 1 for the set that holds the internal modules."""

RESOURCE_POOL = 0
"""The business id of hosts that belong to no business."""


class Business(SQLModel, table=True):
    __tablename__ = "adapter_cmdb_business"

    bk_biz_id: int = Field(default=None, primary_key=True)
    bk_biz_name: str = Field(max_length=256, unique=True)
    bk_biz_maintainer: str = Field(default="", max_length=1024)
    bk_biz_productor: str = Field(default="", max_length=1024)
    bk_biz_developer: str = Field(default="", max_length=1024)
    bk_biz_tester: str = Field(default="", max_length=1024)
    operator: str = Field(default="", max_length=1024)
    life_cycle: str = Field(default="2", max_length=16)
    time_zone: str = Field(default="Asia/Shanghai", max_length=64)
    language: str = Field(default="1", max_length=16)
    bk_supplier_account: str = Field(default="0", max_length=64)
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=JsonValue)
    create_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class CloudArea(SQLModel, table=True):
    """A network in which an address names one host. Area 0 is there from the beginning."""

    __tablename__ = "adapter_cmdb_cloud_area"

    bk_cloud_id: int = Field(default=None, primary_key=True)
    bk_cloud_name: str = Field(max_length=256, unique=True)
    bk_supplier_account: str = Field(default="0", max_length=64)
    create_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class HostSet(SQLModel, table=True):
    """A set (集群) of a business."""

    __tablename__ = "adapter_cmdb_set"
    __table_args__ = (UniqueConstraint("bk_biz_id", "bk_set_name"),)

    bk_set_id: int = Field(default=None, primary_key=True)
    bk_biz_id: int = Field(foreign_key="adapter_cmdb_business.bk_biz_id")
    bk_set_name: str = Field(max_length=256)
    bk_set_desc: str = Field(default="", max_length=2000)
    bk_set_env: str = Field(default="3", max_length=16)
    bk_service_status: str = Field(default="1", max_length=16)
    bk_capacity: int | None = None
    description: str = Field(default="", max_length=2000)
    default: int = NORMAL
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=JsonValue)
    create_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Module(SQLModel, table=True):
    __tablename__ = "adapter_cmdb_module"
    __table_args__ = (UniqueConstraint("bk_set_id", "bk_module_name"),)

    bk_module_id: int = Field(default=None, primary_key=True)
    bk_biz_id: int = Field(foreign_key="adapter_cmdb_business.bk_biz_id", index=True)
    bk_set_id: int = Field(foreign_key="adapter_cmdb_set.bk_set_id")
    bk_module_name: str = Field(max_length=256)
    bk_module_type: str = Field(default="1", max_length=16)
    operator: str = Field(default="", max_length=1024)
    bk_bak_operator: str = Field(default="", max_length=1024)
    default: int = NORMAL
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=JsonValue)
    create_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Host(SQLModel, table=True):
    """A machine. `bk_biz_id` is 0 while it belongs to no business; memory in MB, disk in GB."""

    __tablename__ = "adapter_cmdb_host"
    __table_args__ = (
        UniqueConstraint("bk_cloud_id", "bk_host_innerip"),
        Index("ix_adapter_cmdb_host_business", "bk_biz_id", "bk_host_id"),
    )

    bk_host_id: int = Field(default=None, primary_key=True)
    bk_biz_id: int = Field(default=RESOURCE_POOL)
    bk_cloud_id: int = Field(default=0)
    bk_host_innerip: str = Field(max_length=64, index=True)
    bk_host_outerip: str = Field(default="", max_length=512)
    bk_host_name: str = Field(default="", max_length=256, index=True)
    bk_asset_id: str = Field(default="", max_length=256)
    bk_sn: str = Field(default="", max_length=256)
    bk_mac: str = Field(default="", max_length=64)
    bk_os_type: str | None = Field(default=None, max_length=16)
    bk_os_name: str = Field(default="", max_length=256)
    bk_os_version: str = Field(default="", max_length=256)
    bk_os_bit: str = Field(default="", max_length=32)
    bk_cpu: int | None = None
    bk_cpu_module: str = Field(default="", max_length=256)
    bk_mem: int | None = None
    bk_disk: int | None = None
    bk_comment: str = Field(default="", max_length=2000)
    operator: str = Field(default="", max_length=1024)
    bk_bak_operator: str = Field(default="", max_length=1024)
    import_from: str = Field(default="3", max_length=16)
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=JsonValue)
    create_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class HostModule(SQLModel, table=True):
    """Where a host stands: in one internal module, or in one or more normal ones of one business."""

    __tablename__ = "adapter_cmdb_host_module"

    bk_host_id: int = Field(foreign_key="adapter_cmdb_host.bk_host_id", primary_key=True)
    bk_module_id: int = Field(foreign_key="adapter_cmdb_module.bk_module_id", primary_key=True, index=True)
    bk_set_id: int = Field(foreign_key="adapter_cmdb_set.bk_set_id", index=True)
    bk_biz_id: int = Field(foreign_key="adapter_cmdb_business.bk_biz_id", index=True)


def relation(host_id: int, module: Module) -> HostModule:
    """The host's standing in a module."""
    return HostModule(
        bk_host_id=host_id, bk_module_id=module.bk_module_id, bk_set_id=module.bk_set_id, bk_biz_id=module.bk_biz_id
    )


class DynamicGroup(SQLModel, table=True):
    """Hosts or sets of a business by a condition: who belongs to it is found when it is asked.

    Attributes:
        condition: as callers send it, a list of conditions on objects.
    """

    __tablename__ = "adapter_cmdb_dynamic_group"
    __table_args__ = (UniqueConstraint("bk_biz_id", "name"),)

    id: str = Field(primary_key=True, max_length=32)
    bk_biz_id: int = Field(foreign_key="adapter_cmdb_business.bk_biz_id")
    bk_obj_id: str = Field(max_length=16)
    name: str = Field(max_length=256)
    condition: list[dict[str, Any]] = Field(sa_type=JsonValue)
    create_user: str = Field(max_length=128)
    modify_user: str = Field(max_length=128)
    create_time: datetime = Field(sa_type=UtcDateTime)
    last_time: datetime = Field(sa_type=UtcDateTime)


class CustomAttribute(SQLModel, table=True):
    """A field that people gave to an object. Rows keep its value under its id, which no later attribute gets."""

    __tablename__ = "adapter_cmdb_attribute"
    __table_args__ = (UniqueConstraint("bk_obj_id", "bk_property_id"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    bk_obj_id: str = Field(max_length=16)
    bk_property_id: str = Field(max_length=64)
    bk_property_name: str = Field(max_length=256)
    bk_property_type: str = Field(max_length=16)
    bk_property_group: str = Field(default="default", max_length=64)
    isrequired: bool = False
    option: Any = Field(default=None, sa_type=JsonValue, nullable=True)
    unit: str = Field(default="", max_length=32)
    placeholder: str = Field(default="", max_length=2000)
    create_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_time: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class CmdbIdempotency(IdempotencyRecord, table=True):
    __tablename__ = "adapter_cmdb_idempotency"
