from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.policies.models import DisabledPluginRow, PluginPolicyRow
from marketplace.policies.rules import Policy, read_policy
from marketplace.policies.standing import Standing

EVERYWHERE: Final = ""


async def find_policy(session: AsyncSession, place: str, *, lock: bool = False) -> PluginPolicyRow | None:
    """Args:
    place: a project's id, or `EVERYWHERE`.
    """
    statement = select(PluginPolicyRow).where(col(PluginPolicyRow.project_id) == place)
    if lock:
        statement = statement.with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def find_disabled(session: AsyncSession, place: str) -> list[DisabledPluginRow]:
    """What is switched off at one place, by plugin."""
    statement = select(DisabledPluginRow).where(col(DisabledPluginRow.project_id) == place)
    return list((await session.execute(statement.order_by(col(DisabledPluginRow.plugin)))).scalars())


async def find_standing(session: AsyncSession, project_id: str) -> Standing:
    """What holds for the plugins of a project."""
    places = (EVERYWHERE, project_id)
    policies = await session.execute(select(PluginPolicyRow).where(col(PluginPolicyRow.project_id).in_(places)))
    read = {row.project_id: read_policy(row.document) for row in policies.scalars()}
    switched = await session.execute(select(DisabledPluginRow).where(col(DisabledPluginRow.project_id).in_(places)))
    # The platform's word comes last, so that it is what is told.
    rows = sorted(switched.scalars(), key=lambda row: row.project_id == EVERYWHERE)
    disabled = {row.plugin: row.reason for row in rows}
    return Standing(read.get(EVERYWHERE, Policy()), read.get(project_id, Policy()), disabled)
