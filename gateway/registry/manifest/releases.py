"""Making the releases a document has or needs; the caller holds the lock, and publishes."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.fields import VERSION
from gateway.registry.manifest.changes import PlannedChange
from gateway.registry.manifest.state import ReleaseState, SystemState
from gateway.registry.releases.service import ReleaseOrder, ReleaseService
from gateway.registry.releases.versions import parse
from gateway.registry.releases.writer import digest_of, write_release
from gateway.registry.repository import find_release, newest_release
from kernel.clock import Clock
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal


class ReleaseApplier:
    def __init__(self, releases: ReleaseService, clock: Clock) -> None:
        self._releases = releases
        self._clock = clock

    async def put(self, session: AsyncSession, principal: Principal, wanted: SystemState) -> list[PlannedChange]:
        """What was made. A release that a stage names, and that is nowhere, is made of the components.

        Raises:
            Conflict: a release is another here, or older than the newest.
            Invalid: several releases are nowhere, or the version of the one tells callers too little.
        """
        changes: list[PlannedChange] = []
        for release in sorted(wanted.releases, key=lambda release: parse(release.version)):
            if await self._restore(session, principal, wanted.name, release):
                changes += [PlannedChange("create", "release", release.version, ["as the document has it"])]
        named = {stage.release for stage in wanted.stages.values()}
        named |= {stage.canary["release"] for stage in wanted.stages.values() if stage.canary is not None}
        unknown = [each for each in named if each and await find_release(session, wanted.name, each) is None]
        if len(unknown) > 1:
            raise Invalid.field(
                "stages", f"name releases that are nowhere: {', '.join(sorted(unknown))}",
                "One release can be made of the components; give the others in releases",
            )  # fmt: skip
        for version in unknown:
            if re.fullmatch(VERSION, version) is None:
                remedy = "Give it in releases, or name a version like 1.2.0, which is made of the components"
                raise Invalid.field("stages", f"name release {version}, which is nowhere", remedy)
            order = ReleaseOrder(version=version, comment="applied")
            await self._releases.make(session, principal, wanted.name, wanted.components, order)
            changes.append(PlannedChange("create", "release", version, ["of the components"]))
        return changes

    async def _restore(self, session: AsyncSession, principal: Principal, system: str, release: ReleaseState) -> bool:
        """Makes a release that isn't here yet; says whether it did."""
        known = await find_release(session, system, release.version)
        if known is not None:
            if known.digest != digest_of(release.components):
                raise Conflict(
                    f"Release {release.version} of {system} has other components here, and a release never changes; "
                    "give yours a new version",
                    code="release_differs",
                )
            return False
        newest = await newest_release(session, system)
        if newest is not None and parse(release.version) < parse(newest.version):
            raise Conflict(
                f"Release {release.version} is older than {newest.version}, the newest of {system}, and isn't here",
                code="release_differs",
            )
        await write_release(
            session,
            principal,
            system,
            release.version,
            release.components,
            self._clock.now(),
            comment=release.comment,
            forced_because=release.forced_because,
        )
        return True
