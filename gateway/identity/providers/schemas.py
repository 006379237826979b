from typing import Annotated, Literal, get_args

from pydantic import Field, SecretStr, StringConstraints, model_validator

from gateway.fields import Input, ProjectCode, RequiredLine, Time, Username, View

PROVIDER_NAME = r"^[a-z][a-z0-9-]{0,31}$"

Claim = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:/.-]{1,64}$")]
Issuer = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#\x00]{1,900}$")]
OAuthScope = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,100}$")]
PlatformRole = Literal["admin", "registrar", "publisher", "reviewer", "auditor"]
ProjectRole = Literal["owner", "maintainer", "developer", "operator", "viewer", "auditor"]


class RoleRule(Input):
    """Whoever has `value` in `claim` holds `role`, as long as he does.

    Attributes:
        project: its code; none makes it a role on the platform.
    """

    claim: Claim
    value: Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,200}$")]
    role: PlatformRole | ProjectRole
    project: ProjectCode | None = None

    @model_validator(mode="after")
    def _fits(self) -> "RoleRule":
        if self.project is None and self.role not in get_args(PlatformRole):
            raise ValueError(f"{self.role} is a role in a project; name the project")
        if self.project is not None and self.role not in get_args(ProjectRole):
            raise ValueError(f"{self.role} is a role on the platform; leave the project out")
        return self


class ProviderInput(Input):
    """Attributes:
    client_secret: what is left out stays; null makes it a public client.
    """

    title: RequiredLine
    issuer: Issuer
    client_id: Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,200}$")]
    client_secret: SecretStr | None = None
    scopes: Annotated[tuple[OAuthScope, ...], Field(max_length=20)] = ("openid", "profile", "email")
    username_claim: Claim = "preferred_username"
    role_rules: Annotated[tuple[RoleRule, ...], Field(max_length=200)] = ()
    creates_users: bool = True
    is_enabled: bool = True


class ProviderView(View):
    """Attributes:
    redirect_uri: what has to be registered there.
    """

    name: str
    title: str
    issuer: str
    client_id: str
    has_client_secret: bool
    scopes: list[str]
    username_claim: str
    role_rules: list[RoleRule]
    creates_users: bool
    is_enabled: bool
    redirect_uri: str
    updated_at: Time


class IdentityInput(Input):
    """Attributes:
    subject: the provider's `sub` for the person.
    """

    provider: Annotated[str, StringConstraints(pattern=PROVIDER_NAME)]
    subject: Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,255}$")]


class IdentityView(View):
    id: str
    issuer: str
    subject: str
    username: Username
    linked_at: Time
    last_sign_in_at: Time | None


class SignInProvider(View):
    name: str
    title: str


class SignInMethods(View):
    """Attributes:
    blueking: whether BlueKing's login service is asked.
    """

    password: bool
    providers: list[SignInProvider]
    blueking: bool
