"""Flows in the catalogue: packages like any other, which projects take into their flows instead of installing."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.flow_market import FlowPackage, FlowWish, PublishedFlow
from kernel.principal import Principal
from marketplace.flows.models import FlowTakeRow
from marketplace.flows.needs import Lacks, flows_among, highest, lacks_of, needs_of, offered_versions
from marketplace.package.archive import read_archive
from marketplace.package.limits import CHANGELOG, FLOW, MANIFEST, README
from marketplace.package.manifest import Manifest, PluginKind
from marketplace.package.package import Package, pack
from marketplace.versions.errors import PluginUnknown, VersionIncompatible, VersionYanked
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.repository import archive_of_version, find_version
from marketplace.versions.review.models import reasons_of
from marketplace.versions.service import PublishService
from marketplace.versions.standing.offers import require_offered


class CatalogueFlows:
    """A `kernel.contracts.flow_market.FlowMarket`."""

    def __init__(self, publishing: PublishService, manifests: ManifestCache, clock: Clock) -> None:
        self._publishing = publishing
        self._manifests = manifests
        self._clock = clock

    async def get(self, session: AsyncSession, code: str, version: str) -> FlowPackage:
        """Raises:
        PluginUnknown: no such version, or none that is a flow.
        """
        row, manifest = await self._require(session, code, version)
        content = manifest.flow
        return FlowPackage(
            code,
            version,
            row.digest,
            manifest.name.model_dump(),
            await self.document(session, code, version),
            {need.code: need.versions for need in (content.plugins if content is not None else ())},
            tuple(content.secrets) if content is not None else (),
            await _withdrawn(session, row),
        )

    async def document(self, session: AsyncSession, code: str, version: str) -> dict[str, Any]:
        """What is in the package; raises as `get`."""
        await self._require(session, code, version)
        archive = await archive_of_version(session, code, version)
        found: dict[str, Any] = await asyncio.to_thread(lambda: json.loads(read_archive(archive)[FLOW]))
        return found

    async def publish(self, session: AsyncSession, principal: Principal, wish: FlowWish) -> PublishedFlow:
        """Raises as `PublishService.publish`; and PackageRefused for what is no package at all."""
        await self._publishing.require_publisher(session, principal)
        package = await asyncio.to_thread(_packed, wish)
        made = await self._publishing.publish(session, principal, package, channel=wish.channel)
        if made.submission is not None:
            return PublishedFlow("waiting", package.digest, tuple(reasons_of(made.submission)))
        return PublishedFlow("published" if made.made else "unchanged", package.digest)

    async def pack(self, wish: FlowWish) -> bytes:
        """Raises PackageRefused: it is no package at all."""
        package = await asyncio.to_thread(_packed, wish)
        return package.archive

    async def note_taken(self, session: AsyncSession, project_id: str, code: str) -> None:
        if await session.get(FlowTakeRow, (code, project_id)) is None:
            session.add(FlowTakeRow(code=code, project_id=project_id, taken_at=self._clock.now()))
            await session.flush()

    async def fitting(self, session: AsyncSession, plugin: str, versions: str) -> str | None:
        return highest(versions, (await offered_versions(session, [plugin]))[plugin])

    def highest(self, versions: str, among: Collection[str]) -> str | None:
        return highest(versions, among)

    async def lacking(self, session: AsyncSession, manifests: Sequence[Manifest]) -> list[Lacks]:
        """What each needs, being a flow, and the catalogue does not offer."""
        offered = await offered_versions(session, {code for manifest in manifests for code in needs_of(manifest)})
        return [lacks_of(manifest, offered) for manifest in manifests]

    async def lacking_among(
        self, session: AsyncSession, versions: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], Lacks]:
        """As `lacking`, of those versions, by code and number, that are flows."""
        rows = await flows_among(session, versions)
        lacks = await self.lacking(session, [self._manifests.manifest_of(row) for row in rows])
        return {(row.code, row.version): each for row, each in zip(rows, lacks, strict=True)}

    async def needed_beside(self, session: AsyncSession, versions: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """The plugins that flows among those versions need and that are not among them: the highest offered."""
        needs = [needs_of(self._manifests.manifest_of(row)) for row in await flows_among(session, versions)]
        offered = await offered_versions(session, {code for each in needs for code in each})
        found: set[tuple[str, str]] = set()
        for code, wanted in (need for each in needs for need in each.items()):
            if highest(wanted, [number for name, number in versions if name == code]) is None:
                best = highest(wanted, offered[code])
                found |= {(code, best)} if best is not None else set()
        return found

    async def _require(self, session: AsyncSession, code: str, version: str) -> tuple[PluginVersionRow, Manifest]:
        row = await find_version(session, code, version)
        manifest = self._manifests.manifest_of(row) if row is not None else None
        if row is None or manifest is None or manifest.kind is not PluginKind.FLOW:
            raise PluginUnknown(f"There is no version {version!r} of a flow {code!r} in the catalogue")
        return row, manifest


async def _withdrawn(session: AsyncSession, row: PluginVersionRow) -> str | None:
    try:
        await require_offered(session, row)
    except (VersionYanked, VersionIncompatible) as error:
        return error.detail
    return None


def _packed(wish: FlowWish) -> Package:
    files = {
        MANIFEST: yaml.safe_dump(_manifest(wish), allow_unicode=True, sort_keys=False).encode(),
        README: wish.readme.encode(),
        CHANGELOG: wish.changelog.encode(),
        FLOW: (json.dumps(wish.document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(),
    }
    return pack(files)


def _manifest(wish: FlowWish) -> dict[str, Any]:
    schema: Mapping[str, Any] = wish.form["schema"]
    form = {name: wish.form[name] for name in ("uischema", "i18n") if wish.form.get(name)}
    return {
        "code": wish.code,
        "version": wish.version,
        "kind": PluginKind.FLOW.value,
        "publisher": wish.publisher,
        "name": dict(wish.name),
        "description": dict(wish.description),
        "tags": list(wish.tags),
        "inputs": dict(schema),
        "outputs": {"type": "object", "properties": {name: {} for name in wish.outputs}},
        **({"form": form} if form else {}),
        "flow": {
            "plugins": [{"code": code, "versions": versions} for code, versions in sorted(wish.plugins.items())],
            "secrets": sorted(wish.secrets),
        },
    }
