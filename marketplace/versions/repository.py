from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from marketplace.versions.models import PluginRow, PluginVersionRow


async def find_plugin(session: AsyncSession, code: str) -> PluginRow | None:
    return (await session.execute(select(PluginRow).where(col(PluginRow.code) == code))).scalar_one_or_none()


async def find_other_owner(session: AsyncSession, publisher: str, owner: str) -> str | None:
    """Who, other than `owner`, has published under a publisher's name."""
    statement = (
        select(PluginRow.owner)
        .where(col(PluginRow.publisher) == publisher, col(PluginRow.owner) != owner)
        .order_by(col(PluginRow.id))
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_version(session: AsyncSession, code: str, version: str) -> PluginVersionRow | None:
    statement = select(PluginVersionRow).where(
        col(PluginVersionRow.plugin_code) == code, col(PluginVersionRow.version) == version
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_versions(session: AsyncSession, codes: Iterable[str]) -> list[PluginVersionRow]:
    """All versions of these plugins, the newest publication first."""
    statement = (
        select(PluginVersionRow)
        .where(col(PluginVersionRow.plugin_code).in_(list(codes)))
        .order_by(col(PluginVersionRow.id).desc())
    )
    return list((await session.execute(statement)).scalars())
