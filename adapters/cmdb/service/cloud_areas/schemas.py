"""What the components of cloud areas are asked and answer (reference: BlueKing cc components)."""

from pydantic import BaseModel, Field

from adapters.cmdb.service.schemas import LARGEST_ID, Asked, Condition, FieldNames, Name, Page


class SearchCloudArea(Asked):
    fields: FieldNames
    condition: Condition
    page: Page = Page()


class CreateCloudArea(Asked):
    bk_cloud_name: Name


class OfCloudArea(Asked):
    """`bk_cloud_id` from 1: the default area 0 stays as it is."""

    bk_cloud_id: int = Field(ge=1, le=LARGEST_ID)


class UpdateCloudArea(OfCloudArea):
    bk_cloud_name: Name


class CloudAreaRecord(BaseModel):
    bk_cloud_id: int = 0
    bk_cloud_name: str = ""
    create_time: str = ""
    last_time: str = ""


class CloudAreas(BaseModel):
    count: int
    info: list[CloudAreaRecord]


class Created(BaseModel):
    origin_index: int
    id: int


class CreatedCloudArea(BaseModel):
    created: Created
