from typing import Annotated, Literal

from pydantic import StringConstraints

from gateway.fields import Input, Time, View

SealedRequest = Annotated[str, StringConstraints(min_length=1, max_length=40_000, pattern=r"^[A-Za-z0-9._=-]+$")]


class Decision(Input):
    """Attributes:
    request: as the address of the page has it.
    """

    request: SealedRequest


class CoveredComponentView(View):
    name: str
    title: str
    is_read: bool


class ScopeView(View):
    """Attributes:
    system: empty for scopes that tell who the person is.
    components: what the app can call with it.
    """

    scope: str
    system: str
    system_title: str
    components: list[CoveredComponentView]


class QuestionView(View):
    """Attributes:
    returns_to: the host, or the scheme, of the address the person is sent back to.
    missing: `sign_in` where the app wants him to prove again who he is; `nothing` where he agreed before.
    """

    app_code: str
    app_name: str
    app_description: str
    app_owner: str | None
    returns_to: str
    resource: str | None
    username: str
    scopes: list[ScopeView]
    missing: Literal["sign_in", "consent", "nothing"]


class Onward(View):
    """Attributes:
    redirect_to: where the browser goes now.
    """

    redirect_to: str


class ConsentView(View):
    """Attributes:
    app_code: the app may act for the person within these scopes.
    """

    app_code: str
    app_name: str
    scopes: list[str]
    created_at: Time
    updated_at: Time
