"""What users of a published version rely on, kept with it: what comes after is compared with it again and again."""

import asyncio
import json
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.compatibility import Contract, FormTags
from marketplace.package.manifest import Manifest
from marketplace.package.package import Package
from marketplace.package.published import published_contract
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.repository import archive_of_version, find_kept


@dataclass(frozen=True, slots=True)
class Promise:
    manifest: Manifest
    contract: Contract


def kept_promises(package: Package) -> str:
    """What of a package's contract its manifest does not say, as JSON."""
    contract = package.contract()
    form = contract.form
    kept = {
        "context": contract.context,
        "form": {"digest": form.digest, "tags": sorted(form.tags)} if form is not None else None,
    }
    return json.dumps(kept)


async def promise_of(session: AsyncSession, code: str, version: str, manifests: ManifestCache) -> Promise:
    """Of a published version."""
    kept = await find_kept(session, code, version)
    manifest = manifests.manifest_of(kept)
    if kept.promises is None:
        archive = await archive_of_version(session, code, version)
        return Promise(manifest, await asyncio.to_thread(published_contract, archive, manifest))
    return Promise(manifest, _contract(manifest, kept.promises))


def _contract(manifest: Manifest, promises: str) -> Contract:
    kept = json.loads(promises)
    form = FormTags(kept["form"]["digest"], frozenset(kept["form"]["tags"])) if kept["form"] is not None else None
    return Contract(manifest.inputs, manifest.outputs, kept["context"], form)
