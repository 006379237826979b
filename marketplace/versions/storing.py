"""Writing a version: it, its package, its standing, and what they make of the plugin."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.errors import Conflict
from kernel.principal import Principal
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.models import FormScriptRow
from marketplace.package.manifest import Manifest
from marketplace.package.package import Package
from marketplace.publishers.models import PublisherRow
from marketplace.publishers.repository import find_publisher
from marketplace.versions.checks import Check, summary
from marketplace.versions.describing import Described, describe_by_latest, description_of
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginArchiveRow, PluginRow, PluginVersionRow, VersionStandingRow
from marketplace.versions.place import Place
from marketplace.versions.promises import kept_promises
from marketplace.versions.ranking import Candidate
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell


@dataclass(frozen=True, slots=True)
class Accepted:
    """A package that may become a version.

    Attributes:
        form: what its form.js became; a form in the manifest goes before it.
        author: who published it.
    """

    package: Package
    form: Conversion | None
    channel: str
    checks: list[Check]
    author: str
    at: datetime


async def store_version(
    session: AsyncSession, principal: Principal, accepted: Accepted, place: Place, manifests: ManifestCache
) -> PluginVersionRow:
    """Args:
        place: where it will stand, held until the transaction ends.

    Raises:
        Conflict: another request is publishing the same.
    """
    manifest = accepted.package.manifest
    try:
        plugin = await _plugin(session, accepted, place)
        version = await _version(session, accepted)
        _record(session, principal, accepted)
        await session.flush()
    except IntegrityError as error:
        raise Conflict(f"{manifest.code} {manifest.version} is being published by another request") from error
    candidates = [*place.candidates(), Candidate(manifest.version, accepted.channel)]
    described = Described(manifest, accepted.package.readme)
    await describe_by_latest(session, plugin, candidates, manifests, described)
    news = News(CatalogueEvent.PUBLISHED, manifest.publisher, manifest.code, _facts(accepted))
    await tell(session, principal, news, accepted.at)
    return version


async def _plugin(session: AsyncSession, accepted: Accepted, place: Place) -> PluginRow:
    """The plugin of a version; a new one belongs to whom its publisher's name belongs to."""
    manifest = accepted.package.manifest
    if place.plugin is not None:
        place.plugin.updated_at = accepted.at
        return place.plugin
    publisher = await find_publisher(session, manifest.publisher)
    if publisher is None:
        publisher = PublisherRow(name=manifest.publisher, owner=accepted.author, created_at=accepted.at)
        session.add(publisher)
    plugin = PluginRow(
        code=manifest.code,
        publisher=manifest.publisher,
        owner=publisher.owner,
        created_at=accepted.at,
        updated_at=accepted.at,
        **description_of(manifest),
    )
    session.add(plugin)
    await session.flush()
    return plugin


async def _version(session: AsyncSession, accepted: Accepted) -> PluginVersionRow:
    package, form = accepted.package, accepted.form
    version = PluginVersionRow(
        plugin_code=package.manifest.code,
        version=package.manifest.version,
        digest=package.digest,
        manifest=manifest_with_form(package.manifest, form).model_dump_json(),
        promises=kept_promises(package),
        readme=package.readme,
        changelog=package.changelog,
        published_by=accepted.author,
        published_at=accepted.at,
    )
    session.add(version)
    await session.flush()
    session.add(PluginArchiveRow(version_id=version.id, content=package.archive))
    session.add(_standing(version, accepted))
    if form is not None:
        session.add(_form_script(version, package, form))
    return version


def _standing(version: PluginVersionRow, accepted: Accepted) -> VersionStandingRow:
    return VersionStandingRow(
        version_id=version.id,
        plugin_code=version.plugin_code,
        channel=accepted.channel,
        signers=[signature.key for signature in accepted.package.signatures],
        screenshots=list(accepted.package.screenshots),
        checks=summary(accepted.checks),
    )


def manifest_with_form(manifest: Manifest, form: Conversion | None) -> Manifest:
    """As it is kept. A form in the manifest goes before that of a form.js; texts alone speak for its fields."""
    given = manifest.form or {}
    if form is None or given.keys() - {"i18n"}:
        return manifest
    return manifest.model_copy(update={"form": form.form.in_languages(given.get("i18n") or {}).document()})


def _form_script(version: PluginVersionRow, package: Package, form: Conversion) -> FormScriptRow:
    report = {name: part for name, part in form.document().items() if name != "form"}
    return FormScriptRow(
        version_id=version.id, code=form.code, source=package.form_script, report=json.dumps(report, ensure_ascii=False)
    )


def _record(session: AsyncSession, principal: Principal, accepted: Accepted) -> None:
    manifest = accepted.package.manifest
    after = {"publisher": manifest.publisher, **_facts(accepted)}
    record(session, principal, "plugin.published", "plugin", manifest.code, after=after)


def _facts(accepted: Accepted) -> dict[str, Any]:
    manifest = accepted.package.manifest
    return {
        "version": manifest.version,
        "digest": accepted.package.digest,
        "scopes": sorted(manifest.scope_names()),
        "channel": accepted.channel,
        "published_by": accepted.author,
    }
