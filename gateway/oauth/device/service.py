"""Devices without a browser: they show a code, and a person agrees elsewhere (RFC 8628)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749.errors import UnauthorizedClientError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.repository import find_app
from gateway.credentials import digest, new_credential
from gateway.oauth.authorization.checking import RequestChecker
from gateway.oauth.authorization.consents import Consents
from gateway.oauth.authorization.meanings import ScopeMeaning, meanings_of
from gateway.oauth.authorization.standing import SignedInPerson
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.client_endpoint import Form
from gateway.oauth.clients.settings import DEVICE_CODE
from gateway.oauth.device.guesses import CodeGuesses
from gateway.oauth.device.models import DeviceRequest
from gateway.oauth.device.repository import move_on, remove_expired, waiting_for
from gateway.oauth.device.user_codes import new_user_code, normal_user_code
from gateway.oauth.tokens.authorizations import Authorizations
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal

PAGE: Final = "/device"
LIFETIME: Final = timedelta(minutes=10)
INTERVAL: Final = 5


@dataclass(frozen=True, slots=True)
class DeviceQuestion:
    app: App
    request: DeviceRequest
    meanings: list[ScopeMeaning]


class DeviceService:
    def __init__(
        self,
        database: Database,
        checker: RequestChecker,
        authorizations: Authorizations,
        consents: Consents,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._database = database
        self._checker = checker
        self._authorizations = authorizations
        self._consents = consents
        self._clock = clock
        self._issuer = issuer
        self._guesses = CodeGuesses(clock)

    async def begin(self, client: OAuthClient, form: Form) -> dict[str, Any]:
        """The device authorization response (RFC 8628 §3.2).

        Raises:
            OAuth2Error: the client may not, or asks for what its grants don't cover.
        """
        if not client.check_grant_type(DEVICE_CODE):
            said = f"{client.app_code} may not use {DEVICE_CODE}; add it to the grant types of its OAuth settings"
            raise UnauthorizedClientError(said)
        device_code, user_code, now = new_credential("tld_"), new_user_code(), self._clock.now()
        async with self._database.unit_of_work() as session:
            scopes, resource = await self._checker.scopes_of(session, client.app_code, form)
            await remove_expired(session, now)
            session.add(
                DeviceRequest(
                    sha256=digest(device_code),
                    user_code_sha256=digest(user_code),
                    app_code=client.app_code,
                    scopes=sorted(scopes),
                    resource=resource,
                    interval=INTERVAL,
                    expires_at=now + LIFETIME,
                )
            )
        return {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": f"{self._issuer}{PAGE}",
            "verification_uri_complete": f"{self._issuer}{PAGE}?user_code={user_code}",
            "expires_in": int(LIFETIME.total_seconds()),
            "interval": INTERVAL,
        }

    async def question(self, session: AsyncSession, person: SignedInPerson, typed: str) -> DeviceQuestion:
        """What the device asks of the person.

        Raises:
            NotFound: no device waits with that code.
            TooManyRequests: he tried too many wrong ones.
        """
        request = await self._waiting(session, person, typed)
        app = await find_app(session, request.app_code)
        if app is None or not app.enabled:
            raise NotFound("The app of this device is disabled")
        scopes = frozenset(request.scopes)
        return DeviceQuestion(app, request, await meanings_of(session, app.app_code, scopes, self._clock.now()))

    async def allow(self, session: AsyncSession, principal: Principal, person: SignedInPerson, typed: str) -> None:
        """The person agrees; the device gets its tokens when it asks next. Raises as `question`, and Conflict."""
        question = await self.question(session, person, typed)
        request, scopes = question.request, frozenset(question.request.scopes)
        await self._consents.remember(session, principal, request.app_code, scopes)
        authorization = await self._authorizations.open(
            session,
            principal,
            app_code=request.app_code,
            scopes=scopes,
            resource=request.resource,
            signed_in_at=person.signed_in_at,
            expires_at=request.expires_at,
        )
        if not await move_on(session, request.sha256, "pending", "allowed", authorization.id):
            raise Conflict("The device got its answer already")

    async def deny(self, session: AsyncSession, principal: Principal, person: SignedInPerson, typed: str) -> None:
        """The person refuses. Raises as `question`, and Conflict."""
        request = await self._waiting(session, person, typed)
        record(session, principal, "oauth_authorization.refused", "app", request.app_code)
        if not await move_on(session, request.sha256, "pending", "denied"):
            raise Conflict("The device got its answer already")

    async def _waiting(self, session: AsyncSession, person: SignedInPerson, typed: str) -> DeviceRequest:
        self._guesses.require_patience(person.username)
        code = normal_user_code(typed)
        found = await waiting_for(session, digest(code), self._clock.now()) if code is not None else None
        if found is None:
            self._guesses.was_wrong(person.username)
            raise NotFound("No device waits with this code; look whether it shows a newer one")
        return found
