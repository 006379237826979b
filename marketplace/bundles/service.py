"""Packages taken along in one file, and taken in from one: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.errors import FieldProblem, Invalid, TrunklineError
from kernel.principal import Principal
from marketplace.bundles.archive import MAX_BUNDLE, MAX_PACKAGES, Bundle, BundledPackage, write_bundle
from marketplace.bundles.errors import BundleRefused
from marketplace.bundles.schemas import BundleOutcome, BundleResult
from marketplace.flows.service import CatalogueFlows
from marketplace.legacy_forms.conversion import Conversion
from marketplace.package.package import Package
from marketplace.versions.packages import PackageService
from marketplace.versions.review.models import reasons_of
from marketplace.versions.service import Publication, PublishService
from marketplace.versions.standing.repository import standing_of


@dataclass(frozen=True, slots=True)
class Incoming:
    """A package of a bundle, read, and its form evaluated."""

    listed: BundledPackage
    package: Package
    form: Conversion | None


@dataclass(frozen=True, slots=True)
class RefusedPackage:
    """A package of a bundle that can't be published."""

    listed: BundledPackage
    error: TrunklineError

    def result(self) -> BundleResult:
        listed, error = self.listed, self.error
        problems = [f"{field.field} {field.problem}" for field in error.fields] or [error.detail]
        return BundleResult(
            code=listed.code,
            version=listed.version,
            digest=listed.digest,
            outcome=BundleOutcome.REFUSED,
            problems=problems,
        )


class BundleService:
    def __init__(self, publishing: PublishService, packages: PackageService, flows: CatalogueFlows) -> None:
        self._publishing = publishing
        self._packages = packages
        self._flows = flows

    async def require_publisher(self, session: AsyncSession, principal: Principal) -> None:
        """Raises:
        PermissionDenied: the caller may not publish.
        """
        await self._publishing.require_publisher(session, principal)

    async def write(self, session: AsyncSession, wanted: Sequence[tuple[str, str]]) -> bytes:
        """A bundle of published versions, by code and version, and of the plugins that flows among them need.

        Raises:
            PluginUnknown: one of them is not published.
            Invalid: none, too many, or more bytes than a bundle may have.
        """
        if not 0 < len(wanted) <= MAX_PACKAGES:
            raise Invalid.field("plugin", f"must be named once to {MAX_PACKAGES} times", "Name it as CODE@VERSION")
        carried = {*wanted, *await self._flows.needed_beside(session, set(wanted))}
        if len(carried) > MAX_PACKAGES:
            problem = f"comes to more than {MAX_PACKAGES} packages with what flows among them need"
            raise Invalid.field("plugin", problem, "Make several bundles")
        packages: list[BundledPackage] = []
        size = 0
        for code, number in sorted(carried):
            found = await self._packages.of_version(session, code, number)
            size += len(found.archive)
            if size > MAX_BUNDLE:
                raise Invalid.field("plugin", f"names more than {MAX_BUNDLE} bytes of packages", "Make several bundles")
            channel = (await standing_of(session, found.version.id)).channel
            packages.append(BundledPackage(code, number, found.version.digest, channel, found.archive))
        return write_bundle(Bundle(tuple(packages)))

    async def take(
        self, session: AsyncSession, principal: Principal, incoming: Sequence[Incoming]
    ) -> list[BundleResult]:
        """Publishes every package with every check, in the order of the bundle.

        Raises:
            PermissionDenied: the caller may not publish.
            BundleRefused: one of them can't be published; none is.
        """
        results: list[BundleResult] = []
        for each in incoming:
            require_listed(each.listed, each.package)
            try:
                made = await self._publishing.publish(session, principal, each.package, each.form, each.listed.channel)
            except TrunklineError as error:
                raise refusal_of(each.listed, error) from error
            results.append(_result(each.package, made))
        results = await self._with_lacks(session, results, [each.package for each in incoming])
        after = {"packages": [f"{result.code} {result.version} {result.outcome.value}" for result in results]}
        record(session, principal, "plugin_bundle.taken", "plugin_bundle", str(len(results)), after=after)
        return results

    async def preview(
        self, session: AsyncSession, principal: Principal, incoming: Sequence[Incoming | RefusedPackage]
    ) -> list[BundleResult]:
        """What taking them would come to: each is tried after those before it. The caller throws the session away."""
        results: list[BundleResult] = []
        published: list[Package] = []
        for each in incoming:
            if isinstance(each, RefusedPackage):
                results.append(each.result())
                continue
            try:
                require_listed(each.listed, each.package)
                async with session.begin_nested():
                    made = await self._publishing.publish(
                        session, principal, each.package, each.form, each.listed.channel
                    )
            except TrunklineError as error:
                results.append(RefusedPackage(each.listed, error).result())
                continue
            results.append(_result(each.package, made))
            published.append(each.package)
        return await self._with_lacks(session, results, published)

    async def _with_lacks(
        self, session: AsyncSession, results: Sequence[BundleResult], packages: Sequence[Package]
    ) -> list[BundleResult]:
        """Once all of them are published: a plugin that a flow needs may stand behind it."""
        lacks = await self._flows.lacking(session, [package.manifest for package in packages])
        by_digest = {package.digest: each for package, each in zip(packages, lacks, strict=True)}
        return [result.model_copy(update={"lacks": by_digest.get(result.digest, {})}) for result in results]


def require_listed(listed: BundledPackage, package: Package) -> None:
    """Raises:
    BundleRefused: the package is another than the bundle says.
    """
    manifest = package.manifest
    if (manifest.code, manifest.version, package.digest) != (listed.code, listed.version, listed.digest):
        problem = f"is {manifest.code} {manifest.version} with the digest {package.digest}, not what bundle.json says"
        raise BundleRefused.one(listed.file, problem, "Make the bundle again")


def refusal_of(listed: BundledPackage, error: TrunklineError) -> BundleRefused:
    """The same problems, each named with the package it is of."""
    place = f"{listed.code} {listed.version}"
    fields = [replace(field, field=f"{place}: {field.field}") for field in error.fields]
    return BundleRefused(fields or [FieldProblem(place, error.detail)])


def _result(package: Package, made: Publication) -> BundleResult:
    if made.version is None:
        outcome = BundleOutcome.WAITING
    else:
        outcome = BundleOutcome.PUBLISHED if made.made else BundleOutcome.UNCHANGED
    manifest = package.manifest
    reasons = [] if made.submission is None else [reason.text for reason in reasons_of(made.submission)]
    return BundleResult(
        code=manifest.code, version=manifest.version, digest=package.digest, outcome=outcome, problems=reasons
    )
