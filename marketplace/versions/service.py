"""Publishing: from a package that is right in itself to an immutable version."""

import json

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.contracts.components import ComponentDirectory
from kernel.errors import Conflict, FieldProblem, Invalid
from kernel.principal import Principal
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.models import FormScriptRow
from marketplace.package.errors import PackageRefused
from marketplace.package.manifest import Manifest
from marketplace.package.package import Package
from marketplace.versions.component_check import component_problems
from marketplace.versions.describing import describe_by_latest, description_of
from marketplace.versions.errors import PublisherTaken, VersionExists
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginArchiveRow, PluginRow, PluginVersionRow, VersionStandingRow
from marketplace.versions.ranking import channel_problem, usual_channel
from marketplace.versions.repository import find_other_owner, find_plugin, find_version
from marketplace.versions.successor import successor_problems


class PublishService:
    """Args:
    trusted_keys: public keys of which one must have signed what is published; none asks for no signature.
    """

    def __init__(
        self,
        authorizer: Authorizer,
        components: ComponentDirectory,
        manifests: ManifestCache,
        clock: Clock,
        trusted_keys: frozenset[str],
    ) -> None:
        self._authorizer = authorizer
        self._components = components
        self._manifests = manifests
        self._clock = clock
        self._trusted_keys = trusted_keys

    async def require_publisher(self, session: AsyncSession, principal: Principal) -> None:
        """Raises:
        PermissionDenied: the caller may not publish at all.
        """
        await self._authorizer.require(session, principal, Action.PLUGIN_PUBLISH, PLATFORM)

    async def has(self, session: AsyncSession, code: str, version: str) -> bool:
        """Whether a version is published, whatever has become of it since."""
        return await find_version(session, code, version) is not None

    async def publish(
        self,
        session: AsyncSession,
        principal: Principal,
        package: Package,
        form: Conversion | None = None,
        channel: str | None = None,
    ) -> tuple[PluginVersionRow, bool]:
        """Makes the package a version; the same package again answers the version it became.

        Args:
            form: what the package's form.js became; a form in the manifest goes before it.
            channel: missing means stable, or beta for a pre-release.

        Returns:
            The version, and whether this call made it.

        Raises:
            PermissionDenied: not allowed to publish, or the code or publisher is somebody else's.
            VersionExists: published before, with other content.
            PackageRefused: components or scopes that are not registered, or don't fit the calls; a number that
                hides what changed; signatures that don't hold or are missing.
            Invalid: a pre-release can't be stable.
        """
        await self.require_publisher(session, principal)
        manifest = package.manifest
        channel = _channel(manifest, channel)
        plugin = await find_plugin(session, manifest.code)
        await self._require_owner(session, principal, manifest, plugin)
        existing = await find_version(session, manifest.code, manifest.version)
        if existing is not None:
            return _unchanged(existing, package), False
        problems = await component_problems(session, self._components, manifest)
        problems += await successor_problems(session, package, self._trusted_keys)
        if problems:
            raise PackageRefused(problems)
        try:
            return await self._store(session, principal, package, plugin, form, channel), True
        except IntegrityError as error:
            raise Conflict(f"{manifest.code} {manifest.version} is being published by another request") from error

    async def _require_owner(
        self, session: AsyncSession, principal: Principal, manifest: Manifest, plugin: PluginRow | None
    ) -> None:
        if plugin is not None and plugin.publisher != manifest.publisher:
            problem = f"{plugin.code} is published by {plugin.publisher}"
            raise PublisherTaken(problem, fields=[FieldProblem("publisher", problem, f"Write {plugin.publisher}")])
        if principal.is_admin:
            return
        if plugin is not None and plugin.owner != principal.id:
            problem = f"{plugin.code} belongs to {plugin.owner}"
            raise PublisherTaken(problem, fields=[FieldProblem("code", problem, "Choose another code")])
        other = await find_other_owner(session, manifest.publisher, principal.id)
        if other is not None:
            problem = f"{manifest.publisher} is the name of {other}"
            raise PublisherTaken(problem, fields=[FieldProblem("publisher", problem, "Choose another name")])

    async def _store(
        self,
        session: AsyncSession,
        principal: Principal,
        package: Package,
        plugin: PluginRow | None,
        form: Conversion | None,
        channel: str,
    ) -> PluginVersionRow:
        manifest, now = package.manifest, self._clock.now()
        if plugin is None:
            plugin = PluginRow(
                code=manifest.code,
                publisher=manifest.publisher,
                owner=principal.id,
                created_at=now,
                **description_of(manifest),
            )
            session.add(plugin)
            await session.flush()
        version = PluginVersionRow(
            plugin_code=manifest.code,
            version=manifest.version,
            digest=package.digest,
            manifest=_with_form(manifest, form).model_dump_json(),
            readme=package.readme,
            changelog=package.changelog,
            published_by=principal.id,
            published_at=now,
        )
        session.add(version)
        await session.flush()
        session.add(PluginArchiveRow(version_id=version.id, content=package.archive))
        session.add(_standing(version, package, channel))
        if form is not None:
            session.add(_form_script(version, package, form))
        record(
            session,
            principal,
            "plugin.published",
            "plugin",
            manifest.code,
            after={
                "version": manifest.version,
                "digest": package.digest,
                "publisher": manifest.publisher,
                "scopes": sorted(manifest.scope_names()),
                "channel": channel,
            },
        )
        await session.flush()
        await describe_by_latest(session, plugin, self._manifests)
        return version


def _unchanged(existing: PluginVersionRow, package: Package) -> PluginVersionRow:
    if existing.digest == package.digest:
        return existing
    manifest = package.manifest
    problem = f"{manifest.code} {manifest.version} was published with other content, and versions never change"
    raise VersionExists(problem, fields=[FieldProblem("version", "is published already", "Raise it")])


def _with_form(manifest: Manifest, form: Conversion | None) -> Manifest:
    if form is None or manifest.form is not None:
        return manifest
    return manifest.model_copy(update={"form": form.form.document()})


def _form_script(version: PluginVersionRow, package: Package, form: Conversion) -> FormScriptRow:
    report = {name: part for name, part in form.document().items() if name != "form"}
    return FormScriptRow(
        version_id=version.id, code=form.code, source=package.form_script, report=json.dumps(report, ensure_ascii=False)
    )


def _standing(version: PluginVersionRow, package: Package, channel: str) -> VersionStandingRow:
    return VersionStandingRow(
        version_id=version.id,
        plugin_code=version.plugin_code,
        channel=channel,
        signers=[signature.key for signature in package.signatures],
        checks=[],
    )


def _channel(manifest: Manifest, wanted: str | None) -> str:
    if wanted is None:
        return usual_channel(manifest.version)
    problem = channel_problem(manifest.version, wanted)
    if problem is not None:
        raise Invalid.field("channel", problem, "Choose another channel, or release it")
    return wanted
