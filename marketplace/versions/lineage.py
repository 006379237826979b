"""The versions of a plugin that stand around one that is to be published."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.compatibility import parsed
from marketplace.package.manifest import Manifest
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.place import Place
from marketplace.versions.promises import Promise, promise_of


@dataclass(frozen=True, slots=True)
class Lineage:
    """Attributes:
    before: the highest published version below.
    neighbour: that one, or where nothing is below the lowest above.
    signers: the keys that signed each published version.
    """

    before: Promise | None
    neighbour: Promise | None
    signers: dict[str, frozenset[str]]


async def lineage_of(session: AsyncSession, manifest: Manifest, place: Place, manifests: ManifestCache) -> Lineage:
    signers = {number: known.signers for number, known in place.versions.items()}
    mine = parsed(manifest.version)
    lower = max((number for number in signers if parsed(number) < mine), key=parsed, default=None)
    higher = min((number for number in signers if parsed(number) > mine), key=parsed, default=None)
    beside = lower or higher
    neighbour = await promise_of(session, manifest.code, beside, manifests) if beside is not None else None
    return Lineage(neighbour if lower is not None else None, neighbour, signers)
