"""Headers set and removed on the way in and out. BlueKing: `bk-header-rewrite` (request), `response-rewrite`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.policies.kinds.fields import HeaderValue, RewritableHeader
from gateway.policies.kinds.policy import Config, Kind


class Rewrite(Config):
    """A header that is set replaces what the client or the upstream sent; `remove` goes first."""

    set: Annotated[dict[RewritableHeader, HeaderValue], Field(default_factory=dict, max_length=50)]
    remove: Annotated[tuple[RewritableHeader, ...], Field(max_length=50)] = ()


class HeaderRewrite(Config):
    """Identity, credentials, the signature and the headers of a connection can neither be set nor removed."""

    request: Annotated[Rewrite, Field(default_factory=Rewrite, description="On the way to the upstream")]
    response: Annotated[Rewrite, Field(default_factory=Rewrite, description="On the way to the client")]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not any((self.request.set, self.request.remove, self.response.set, self.response.remove)):
            raise ValueError("rewrites nothing; give request or response")
        return self


KIND = Kind("header-rewrite", "Headers set and removed on the way in and out.", HeaderRewrite)
