"""What a scope lets an app do, in the words of the systems' owners."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grants.repository import active_grants
from gateway.registry.models import System
from gateway.registry.repository import find_system, served_titles


@dataclass(frozen=True, slots=True)
class CoveredComponent:
    """Attributes:
    is_read: a call changes nothing.
    """

    name: str
    title: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class ScopeMeaning:
    """Attributes:
    system: empty for a scope of OpenID Connect.
    components: what the app could call with it, by its grants of now.
    """

    scope: str
    system: str = ""
    system_title: str = ""
    components: tuple[CoveredComponent, ...] = ()


async def meanings_of(
    session: AsyncSession, app_code: str, scopes: frozenset[str], now: datetime
) -> list[ScopeMeaning]:
    """One for each scope."""
    systems = {_system_of(scope) for scope in scopes} - {""}
    known = {name: found for name in systems if (found := await find_system(session, name)) is not None}
    covered = await _covered(session, app_code, known, now)
    return [
        ScopeMeaning(
            scope,
            _system_of(scope),
            known[_system_of(scope)].title if _system_of(scope) in known else "",
            tuple(covered.get(scope, {}).values()),
        )
        for scope in sorted(scopes)
    ]


async def _covered(
    session: AsyncSession, app_code: str, systems: dict[str, System], now: datetime
) -> dict[str, dict[str, CoveredComponent]]:
    granted = {(grant.system, grant.component) for grant in await active_grants(session, app_code, now)}
    covered: defaultdict[str, dict[str, CoveredComponent]] = defaultdict(dict)
    for system, component, title, is_read, scopes in await served_titles(session, sorted(systems)):
        if (system, None) in granted or (system, component) in granted:
            for scope in (f"{system}.{component}", *scopes):
                covered[scope][component] = CoveredComponent(component, title, is_read)
    return covered


def _system_of(scope: str) -> str:
    for sign in (":", "."):
        system, found, _ = scope.partition(sign)
        if found:
            return system
    return ""
