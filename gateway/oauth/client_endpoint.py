"""What endpoints that clients call themselves, beside the token endpoint, have in common."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from authlib.oauth2.base import OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.client_authentication.authenticator import ClientAuthenticator
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.form import read_form
from gateway.oauth.service import NO_STORE, OAuthResponse, refusal
from kernel.db.database import Database

Form = Mapping[str, str]
Act = Callable[[OAuthClient, Form], Awaitable[dict[str, Any]]]


class ClientEndpoint:
    def __init__(self, database: Database, authenticator: ClientAuthenticator) -> None:
        self._database = database
        self._authenticator = authenticator

    async def answer(self, headers: Mapping[str, str], body: bytes, act: Act) -> OAuthResponse:
        """What `act` answers to the client that the request proves to come from; it never raises for what was sent."""
        try:
            form = read_form(headers.get("content-type", ""), body)
            async with self._database.reading() as session:
                client = await self._client(session, form, headers)
            return OAuthResponse(200, await act(client, form), NO_STORE)
        except OAuth2Error as error:
            return refusal(error)

    async def _client(self, session: AsyncSession, form: Form, headers: Mapping[str, str]) -> OAuthClient:
        return await self._authenticator.authenticate(session, form, headers)
