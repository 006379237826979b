"""What the history of the inventory is asked and answers (reference: BlueKing cc `list_operation_audit`)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from adapters.cmdb.service.schemas import LARGEST_ID, Asked, Page

ResourceType = Literal["business", "set", "module", "host", "cloud_area", "attribute"]
Action = Literal["create", "update", "delete", "transfer_host_module"]


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


Time = Annotated[datetime, AfterValidator(_in_utc), Field(description="Without a zone it is UTC.")]


class OperationTime(Asked):
    start: Time | None = None
    end: Time | None = None


class HistoryCondition(Asked):
    resource_type: ResourceType | None = None
    resource_id: int | list[int] | None = None
    action: list[Action] = Field(default_factory=list)
    user: str | None = Field(default=None, max_length=128, description="A person, or an app that acted by itself.")
    operation_time: OperationTime = OperationTime()


class ListOperationAudit(Asked):
    condition: HistoryCondition = HistoryCondition()
    page: Page = Page()


class Change(BaseModel):
    """Of each changed field the value before and after; of a new thing all of them."""

    pre_data: dict[str, Any]
    cur_data: dict[str, Any]


class OperationDetail(BaseModel):
    details: Change


class Operation(BaseModel):
    id: str
    user: str
    app_code: str
    resource_type: ResourceType
    resource_id: int = Field(ge=0, le=LARGEST_ID)
    action: Action
    operation_detail: OperationDetail
    operation_time: str
    rid: str = Field(description="Id of the request that made the change.")


class Operations(BaseModel):
    count: int
    info: list[Operation]
