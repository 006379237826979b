"""The marketplace on a port, for commands that speak to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from kernel.errors import NotAuthenticated
from kernel.principal import Principal, PrincipalKind
from tests.support.marketplace import MarketplaceHouse
from tests.support.server import free_port


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
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(house.app, port=port, lifespan="off", ws="none", log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
