"""The marketplace on a port, for commands that speak to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from kernel.errors import NotAuthenticated
from kernel.principal import Principal, PrincipalKind
from tests.support.marketplace import MarketplaceHouse
from tests.support.served_app import served_app


class NamesAsTokens:
    """The token is the user's name."""

    async def authenticate(self, session: AsyncSession, connection: HTTPConnection) -> Principal:
        scheme, _, name = connection.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or name == "wrong":
            raise NotAuthenticated("Sign in")
        return Principal(PrincipalKind.USER, name, is_admin=name == "admin", request_id="0" * 32)


@asynccontextmanager
async def served(house: MarketplaceHouse) -> AsyncIterator[str]:
    """Its address; the token of a user is his name."""
    house.app.state.authenticator = NamesAsTokens()
    async with served_app(house.app) as url:
        yield url
