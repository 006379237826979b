"""The plugins that flows of the catalogue need, and which of them it offers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.package.compatibility import parsed
from marketplace.package.manifest import Manifest, PluginKind
from marketplace.package.ranges import read_range
from marketplace.versions.models import PluginRow, PluginVersionRow
from marketplace.versions.standing.repository import standings_of

Lacks = dict[str, str]
"""Plugin → the range of versions of which there is none."""


class FlowVersion(NamedTuple):
    """A published version that is a flow."""

    code: str
    version: str
    digest: str
    manifest: str


def needs_of(manifest: Manifest) -> dict[str, str]:
    """Plugin → the range of versions that its nodes may run; nothing of what is no flow."""
    return {need.code: need.versions for need in manifest.flow.plugins} if manifest.flow is not None else {}


def highest(versions: str, among: Collection[str]) -> str | None:
    """The highest that lies in the range."""
    wanted = read_range(versions)
    return max((number for number in among if wanted.admits(number)), key=parsed, default=None)


def lacks_of(manifest: Manifest, offered: Mapping[str, Collection[str]]) -> Lacks:
    """Args:
    offered: plugin → versions.
    """
    needs = needs_of(manifest).items()
    return {code: versions for code, versions in needs if highest(versions, offered.get(code, ())) is None}


async def offered_versions(session: AsyncSession, codes: Iterable[str]) -> dict[str, list[str]]:
    """Plugin → its released versions that can be installed anew."""
    standings = await standings_of(session, list(codes))
    return {
        code: [number for number, standing in found if not standing.is_yanked and not parsed(number).prerelease]
        for code, found in standings.items()
    }


async def flows_among(session: AsyncSession, versions: Collection[tuple[str, str]]) -> Sequence[FlowVersion]:
    """Those of the versions, by code and number, that are flows."""
    row = PluginVersionRow
    statement = (
        select(col(row.plugin_code), col(row.version), col(row.digest), col(row.manifest))
        .join(PluginRow, col(PluginRow.code) == col(row.plugin_code))
        .where(
            col(PluginRow.kind) == PluginKind.FLOW.value,
            tuple_(col(row.plugin_code), col(row.version)).in_(list(versions)),
        )
    )
    return [FlowVersion(*found) for found in (await session.execute(statement)).all()]
