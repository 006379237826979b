"""What changed about published versions, in the order in which it did: read by installations that follow this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.versions.models import PluginRow, PluginVersionRow, VersionStandingRow


@dataclass(frozen=True, slots=True)
class VersionChange:
    """A version as it stands since `change`; each stands once in the whole list.

    Attributes:
        deprecation: of its plugin.
    """

    change: str
    code: str
    version: str
    publisher: str
    digest: str
    channel: str
    yank_message: str | None
    deprecation: dict[str, Any] | None


async def changes_after(session: AsyncSession, after: str, limit: int) -> Sequence[VersionChange]:
    """The oldest first."""
    statement = (
        select(
            col(VersionStandingRow.change),
            col(VersionStandingRow.plugin_code),
            col(PluginVersionRow.version),
            col(PluginRow.publisher),
            col(PluginVersionRow.digest),
            col(VersionStandingRow.channel),
            col(VersionStandingRow.yank_message),
            col(PluginRow.deprecation),
        )
        .join(PluginVersionRow, col(PluginVersionRow.id) == col(VersionStandingRow.version_id))
        .join(PluginRow, col(PluginRow.code) == col(VersionStandingRow.plugin_code))
        .where(col(VersionStandingRow.change) > after)
        .order_by(col(VersionStandingRow.change))
        .limit(limit)
    )
    return [VersionChange(*row) for row in (await session.execute(statement)).all()]
