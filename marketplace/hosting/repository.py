from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.hosting.models import HostedPlugin
from marketplace.installs.models import InstallRow
from marketplace.versions.models import PluginRow, PluginVersionRow

LEASE: Final = timedelta(seconds=60)


async def find_hosted(session: AsyncSession, plugin: str, version: str) -> HostedPlugin | None:
    statement = select(HostedPlugin).where(col(HostedPlugin.plugin) == plugin, col(HostedPlugin.version) == version)
    return (await session.execute(statement)).scalar_one_or_none()


async def all_hosted(session: AsyncSession) -> list[HostedPlugin]:
    statement = select(HostedPlugin).order_by(col(HostedPlugin.plugin), col(HostedPlugin.id))
    return list((await session.execute(statement)).scalars())


async def installed_versions(session: AsyncSession) -> list[PluginVersionRow]:
    """Every version that some project has installed."""
    statement = (
        select(PluginVersionRow)
        .join(
            InstallRow,
            (col(InstallRow.plugin) == col(PluginVersionRow.plugin_code))
            & (col(InstallRow.version) == col(PluginVersionRow.version)),
        )
        .distinct()
    )
    return list((await session.execute(statement)).scalars())


async def installed_digests(session: AsyncSession) -> list[str]:
    """Of every version that some project has installed: `installed_versions` without their texts."""
    statement = (
        select(col(PluginVersionRow.digest))
        .join(
            InstallRow,
            (col(InstallRow.plugin) == col(PluginVersionRow.plugin_code))
            & (col(InstallRow.version) == col(PluginVersionRow.version)),
        )
        .distinct()
    )
    return list((await session.execute(statement)).scalars())


async def owned_plugins(session: AsyncSession, owner: str) -> frozenset[str]:
    """The codes of the plugins somebody owns."""
    statement = select(col(PluginRow.code)).where(col(PluginRow.owner) == owner)
    return frozenset((await session.execute(statement)).scalars())


async def take_lease(session: AsyncSession, hosted_id: str, machine: str, now: datetime) -> bool:
    """Whether the machine has the plugin now: it had it, nobody had, or who had it has been away."""
    free = or_(
        col(HostedPlugin.machine).is_(None),
        col(HostedPlugin.machine) == machine,
        col(HostedPlugin.leased_until) < now,
    )
    statement = update(HostedPlugin).where(col(HostedPlugin.id) == hosted_id, free)
    taken = await session.execute(statement.values(machine=machine, leased_until=now + LEASE))
    return bool(taken.rowcount)  # type: ignore[attr-defined]


async def renew_leases(session: AsyncSession, machine: str, now: datetime) -> None:
    statement = update(HostedPlugin).where(col(HostedPlugin.machine) == machine)
    await session.execute(statement.values(leased_until=now + LEASE))


async def tell(session: AsyncSession, hosted_id: str, values: dict[str, Any]) -> None:
    """How it does."""
    await session.execute(update(HostedPlugin).where(col(HostedPlugin.id) == hosted_id).values(**values))


async def forget_hosted(session: AsyncSession, hosted_id: str) -> None:
    await session.execute(delete(HostedPlugin).where(col(HostedPlugin.id) == hosted_id))
