from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.policies.kinds.policy import Level
from gateway.policies.models import PolicySet
from gateway.policies.repository import find_policy_set
from gateway.registry.manifest.state import Document
from kernel.principal import Principal


async def put_policies(
    session: AsyncSession,
    principal: Principal,
    level: Level,
    place: str,
    policies: Sequence[Document],
    now: datetime,
) -> None:
    """Has exactly these stand there; they were checked. The caller records and publishes it."""
    found = await find_policy_set(session, level, place)
    wanted = [dict(policy) for policy in policies]
    if wanted == (found.policies if found is not None else []):
        return
    row = found or PolicySet(level=level.value, place=place)
    row.policies, row.version, row.updated_by, row.updated_at = wanted, row.version + 1, principal.id, now
    session.add(row)
