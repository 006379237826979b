from typing import Annotated

from pydantic import Field, SecretStr

from gateway.fields import Input, Time, View


class Credentials(Input):
    username: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class SessionUser(View):
    """Attributes:
    must_change_password: until then, nothing else is answered.
    language: null while the person has chosen none.
    """

    username: str
    display_name: str
    is_admin: bool
    platform_roles: list[str]
    must_change_password: bool
    language: str | None


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


class OpenSessionView(View):
    """Where a person is signed in.

    Attributes:
        method: `password`, `blueking`, or `oidc:` and the name of the identity provider.
        agent: what the browser calls itself.
        last_seen_at: right to some seconds.
        is_current: whether it is the one that asks.
    """

    id: str
    method: str
    ip: str | None
    agent: str
    created_at: Time
    last_seen_at: Time
    expires_at: Time
    is_current: bool


class EndedSessions(View):
    ended: int
