"""Which scopes an app's tokens may carry: those of the components it holds a grant on, and of such as need none.

A component that needs no grant is opened by its own name alone (`system.component`), and only in a token that asks for
it: the scopes it shares with others would open those too, and nobody carries what he did not ask for.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749.errors import InvalidScopeError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grants.repository import active_grants
from gateway.oauth.form import tellable
from gateway.registry.repository import open_components, served_components

_MAX_NAMED = 10
_LONGEST = 5000
"""Signs; the gateway takes tokens of 8192, and a scope takes four thirds of its length in one."""


@dataclass(frozen=True, slots=True)
class AllowedScopes:
    """A scope may cover more components than are granted; each call is checked against the grant as well.

    Attributes:
        all: of the components under grants that hold now, their `system.component` forms included; and what was asked
            for of those that need none.
        usual: the fewest names that open the same components: their own scopes, and `system.component` for one that
            declares none. A system's hundreds of components named one by one would make a token too long to be sent.
    """

    all: frozenset[str] = frozenset()
    usual: frozenset[str] = frozenset()

    def required(self, scope: str | None, app_code: str) -> frozenset[str]:
        """The scopes asked for, or the usual ones.

        Raises:
            InvalidScopeError: naming those that no grant covers; or there are too many for one token.
        """
        asked = frozenset(scope.split()) if scope else self.usual
        missing = sorted(asked - self.all)
        if missing:
            named = tellable(", ".join(missing[:_MAX_NAMED]))
            raise InvalidScopeError(
                f"No grant of {app_code} covers the scope {named}; apply for one. A component that needs none is asked "
                "for as system.component"
            )
        require_sendable(asked)
        return asked


def require_sendable(scopes: frozenset[str]) -> None:
    """Raises InvalidScopeError for too many for one token."""
    if len(" ".join(scopes)) > _LONGEST:
        raise InvalidScopeError(f"{len(scopes)} scopes are too many for one token; ask for those you need, in scope")


async def allowed_scopes(
    session: AsyncSession, app_code: str, now: datetime, asked: frozenset[str] = frozenset()
) -> AllowedScopes:
    """What tokens of the app may carry now.

    Args:
        asked: the scopes that are wanted; among them may be names of components that need no grant.
    """
    allowed, usual = await _granted(session, app_code, now)
    return AllowedScopes(frozenset(allowed | await _open(session, asked - allowed)), frozenset(usual))


async def _granted(session: AsyncSession, app_code: str, now: datetime) -> tuple[set[str], set[str]]:
    granted: defaultdict[str, set[str | None]] = defaultdict(set)
    for grant in await active_grants(session, app_code, now):
        granted[grant.system].add(grant.component)
    allowed: set[str] = set()
    usual: set[str] = set()
    if not granted:
        return allowed, usual
    for system, component, scopes in await served_components(session, sorted(granted)):
        if None in granted[system] or component in granted[system]:
            own = f"{system}.{component}"
            allowed.add(own)
            allowed.update(scopes)
            usual.update(scopes or [own])
    return allowed, usual


async def _open(session: AsyncSession, names: frozenset[str]) -> frozenset[str]:
    """Those that name a component which needs no grant."""
    systems = sorted({name.partition(".")[0] for name in names if "." in name})
    if not systems:
        return frozenset()
    served = await open_components(session, systems)
    return names & {f"{system}.{component}" for system, component in served}
