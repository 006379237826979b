from typing import Annotated

from pydantic import StringConstraints

from gateway.fields import Input, View
from gateway.oauth.authorization.schemas import ScopeView

UserCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]


class DeviceDecision(Input):
    """Attributes:
    user_code: as the device shows it; its hyphen and case don't matter.
    """

    user_code: UserCode


class DeviceQuestionView(View):
    app_code: str
    app_name: str
    app_description: str
    app_owner: str | None
    resource: str | None
    username: str
    scopes: list[ScopeView]
