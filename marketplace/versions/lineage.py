"""The versions of a plugin that stand around one that is to be published."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.compatibility import parsed
from marketplace.package.manifest import Manifest
from marketplace.package.package import Package, read_package
from marketplace.versions.repository import archive_of_version
from marketplace.versions.standing.repository import standings_of


@dataclass(frozen=True, slots=True)
class Lineage:
    """Attributes:
    before: the highest published version below.
    neighbour: that one, or where nothing is below the lowest above.
    signers: the keys that signed each published version.
    """

    before: Package | None
    neighbour: Package | None
    signers: dict[str, frozenset[str]]


async def lineage_of(session: AsyncSession, manifest: Manifest) -> Lineage:
    standings = (await standings_of(session, [manifest.code]))[manifest.code]
    signers = {number: frozenset(standing.signers) for number, standing in standings}
    mine = parsed(manifest.version)
    lower = max((number for number in signers if parsed(number) < mine), key=parsed, default=None)
    higher = min((number for number in signers if parsed(number) > mine), key=parsed, default=None)
    if lower is not None:
        before = await _package(session, manifest.code, lower)
        return Lineage(before, before, signers)
    return Lineage(None, await _package(session, manifest.code, higher) if higher is not None else None, signers)


async def _package(session: AsyncSession, code: str, version: str) -> Package:
    return read_package(await archive_of_version(session, code, version))
