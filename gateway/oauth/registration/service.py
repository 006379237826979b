"""Clients that register themselves (RFC 7591) and keep their registration (RFC 7592): off unless a setting says so."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from authlib.oauth2.base import OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.repository import find_app
from gateway.access.apps.service import AppService
from gateway.credentials import digest, new_credential
from gateway.oauth.clients.repository import client_settings, put_client_settings
from gateway.oauth.clients.settings import SECRET_METHODS
from gateway.oauth.registration.client_metadata import ClientMetadata, read_metadata, told_metadata
from gateway.oauth.registration.models import RegisteredClient
from gateway.oauth.registration.repository import (
    find_initial_token,
    registered_since,
    remove_client,
    unused_since,
)
from gateway.oauth.tokens.authorizations import Authorizations
from gateway.oauth.tokens.revocations import Revocations
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.principal import Principal, PrincipalKind, system_principal

Registration = Literal["off", "token", "open"]

MOST_OF_ONE_ORIGIN: Final = 20
MOST_OF_ALL: Final = 500
PERIOD: Final = timedelta(hours=1)
"""In which so many may register."""

_AT_ONCE = 100
_SELF = system_principal("client registration")


class NotRegistered(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The token of the request is missing or wrong."""

    error = "invalid_token"
    status_code = 401


class TooMany(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """So many clients register just now that this one must wait."""

    error = "temporarily_unavailable"
    status_code = 429


@dataclass(frozen=True, slots=True)
class Registrant:
    """Attributes:
    origin: the initial access token's id, else the address.
    owner: to whom the client will belong; nobody where registration is open.
    """

    origin: str
    owner: str | None


class RegistrationService:
    """Args:
    unused: how long a client is kept that nobody used; `longest` seconds is what access tokens hold at most.
    """

    def __init__(
        self,
        database: Database,
        apps: AppService,
        authorizations: Authorizations,
        revocations: Revocations,
        clock: Clock,
        *,
        issuer: str,
        registration: Registration,
        unused: timedelta,
        longest: int,
    ) -> None:
        self._database = database
        self._apps = apps
        self._authorizations = authorizations
        self._revocations = revocations
        self._clock = clock
        self._issuer = issuer
        self.registration = registration
        self._unused = unused
        self._longest = longest

    async def register(self, token: str | None, address: str, sent: object) -> dict[str, Any]:
        """The answer to a client that registers; raises OAuth2Error."""
        metadata = read_metadata(sent, self._longest)
        async with self._database.unit_of_work() as session:
            registrant = await self._registrant(session, token, address)
            since = self._clock.now() - PERIOD
            here, everywhere = (
                await registered_since(session, since, registrant.origin),
                await registered_since(session, since),
            )
            if here >= MOST_OF_ONE_ORIGIN or everywhere >= MOST_OF_ALL:
                raise TooMany("Too many clients registered within the last hour; try again later")
            return await self._add(session, registrant, address, metadata)

    async def show(self, app_code: str, token: str | None) -> dict[str, Any]:
        """The client's registration as it stands (RFC 7592 §2.1); raises NotRegistered."""
        async with self._database.reading() as session:
            _, app = await self._own(session, app_code, token)
            return self._told(app_code, ClientMetadata(app.name, await client_settings(session, app_code)))

    async def change(self, app_code: str, token: str | None, sent: object) -> dict[str, Any]:
        """Replaces the registration as a whole (RFC 7592 §2.2); raises OAuth2Error."""
        metadata = read_metadata(sent, self._longest)
        async with self._database.unit_of_work() as session:
            _, app = await self._own(session, app_code, token)
            before = ClientMetadata(app.name, await client_settings(session, app_code))
            app.name = metadata.name or app_code
            await put_client_settings(session, app_code, metadata.settings)
            principal, told = Principal(PrincipalKind.APP, app_code), told_metadata(metadata)
            record(
                session, principal, "oauth_client.changed", "app", app_code, before=told_metadata(before), after=told
            )
        return self._told(app_code, metadata)

    async def remove(self, app_code: str, token: str | None) -> None:
        """Ends the client and everything it was given (RFC 7592 §2.3); raises NotRegistered."""
        async with self._database.unit_of_work() as session:
            await self._revocations.lock(session)
            _, app = await self._own(session, app_code, token)
            principal = Principal(PrincipalKind.APP, app_code)
            await self._authorizations.end_app(session, principal, app_code)
            told = {"name": app.name, "owner": app.owner}
            record(session, principal, "app.removed", "app", app_code, before=told)
            await self._apps.disable(session, app)
            await session.delete(await session.get_one(RegisteredClient, app_code))

    async def expire(self) -> bool:
        """Removes clients that nobody used; a background part's turn."""
        before = self._clock.now() - self._unused
        async with self._database.reading() as session:
            if not await unused_since(session, before, 1):
                return False
        async with self._database.unit_of_work() as session:
            unused = await unused_since(session, before, _AT_ONCE)
            for app_code in unused:
                await remove_client(session, app_code)
                record(session, _SELF, "app.removed", "app", app_code, after={"because": "nobody used it"})
        return len(unused) == _AT_ONCE

    async def _registrant(self, session: AsyncSession, token: str | None, address: str) -> Registrant:
        if token is not None:
            found = await find_initial_token(session, digest(token), self._clock.now())
            if found is not None:
                return Registrant(found.id, found.owner)
        if token is None and self.registration == "open":
            return Registrant(address, None)
        raise NotRegistered("Send an initial access token that holds, as Authorization: Bearer")

    async def _add(
        self, session: AsyncSession, registrant: Registrant, address: str, metadata: ClientMetadata
    ) -> dict[str, Any]:
        app_code, token = f"c-{secrets.token_hex(10)}", new_credential("tlg_")
        kind = PrincipalKind.SYSTEM if registrant.owner is None else PrincipalKind.USER
        principal = Principal(kind, registrant.owner or _SELF.id, ip=address)
        needs_secret = metadata.settings.token_endpoint_auth_method in SECRET_METHODS
        secret = await self._apps.add_registered(
            session, principal, app_code=app_code, name=metadata.name or app_code, owner=registrant.owner,
            needs_secret=needs_secret,
        )  # fmt: skip
        await put_client_settings(session, app_code, metadata.settings)
        now = self._clock.now()
        session.add(
            RegisteredClient(app_code=app_code, token_sha256=digest(token), origin=registrant.origin, created_at=now)
        )
        told = told_metadata(metadata)
        record(session, principal, "oauth_client.registered", "app", app_code, after=told)
        answer = {
            **self._told(app_code, metadata),
            "client_id_issued_at": int(now.timestamp()),
            "registration_access_token": token,
        }
        return answer | ({"client_secret": secret, "client_secret_expires_at": 0} if secret is not None else {})

    async def _own(self, session: AsyncSession, app_code: str, token: str | None) -> tuple[RegisteredClient, App]:
        found = await session.get(RegisteredClient, app_code)
        app = await find_app(session, app_code)
        sent = digest(token or "")
        if found is None or app is None or not app.enabled or not hmac.compare_digest(found.token_sha256, sent):
            raise NotRegistered("There is no such client, or the token is not its registration access token")
        return found, app

    def _told(self, app_code: str, metadata: ClientMetadata) -> dict[str, Any]:
        address = f"{self._issuer}/oauth/register/{app_code}"
        return {"client_id": app_code, "registration_client_uri": address, **told_metadata(metadata)}
