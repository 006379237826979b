"""Which scopes an app's tokens may carry: those of the components it holds a grant on."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749.errors import InvalidScopeError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grants.repository import active_grants
from gateway.oauth.form import tellable
from gateway.registry.repository import served_components

_MAX_NAMED = 10
_LONGEST = 5000
"""Signs; the gateway takes tokens of 8192, and a scope takes four thirds of its length in one."""


@dataclass(frozen=True, slots=True)
class AllowedScopes:
    """A scope may cover more components than are granted; each call is checked against the grant as well.

    Attributes:
        all: of the components under grants that hold now, their `system.component` forms included.
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
            raise InvalidScopeError(f"No grant of {app_code} covers the scope {named}; apply for one")
        require_sendable(asked)
        return asked


def require_sendable(scopes: frozenset[str]) -> None:
    """Raises InvalidScopeError for too many for one token."""
    if len(" ".join(scopes)) > _LONGEST:
        raise InvalidScopeError(f"{len(scopes)} scopes are too many for one token; ask for those you need, in scope")


async def allowed_scopes(session: AsyncSession, app_code: str, now: datetime) -> AllowedScopes:
    """What tokens of the app may carry now."""
    granted: defaultdict[str, set[str | None]] = defaultdict(set)
    for grant in await active_grants(session, app_code, now):
        granted[grant.system].add(grant.component)
    if not granted:
        return AllowedScopes()
    allowed: set[str] = set()
    usual: set[str] = set()
    for system, component, scopes in await served_components(session, sorted(granted)):
        if None in granted[system] or component in granted[system]:
            own = f"{system}.{component}"
            allowed.add(own)
            allowed.update(scopes)
            usual.update(scopes or [own])
    return AllowedScopes(frozenset(allowed), frozenset(usual))
