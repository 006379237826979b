from typing import Annotated, Literal

from pydantic import Field

from gateway.fields import Input, Moment, RequiredLine, Time, View
from gateway.identity.authorization.token_scopes import TOKEN_SCOPES

TokenScope = Literal[TOKEN_SCOPES]  # type: ignore[valid-type]  # made from the actions there are
ProjectName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$", description="The project's id or code")]


class NewApiToken(Input):
    """Attributes:
    scopes: what of your rights it carries: `read`, an area such as `flow`, or `flow:read`. None is all of them.
    project: the only project in which it counts.
    """

    name: RequiredLine
    expires_at: Moment | None = None
    scopes: Annotated[list[TokenScope], Field(min_length=1, max_length=len(TOKEN_SCOPES))] | None = None
    project: ProjectName | None = None


class ApiTokenView(View):
    """Attributes:
    last_used_at: right to some seconds.
    """

    id: str
    name: str
    scopes: list[str] | None
    project_id: str | None
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None


class CreatedApiToken(ApiTokenView):
    """Attributes:
    token: shown this once.
    """

    token: str
