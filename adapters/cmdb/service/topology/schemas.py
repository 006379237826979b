"""What the components about hosts' places are asked and answer (reference: BlueKing cc components)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from adapters.cmdb.service.schemas import LARGEST_ID, Asked, FieldNames, Id, Ids, OfBusiness, Page


class FindHostByTopo(OfBusiness):
    bk_obj_id: Literal["set", "module"]
    bk_inst_id: Id
    fields: FieldNames
    page: Page


class FindHostBizRelations(Asked):
    bk_host_id: Annotated[Ids, Field(min_length=1)]
    bk_biz_id: Id | None = None


class FindBatch(OfBusiness):
    bk_ids: Annotated[Ids, Field(min_length=1)]
    fields: FieldNames


class OfHost(Asked):
    bk_host_id: Id


class HostProperty(BaseModel):
    bk_property_id: str
    bk_property_name: str
    bk_property_value: Any


class NodeCount(BaseModel):
    bk_obj_id: Literal["biz", "set", "module"]
    bk_inst_id: int = Field(ge=1, le=LARGEST_ID)
    host_count: int
