"""What people agreed to let apps do for them: remembered, shown and taken back."""

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.authorization.models import Consent
from gateway.oauth.authorization.repository import consents_of, find_consent
from gateway.oauth.tokens.authorizations import Authorizations
from gateway.oauth.tokens.revocations import Revocations
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal


class Consents:
    """A person's own; nobody consents for somebody else."""

    def __init__(self, authorizations: Authorizations, revocations: Revocations, clock: Clock) -> None:
        self._authorizations = authorizations
        self._revocations = revocations
        self._clock = clock

    async def remembered(self, session: AsyncSession, username: str, app_code: str) -> frozenset[str] | None:
        """The scopes; `None` when the person never agreed to any."""
        consent = await find_consent(session, username, app_code)
        return frozenset(consent.scopes) if consent is not None else None

    async def remember(
        self, session: AsyncSession, principal: Principal, app_code: str, scopes: frozenset[str]
    ) -> None:
        """Adds to what the person agreed to before.

        Raises:
            Conflict: he answers two requests of the app at once.
        """
        now = self._clock.now()
        consent = await find_consent(session, principal.id, app_code, for_update=True)
        before = list(consent.scopes) if consent is not None else None
        agreed = sorted({*scopes, *(before or ())})
        if before == agreed:
            return
        if consent is None:
            consent = Consent(username=principal.id, app_code=app_code, scopes=agreed, created_at=now)
            session.add(consent)
        consent.scopes, consent.updated_at = agreed, now
        try:
            await session.flush()
        except IntegrityError as error:  # another window was quicker
            raise Conflict("You answer another request of this app at this moment; try again") from error
        record(
            session,
            principal,
            "consent.given",
            "app",
            app_code,
            before={"scopes": before} if before is not None else None,
            after={"scopes": agreed},
        )

    async def browse(self, session: AsyncSession, principal: Principal) -> Iterable[tuple[Consent, str]]:
        """With the apps' names."""
        return await consents_of(session, principal.id)

    async def withdraw(self, session: AsyncSession, principal: Principal, app_code: str) -> int:
        """Takes the consent back and ends all the app was allowed; answers the revision.

        Raises:
            NotFound: there is no such consent.
        """
        await self._revocations.lock(session)
        consent = await find_consent(session, principal.id, app_code)
        if consent is None:
            raise NotFound(f"You have not agreed to anything for {app_code}")
        await session.delete(consent)
        record(session, principal, "consent.withdrawn", "app", app_code, before={"scopes": consent.scopes})
        said = "the consent was withdrawn"
        return await self._authorizations.end(
            session, principal, username=principal.id, app_code=app_code, because=said
        )
