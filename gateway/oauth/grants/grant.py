"""What every grant type of the token endpoint is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.grants import BaseGrant
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.client_authentication.client import OAuthClient


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request of a client that has proven who it is.

    Attributes:
        headers: by their names in lower case.
        key_thumbprint: of the key that the client has proven to hold and its tokens will be bound to (RFC 9449).
    """

    form: Mapping[str, str]
    headers: Mapping[str, str]
    client: OAuthClient
    now: datetime
    key_thumbprint: str | None = None


class TokenGrant(Protocol):
    """A grant type: it reads what the decision needs, Authlib decides without waiting, then it issues.

    Attributes:
        decider: Authlib's grant, or ours in its manner; it finds what was read at `self.server.material` and raises
            OAuth2Error for a request that is refused.
    """

    @property
    def decider(self) -> type[BaseGrant]: ...

    async def read(self, session: AsyncSession, request: TokenRequest) -> Any:
        """What the decision needs of the database. Writes nothing."""

    async def issue(self, request: TokenRequest, material: Any, decided: OAuth2Request) -> dict[str, Any]:
        """The members of the answer; what has to be written for it is durable when it returns.

        Raises:
            OAuth2Error: somebody else was quicker, e.g. with the same code.
        """
