"""Which scopes an app's tokens may carry: those of the components it holds a grant on."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grants.repository import active_grants
from gateway.registry.repository import served_components


async def allowed_scopes(session: AsyncSession, app_code: str, now: datetime) -> frozenset[str]:
    """Scopes of the components under grants that hold now, their `system.component` forms included.

    A scope may cover more components than are granted; each call is checked against the grant as well.
    """
    granted: defaultdict[str, set[str | None]] = defaultdict(set)
    for grant in await active_grants(session, app_code, now):
        granted[grant.system].add(grant.component)
    if not granted:
        return frozenset()
    allowed: set[str] = set()
    for system, component, scopes in await served_components(session, sorted(granted)):
        if None in granted[system] or component in granted[system]:
            allowed.add(f"{system}.{component}")
            allowed.update(scopes)
    return frozenset(allowed)
