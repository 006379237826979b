from typing import Annotated, Literal

from pydantic import Field

from gateway.fields import Input, Time, View
from gateway.identity.business.roles import USUAL_ROLES

BusinessField = Literal["bk_biz_maintainer", "bk_biz_developer", "bk_biz_productor", "operator", "bk_biz_tester"]
SyncedRole = Literal["maintainer", "developer", "operator", "viewer", "auditor"]


class BusinessInput(Input):
    """Attributes:
    roles: the business's role field → the project's role; a field that is left out gives none.
    """

    bk_biz_id: Annotated[int, Field(ge=1, le=2**31 - 1)]
    roles: dict[BusinessField, SyncedRole] = Field(default_factory=lambda: dict(USUAL_ROLES), validate_default=True)


class BusinessView(View):
    """Attributes:
    synced_at: when the roles were last what the CMDB says.
    strangers: people of the business who have no account here.
    problem: why the last attempt brought nothing.
    """

    bk_biz_id: int
    roles: dict[str, str]
    bound_by: str
    synced_at: Time | None
    strangers: list[str]
    problem: str
