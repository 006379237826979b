from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.grant_rules.models import SystemGrantRules
from gateway.access.grant_rules.rules import USUAL_RULES, GrantRules


async def find_rules(session: AsyncSession, system: str) -> SystemGrantRules | None:
    return await session.get(SystemGrantRules, system)


async def rules_of(session: AsyncSession, system: str) -> GrantRules:
    """The system's own rules, or the usual ones."""
    found = await find_rules(session, system)
    if found is None:
        return USUAL_RULES
    return GrantRules(tuple(found.terms), found.self_approval, tuple(found.reminder_days))
