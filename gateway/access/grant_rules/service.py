from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grant_rules.models import SystemGrantRules
from gateway.access.grant_rules.repository import find_rules, rules_of
from gateway.access.grant_rules.rules import GrantRules
from gateway.access.grants.reminders import next_reminder
from gateway.access.grants.repository import running_grants
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.principal import Principal


class Systems(Protocol):
    """Systems as those who see or manage them find them: implemented by gateway.registry."""

    async def visible(self, session: AsyncSession, principal: Principal, name: str) -> Any: ...

    async def lock(self, session: AsyncSession, principal: Principal, name: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What to change; `None` keeps it."""

    terms: Sequence[int | None] | None = None
    self_approval: bool | None = None
    reminder_days: Sequence[int] | None = None


class GrantRulesService:
    def __init__(self, systems: Systems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def get(self, session: AsyncSession, principal: Principal, system: str) -> GrantRules:
        """Everybody may know the rules. Raises NotFound."""
        await self._systems.visible(session, principal, system)
        return await rules_of(session, system)

    async def change(self, session: AsyncSession, principal: Principal, system: str, change: RulesChange) -> GrantRules:
        """The rules as they are now; grants that run are reminded of by them.

        Raises:
            NotFound: no such system.
            PermissionDenied: the caller doesn't manage it.
        """
        await self._systems.lock(session, principal, system)
        before = await rules_of(session, system)
        wanted = {each.name: getattr(change, each.name) for each in fields(change)}
        rules = replace(before, **{name: _plain(value) for name, value in wanted.items() if value is not None})
        if rules == before:
            return rules
        await self._store(session, principal, system, rules)
        if rules.reminder_days != before.reminder_days:
            now = self._clock.now()
            for grant in await running_grants(session, system, now):
                grant.remind_at = next_reminder(grant.expires_at, rules.reminder_days, now)
        record(session, principal, "grant_rules.changed", "system", system, before=asdict(before), after=asdict(rules))
        return rules

    async def _store(self, session: AsyncSession, principal: Principal, system: str, rules: GrantRules) -> None:
        found = await find_rules(session, system) or SystemGrantRules(
            system=system, terms=[], self_approval=False, reminder_days=[], updated_by="", updated_at=self._clock.now()
        )
        found.terms, found.reminder_days = list(rules.terms), list(rules.reminder_days)
        found.self_approval = rules.self_approval
        found.updated_by, found.updated_at = principal.id, self._clock.now()
        session.add(found)
        await session.flush()


def _plain(value: Any) -> Any:
    """A list's members once each, in their order."""
    return tuple(dict.fromkeys(value)) if isinstance(value, Sequence) else value
