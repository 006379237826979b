"""Who is at the door of the management API: implemented by gateway.identity."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from kernel.principal import Principal


class Authenticator(Protocol):
    async def authenticate(self, session: AsyncSession, connection: HTTPConnection) -> Principal:
        """The principal of a session cookie or bearer token.

        Raises:
            NotAuthenticated: no credential, or one that doesn't hold.
            PermissionDenied: a session without its CSRF token on a changing call.
        """
        ...
