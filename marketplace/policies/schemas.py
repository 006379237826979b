from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from marketplace.package.manifest import PluginKind
from marketplace.policies.rules import AutoUpdate, Effect

Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:*-]{1,128}$")]
Signer = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=*]{1,128}$")]
Reason = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
_MAX = 200


class PluginPolicyRule(BaseModel):
    """Each condition that is given must be met; `*` stands for any text.

    Of `scopes`, a rule that denies is met by a plugin that asks for one of them; one that allows, by a plugin that asks
    for no other. `signers` are public keys, one of which has signed the version. `verified` is whether the publisher
    has the verified mark; null asks for neither.
    """

    model_config = ConfigDict(extra="forbid")

    effect: Effect
    plugins: list[Pattern] = Field(default=[], max_length=_MAX)
    publishers: list[Pattern] = Field(default=[], max_length=_MAX)
    kinds: list[PluginKind] = Field(default=[], max_length=len(PluginKind))
    scopes: list[Pattern] = Field(default=[], max_length=_MAX)
    signers: list[Signer] = Field(default=[], max_length=_MAX)
    verified: Annotated[bool | None, Field(strict=True)] = None
    reason: Reason = ""


class PluginPolicyDocument(BaseModel):
    """The first rule a plugin meets decides; `otherwise` holds where it meets none.

    `pinned` plugins get no further version; `auto_update` is how far the others follow new versions by themselves: null
    in a project for what the platform says, and there for `none`.
    """

    model_config = ConfigDict(extra="forbid")

    rules: list[PluginPolicyRule] = Field(default=[], max_length=_MAX)
    otherwise: Effect = Effect.ALLOW
    auto_update: AutoUpdate | None = None
    pinned: list[Code] = Field(default=[], max_length=_MAX)


class PluginPolicyPut(PluginPolicyDocument):
    """`version`, when sent, must be the one that was read."""

    version: int | None = Field(default=None, strict=True, ge=0, le=2**31 - 1)


class DisabledPluginView(BaseModel):
    plugin: str
    reason: str
    disabled_by: str
    disabled_at: datetime


class PluginPolicyView(PluginPolicyDocument):
    """`version` 0 stands for a policy nobody has set yet; `disabled` are the plugins switched off at this place."""

    version: int
    updated_by: str | None
    updated_at: datetime | None
    disabled: list[DisabledPluginView]


class DisableBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = ""
