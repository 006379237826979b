"""What becomes of versions after they were taken: channels, yanks, deprecations and advisories of the other
installation are said of its plugins here too, as far as somebody here could say them.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import Database
from kernel.errors import TrunklineError
from kernel.ids import is_id
from kernel.principal import Principal, PrincipalKind
from marketplace.advisories.repository import find_by_origin
from marketplace.advisories.schemas import AdvisoryView, NewAdvisory, WithdrawalBody
from marketplace.advisories.service import AdvisoryService
from marketplace.mirrors.schemas import PluginChange
from marketplace.mirrors.taking import owner_of
from marketplace.versions.repository import find_plugin, find_version
from marketplace.versions.schemas import Deprecation
from marketplace.versions.standing.repository import standing_of
from marketplace.versions.standing.schemas import DeprecationBody, YankBody
from marketplace.versions.standing.service import StandingService

_log = structlog.get_logger()


class StandingFollower:
    """Of the plugins a mirror brought; what others published here under the same content is theirs."""

    def __init__(self, mirror: str, database: Database, standing: StandingService, advisories: AdvisoryService) -> None:
        self._mirror = mirror
        self._database = database
        self._standing = standing
        self._advisories = advisories
        self._principal = Principal(PrincipalKind.SYSTEM, owner_of(mirror), is_admin=True)

    async def version(self, change: PluginChange) -> None:
        """Its channel and whether it is yanked."""
        async with self._changing(change.code) as session:
            here = await find_version(session, change.code, change.version)
            if here is None or not await self._is_ours(session, change.code):
                return
            standing = await standing_of(session, here.id)
            if standing.channel != change.channel:
                await self._standing.move(session, self._principal, change.code, change.version, change.channel)
            if standing.yank_message == change.yank_message:
                return
            if standing.is_yanked:
                await self._standing.unyank(session, self._principal, change.code, change.version)
            if change.yank_message is not None:
                message = YankBody(message=change.yank_message).message
                await self._standing.yank(session, self._principal, change.code, change.version, message)

    async def deprecation(self, code: str, deprecation: Deprecation | None) -> None:
        """A replacement that is not published here is left out."""
        async with self._changing(code) as session:
            if not await self._is_ours(session, code):
                return
            if deprecation is not None:
                deprecation = DeprecationBody.model_validate(deprecation.model_dump()).deprecation()
            if deprecation is not None and deprecation.replacement is not None:
                found = await find_plugin(session, deprecation.replacement)
                replacement = deprecation.replacement if found is not None else None
                deprecation = deprecation.model_copy(update={"replacement": replacement})
            await self._standing.deprecate(session, self._principal, code, deprecation)

    async def advisories(self, code: str, found: Iterable[AdvisoryView]) -> None:
        """Those of versions that are not here wait until one is."""
        async with self._changing(code) as session:
            if not await self._is_ours(session, code):
                return
            for advisory in found:
                if is_id(advisory.id):
                    await self._advisory(session, code, advisory)

    async def _advisory(self, session: AsyncSession, code: str, advisory: AdvisoryView) -> None:
        origin = f"{self._mirror}:{advisory.id}"
        here = await find_by_origin(session, origin)
        is_over = advisory.withdrawn_at is not None
        if not is_over and advisory.plugin == code:
            new = _as_given(advisory)
            if not await self._advisories.concerns(session, code, new.affected):
                return
            if here is None:
                await self._advisories.publish(session, self._principal, code, new, origin=origin)
            elif here.withdrawn_at is None:
                await self._advisories.change(session, self._principal, here.id, new)
        if here is not None and is_over and here.withdrawn_at is None:
            body = WithdrawalBody(reason=advisory.withdrawn_reason or "withdrawn where it came from")
            await self._advisories.withdraw(session, self._principal, here.id, body.reason)

    @asynccontextmanager
    async def _changing(self, code: str) -> AsyncIterator[AsyncSession]:
        """What can't be said of a plugin here (a pre-release in `stable`) stops neither the others nor the round."""
        try:
            async with self._database.unit_of_work() as session:
                yield session
        except TrunklineError as refusal:
            self._note(code, refusal.detail)
        except ValidationError as refusal:
            self._note(code, "; ".join(f"{error['loc']}: {error['msg']}" for error in refusal.errors()[:5]))

    def _note(self, code: str, reason: str) -> None:
        _log.warning("mirrored_standing_refused", mirror=self._mirror, plugin=code, reason=reason)

    async def _is_ours(self, session: AsyncSession, code: str) -> bool:
        plugin = await find_plugin(session, code)
        return plugin is not None and plugin.owner == owner_of(self._mirror)


def _as_given(advisory: AdvisoryView) -> NewAdvisory:
    """Raises ValidationError: it says what none may say here."""
    return NewAdvisory.model_validate(advisory.model_dump(include={"severity", "affected", "title", "text"}))
