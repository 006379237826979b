"""What people want, kept and applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.book import Channel
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.people.models import UserPreferences
from adapters.notify.service.people.preferences import URGENT, Preferences, QuietHours, Rule
from adapters.notify.service.people.repository import PeopleRepository
from adapters.notify.service.people.schemas import OfUser, PreferenceChoices, SetPreferences
from adapters.notify.service.receivers import Receiver
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Courtesy:
    """What a message owes to its receivers.

    Attributes:
        held: until when, by the receiver's name.
        muted: who does not want it.
    """

    held: Mapping[str, datetime] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()


class PreferenceBook:
    def __init__(self, repository: PeopleRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def of(self, session: AsyncSession, usernames: Sequence[str]) -> dict[str, Preferences]:
        """Of those who have any."""
        return {row.username: _read(row) for row in await self._repository.preferences_of(session, usernames)}

    async def courtesy(
        self, session: AsyncSession, channel: Channel, receivers: Sequence[Receiver], topic: str, importance: str
    ) -> Courtesy:
        """Who is to be left alone by a message of this kind, and for how long; nobody by a mandatory one."""
        if channel.is_mandatory:
            return Courtesy()
        found = await self.of(session, [one.name for one in receivers if not one.given])
        muted = frozenset(name for name, wishes in found.items() if wishes.refuses(topic, importance, channel.msg_type))
        if importance == URGENT or channel.kind is Kind.MAIL:
            return Courtesy(muted=muted)
        now = self._clock.now()
        ends = {name: wishes.quiet_until(now) for name, wishes in found.items()}
        return Courtesy({name: until for name, until in ends.items() if until is not None}, muted)


class PreferenceService:
    def __init__(self, repository: PeopleRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def set_preferences(self, session: AsyncSession, caller: SignedCaller, asked: SetPreferences) -> Any:
        return await self.keep(session, caller.principal, caller.user or caller.app, asked.username, asked)

    async def get_preferences(self, session: AsyncSession, _caller: SignedCaller, asked: OfUser) -> Any:
        return await self.read(session, asked.username)

    async def delete_preferences(self, session: AsyncSession, caller: SignedCaller, asked: OfUser) -> Any:
        row = await self._repository.preferences(session, asked.username)
        if row is not None:
            await self._repository.remove_preferences(session, asked.username)
            _audit(session, caller.principal, "notify_preferences.deleted", asked.username, _facts(row), None)
        return await self.read(session, asked.username)

    async def keep(
        self, session: AsyncSession, principal: Principal, by: str, username: str, wishes: PreferenceChoices
    ) -> dict[str, Any]:
        """Args:
        by: who sets them: the user himself, or who may do so for others.
        """
        row = await self._repository.preferences(session, username)
        before = _facts(row) if row is not None else None
        row = row or UserPreferences(username=username)
        row.time_zone, row.quiet_from, row.quiet_to = wishes.time_zone, wishes.quiet_from, wishes.quiet_to
        row.rules = [rule.model_dump() for rule in wishes.rules]
        row.updated_by, row.updated_at = by, self._clock.now()
        session.add(row)
        _audit(session, principal, "notify_preferences.set", username, before, _facts(row))
        return {"username": username, **_facts(row), "is_set": True}

    async def read(self, session: AsyncSession, username: str) -> dict[str, Any]:
        """As they apply now."""
        row = await self._repository.preferences(session, username)
        found = row or UserPreferences(username=username)
        return {"username": username, **_facts(found), "is_set": row is not None}


def _read(row: UserPreferences) -> Preferences:
    quiet = QuietHours(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_to)) if row.quiet_from else None
    return Preferences(row.time_zone, quiet, tuple(Rule(**rule) for rule in row.rules))


def _facts(row: UserPreferences) -> dict[str, Any]:
    return {
        "time_zone": row.time_zone,
        "quiet_from": row.quiet_from,
        "quiet_to": row.quiet_to,
        "rules": row.rules,
    }


def _audit(
    session: AsyncSession,
    principal: Principal,
    action: str,
    username: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    record(session, principal, action, "notify_preferences", username, before=before, after=after)
