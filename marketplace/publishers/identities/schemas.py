from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from marketplace.package.manifest import Code

CodePattern = Annotated[str, Field(pattern=r"^[a-z0-9_*]{1,64}$")]


class PublisherIdentityBody(BaseModel):
    """Whose tokens publish.

    Attributes:
        issuer: of the tokens, exactly as they name it; one that `TRUNKLINE_PLUGIN_PUBLISH_ISSUERS` admits.
        subject: what they say of whom they are, e.g. `repo:acme/plugins:ref:refs/heads/main`; a `*` at its end stands
            for any text.
        plugins: codes that may be published so, in which `*` stands for any text.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^https?://[\x21-\x7e]+$")]
    subject: Annotated[str, Field(max_length=255, pattern=r"^[A-Za-z0-9_.:/@+=,~|-]{8,254}\*?$")]
    plugins: Annotated[list[CodePattern], Field(min_length=1, max_length=50)]


class PublisherIdentityView(BaseModel):
    """`proven_at` is when a token of it came first, of `proven_subject`; null before, and once it has lapsed.

    `proven_until` is when it lapses unless another token comes; null where nothing is proven, or it never lapses.
    """

    id: str
    publisher: str
    issuer: str
    subject: str
    plugins: list[str]
    created_by: str
    created_at: datetime
    proven_at: datetime | None
    proven_subject: str | None
    last_used_at: datetime | None
    proven_until: datetime | None


class ExchangeBody(BaseModel):
    """`identity_token` is a signed token (OpenID Connect) of an identity of the publisher, made for this installation:
    its audience is `TRUNKLINE_PUBLIC_URL`.
    """

    model_config = ConfigDict(extra="forbid")

    identity_token: Annotated[SecretStr, Field(min_length=1, max_length=10_000)]
    plugin: Code


class PublishTokenView(BaseModel):
    """`token` publishes the plugin, sent as a bearer token to `POST /v1/plugins`, and nothing else."""

    token: str
    plugin: str
    expires_at: datetime
