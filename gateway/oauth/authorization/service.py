"""Authorization requests of apps, and what people answer to them."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.repository import find_app
from gateway.oauth.authorization.answers import code_address, error_address
from gateway.oauth.authorization.checking import RefusedRequest, RequestChecker
from gateway.oauth.authorization.codes import Codes
from gateway.oauth.authorization.consents import Consents
from gateway.oauth.authorization.meanings import ScopeMeaning, meanings_of
from gateway.oauth.authorization.pending import Pending, PendingRequests
from gateway.oauth.authorization.standing import Asked, Missing, SignedInPerson, missing
from gateway.oauth.errors import ConsentRequired, LoginRequired, UntrustedRequest
from gateway.oauth.form import read_parameters
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal

PAGE: Final = "/consent"


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked.

    Attributes:
        missing: what he has to do before the app gets its answer.
    """

    app: App
    asked: Asked
    meanings: list[ScopeMeaning]
    missing: Missing


class AuthorizationService:
    def __init__(
        self,
        database: Database,
        checker: RequestChecker,
        pending: PendingRequests,
        consents: Consents,
        codes: Codes,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._database = database
        self._checker = checker
        self._pending = pending
        self._consents = consents
        self._codes = codes
        self._clock = clock
        self._issuer = issuer

    async def begin(self, query: bytes, principal: Principal, person: SignedInPerson | None) -> str:
        """Where the browser goes next: back to the app with its answer, or to the page that asks the person.

        Raises:
            UntrustedRequest: nowhere; the person is to read why.
        """
        try:
            parameters = read_parameters(query)
        except InvalidRequestError as error:
            raise UntrustedRequest(error.description) from error
        pending = Pending(parameters, self._clock.now())
        try:
            async with self._database.reading() as session:
                asked = await self._checker.check(session, parameters, pending.received_at)
                lacking = await self._missing(session, asked, person)
        except RefusedRequest as refused:
            return error_address(refused.destination, self._issuer, refused.error)
        if person is not None and lacking is Missing.NOTHING:
            async with self._database.unit_of_work() as session:
                return await self._answer(session, principal, asked, person)
        if asked.request.must_not_ask:
            told = LoginRequired() if lacking is Missing.SIGN_IN else ConsentRequired()
            return error_address(asked.request.destination, self._issuer, told)
        return f"{PAGE}?{urlencode({'request': self._pending.seal(pending)})}"

    async def question(self, session: AsyncSession, person: SignedInPerson, sealed: str) -> Question:
        """What the person is asked.

        Raises:
            Invalid, Conflict: the request is none of ours, too old, or holds no longer.
        """
        asked = await self._opened(session, sealed)
        app = await find_app(session, asked.request.destination.app_code)
        if app is None:
            raise NotFound("There is no such app")
        meanings = await meanings_of(session, app.app_code, asked.scopes, self._clock.now())
        return Question(app, asked, meanings, await self._missing(session, asked, person))

    async def allow(self, session: AsyncSession, principal: Principal, person: SignedInPerson, sealed: str) -> str:
        """The person agrees; answers where his browser goes.

        Raises:
            Conflict: the app wants him to sign in first.
        """
        asked = await self._opened(session, sealed)
        if await self._missing(session, asked, person) is Missing.SIGN_IN:
            raise Conflict("The app wants you to sign in again first", code="sign_in_needed")
        if not asked.settings.is_first_party:
            await self._consents.remember(session, principal, asked.request.destination.app_code, asked.scopes)
        return await self._answer(session, principal, asked, person)

    async def deny(self, session: AsyncSession, principal: Principal, sealed: str) -> str:
        """The person refuses; answers where his browser goes."""
        destination = (await self._opened(session, sealed)).request.destination
        record(session, principal, "oauth_authorization.refused", "app", destination.app_code)
        return error_address(destination, self._issuer, AccessDeniedError())

    async def _opened(self, session: AsyncSession, sealed: str) -> Asked:
        pending = self._pending.open(sealed, self._clock.now())
        try:
            return await self._checker.check(session, pending.parameters, pending.received_at)
        except (RefusedRequest, UntrustedRequest) as error:
            raise Conflict("The app's request holds no longer; go back to it", code="request_void") from error

    async def _missing(self, session: AsyncSession, asked: Asked, person: SignedInPerson | None) -> Missing:
        consented = None
        if person is not None:
            app_code = asked.request.destination.app_code
            consented = await self._consents.remembered(session, person.username, app_code)
        return missing(asked, person, consented, self._clock.now())

    async def _answer(self, session: AsyncSession, principal: Principal, asked: Asked, person: SignedInPerson) -> str:
        code = await self._codes.give(session, principal, asked, person)
        return code_address(asked.request.destination, self._issuer, code)
