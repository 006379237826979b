"""What the components of dynamic groups are asked and answer (reference: BlueKing cc components)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from adapters.cmdb.service.schemas import MAX_RULES, Asked, Comparison, Condition, FieldNames, Name, OfBusiness, Page

GroupId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class GroupPart(Asked):
    bk_obj_id: Literal["set", "module", "host"]
    condition: list[Comparison] = Field(min_length=1, max_length=MAX_RULES)


class GroupInfo(Asked):
    condition: list[GroupPart] = Field(min_length=1, max_length=10, description="All of them must hold.")


class CreateGroup(OfBusiness):
    bk_obj_id: Literal["host", "set"] = Field(description="What belongs to the group.")
    name: Name
    info: GroupInfo


class OfGroup(OfBusiness):
    id: GroupId


class UpdateGroup(OfGroup):
    """What is left out stays; `bk_obj_id` never changes."""

    name: Name | None = None
    info: GroupInfo | None = None


class SearchGroup(OfBusiness):
    condition: Condition
    page: Page = Page()


class ExecuteGroup(OfGroup):
    fields: FieldNames
    page: Page = Page()


class CreatedGroup(BaseModel):
    id: str


class GroupRecord(BaseModel):
    id: str
    bk_biz_id: int
    bk_obj_id: str
    name: str
    info: dict[str, Any]
    create_user: str
    modify_user: str
    create_time: str
    last_time: str


class Groups(BaseModel):
    count: int
    info: list[GroupRecord]


class GroupMembers(BaseModel):
    count: int
    info: list[dict[str, Any]] = Field(description="Hosts or sets, with the fields that were asked for.")
