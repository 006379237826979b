from typing import Annotated

from pydantic import Field, SecretStr

from gateway.fields import Input, View


class Credentials(Input):
    username: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class SessionUser(View):
    username: str
    display_name: str
    is_admin: bool
    language: str


class SessionProject(View):
    id: str
    code: str
    name: str
    roles: list[str]


class SessionView(View):
    """Attributes:
    csrf_token: sent back as `X-CSRF-Token` on every changing call with the cookie.
    """

    user: SessionUser
    projects: list[SessionProject]
    csrf_token: str
