"""Publishing: from a package that is right in itself to an immutable version, or into quarantine."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import Invalid
from kernel.principal import Principal
from marketplace.legacy_forms.conversion import Conversion
from marketplace.package.errors import PackageRefused
from marketplace.package.manifest import Manifest
from marketplace.package.package import Package
from marketplace.versions import wordings
from marketplace.versions.checks import Check, CheckName, CheckResult
from marketplace.versions.errors import PublisherTaken, VersionExists
from marketplace.versions.examination import Examination
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.place import Place, place_of
from marketplace.versions.ranking import may_stand_in, usual_channel
from marketplace.versions.repository import find_version
from marketplace.versions.review.holding import hold
from marketplace.versions.review.models import SubmissionRow
from marketplace.versions.storing import Accepted, store_version


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of a package: a version, or a submission that waits for a person.

    Attributes:
        made: this call made it; otherwise the same package had become it before.
    """

    version: PluginVersionRow | None
    submission: SubmissionRow | None
    made: bool


class PublishService:
    def __init__(
        self, authorizer: Authorizer, examination: Examination, manifests: ManifestCache, clock: Clock
    ) -> None:
        self._authorizer = authorizer
        self._examination = examination
        self._manifests = manifests
        self._clock = clock

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
    ) -> Publication:
        """Makes the package a version; the same package again answers the version it became.

        Raises:
            PermissionDenied: not allowed to publish; and as `accept`.
        """
        await self.require_publisher(session, principal)
        return await self.accept(session, principal, package, form, channel)

    async def accept(
        self,
        session: AsyncSession,
        principal: Principal,
        package: Package,
        form: Conversion | None = None,
        channel: str | None = None,
    ) -> Publication:
        """As `publish`, of whoever may publish at all: that was looked at already.

        Args:
            form: what the package's form.js became; a form in the manifest goes before it.
            channel: missing means stable, or beta for a pre-release.

        Raises:
            PermissionDenied: the code or publisher is somebody else's, reserved, or may be taken for somebody else's.
            VersionExists: published before, with other content.
            PackageRefused: components or scopes that are not registered, or don't fit the calls; a number that
                hides what changed; signatures that don't hold or are missing.
            Invalid: a pre-release can't be stable.
        """
        channel = _channel(package.manifest, channel)
        place = await place_of(session, package.manifest.code, lock=True)
        names = await self._examination.names(session, principal, package, place)
        if names.problems:
            raise PublisherTaken(names.problems[0].problem, fields=names.problems)
        if package.manifest.version in place.versions:
            existing = await find_version(session, package.manifest.code, package.manifest.version)
            return Publication(_unchanged(existing, package), None, made=False)
        checks = await self.require_content(session, package, place)
        accepted = Accepted(package, form, channel, checks, principal.id, self._clock.now())
        if any(check.result is CheckResult.APPROVAL for check in checks):
            submission, made = await hold(session, principal, accepted)
            return Publication(None, submission, made)
        version = await store_version(session, principal, accepted, place, self._manifests)
        return Publication(version, None, made=True)

    async def require_content(self, session: AsyncSession, package: Package, place: Place) -> list[Check]:
        """The checks, none of which failed.

        Raises:
            PackageRefused: with the problems of all that did.
        """
        checks = await self._examination.content(session, package, place)
        problems = [problem for check in checks for problem in check.problems]
        if problems:
            raise PackageRefused(problems)
        return checks

    async def examine(self, session: AsyncSession, principal: Principal, package: Package) -> list[Check]:
        """What publishing would find; changes nothing.

        Raises:
            PermissionDenied: the caller may not publish at all.
        """
        await self.require_publisher(session, principal)
        place = await place_of(session, package.manifest.code, lock=False)
        names = await self._examination.names(session, principal, package, place)
        content = await self._examination.content(session, package, place)
        existing = place.versions.get(package.manifest.version)
        if existing is not None and existing.digest != package.digest:
            problem = wordings.PUBLISHED_OTHERWISE.at("version")
            content = [check for check in content if check.name is not CheckName.VERSION]
            content.append(Check.of(CheckName.VERSION, [problem]))
        return [*(check for check in content if check.name is not CheckName.NAMES), names]


def _unchanged(existing: PluginVersionRow | None, package: Package) -> PluginVersionRow:
    if existing is not None and existing.digest == package.digest:
        return existing
    manifest = package.manifest
    problem = f"{manifest.code} {manifest.version} was published with other content, and versions never change"
    raise VersionExists(problem, fields=[wordings.PUBLISHED.at("version")])


def _channel(manifest: Manifest, wanted: str | None) -> str:
    if wanted is None:
        return usual_channel(manifest.version)
    if not may_stand_in(manifest.version, wanted):
        raise Invalid.of(wordings.NOT_STABLE.at("channel", version=manifest.version))
    return wanted
