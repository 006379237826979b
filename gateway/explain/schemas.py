from typing import Annotated

from pydantic import Field

from gateway.fields import AppCode, ComponentName, Input, Line, StageName, SystemName, Username, View
from gateway.identity.role_bindings.schemas import HeldRoleView


class DecidingRole(HeldRoleView):
    """Attributes:
    resource: where the role is held.
    """

    resource: str


class ExplanationView(View):
    """Attributes:
    reason: a stable word, such as `role`, `role_missing`, `token_too_narrow`.
    text: why, for people; where it is denied, with what is missing and whom to ask.
    by: the role that allows it.
    roles: where it is denied, those that would do; each of them on the resource `on`.
    ask: people who could give one.
    """

    action: str
    resource: str
    allowed: bool
    reason: str
    text: str
    by: DecidingRole | None
    roles: list[str]
    on: str | None
    ask: list[str]


class CallToExplain(Input):
    """Attributes:
    scopes: of the access token; left out for app code and secret.
    address: where the call comes from; left out, addresses are not looked at.
    """

    app_code: AppCode
    system: SystemName
    component: ComponentName
    stage: StageName = "prod"
    user: Username | None = None
    scopes: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)] | None = None
    address: Line = ""


class CheckView(View):
    check: str
    holds: bool
    text: str
    remedy: str


class CallExplanation(View):
    """Attributes:
    checks: in the order in which the data plane looks; it refuses by the first that doesn't hold.
    """

    admitted: bool
    checks: list[CheckView]
