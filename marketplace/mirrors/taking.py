"""Taking versions of another installation: each is published as the mirror's, with every check, or refused."""

import asyncio
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import TrunklineError
from kernel.principal import Principal, PrincipalKind
from marketplace.legacy_forms.service import FormScriptService
from marketplace.mirrors.models import MirroredVersionRow
from marketplace.mirrors.remote import RemoteCatalogue
from marketplace.mirrors.repository import find_mirrored
from marketplace.mirrors.schemas import PluginChange
from marketplace.package.package import Package, read_package
from marketplace.versions.reading import form_of
from marketplace.versions.repository import find_version
from marketplace.versions.review.repository import find_last_submission
from marketplace.versions.service import PublishService

TAKEN: Final = "taken"
WAITING: Final = "waiting"
PRESENT: Final = "present"
REFUSED: Final = "refused"


def owner_of(mirror: str) -> str:
    """To whom the names belong that a mirror brings: an administrator's word would open names of other people's."""
    return f"mirror:{mirror}"


class Refused(Exception):
    """The message says why a version is not taken."""


class VersionTaker:
    """For the versions of one mirror in one round."""

    def __init__(
        self,
        mirror: str,
        remote: RemoteCatalogue,
        database: Database,
        publishing: PublishService,
        forms: FormScriptService,
        clock: Clock,
    ) -> None:
        self._mirror = mirror
        self._remote = remote
        self._database = database
        self._publishing = publishing
        self._forms = forms
        self._clock = clock
        self._principal = Principal(PrincipalKind.SYSTEM, owner_of(mirror))

    async def take(self, change: PluginChange) -> str:
        """What became of the version: its state here.

        Raises:
            RemoteUnusable: the package can't be had.
        """
        known = await self._known(change)
        if known is not None:
            return known
        try:
            state, problem = await self._publish(change), ""
        except (Refused, TrunklineError) as refusal:
            # Another round may have been first.
            if (known := await self._known(change)) is not None:
                return known
            state, problem = REFUSED, _words(refusal)
        async with self._database.unit_of_work() as session:
            return await self._note(session, change, state, problem)

    async def _known(self, change: PluginChange) -> str | None:
        """What is settled already: it was published here, or waits to be, or a person said no."""
        async with self._database.unit_of_work() as session:
            here = await find_version(session, change.code, change.version)
            if here is not None and here.digest == change.digest:
                state = TAKEN if here.published_by == owner_of(self._mirror) else PRESENT
                return await self._note(session, change, state, "")
            if here is not None:
                return await self._note(session, change, REFUSED, "is published here with other content")
            submitted = await find_last_submission(session, change.code, change.version, change.digest)
            if submitted is None or submitted.submitted_by != owner_of(self._mirror):
                return None
            if submitted.state == WAITING:
                return await self._note(session, change, WAITING, "")
            why = f"was {submitted.state} by {submitted.decided_by}: {submitted.comment or 'no reason given'}"
            return await self._note(session, change, REFUSED, why)

    async def _publish(self, change: PluginChange) -> str:
        archive = await self._remote.package(change.digest)
        package = await asyncio.to_thread(read_package, archive)
        _require_announced(package, change)
        form = await form_of(package, self._forms)
        async with self._database.unit_of_work() as session:
            made = await self._publishing.accept(session, self._principal, package, form, change.channel)
        return TAKEN if made.version is not None else WAITING

    async def _note(self, session: AsyncSession, change: PluginChange, state: str, problem: str) -> str:
        row = await find_mirrored(session, self._mirror, change.code, change.version)
        if row is None:
            row = MirroredVersionRow(
                mirror=self._mirror,
                plugin_code=change.code,
                version=change.version,
                publisher=change.publisher,
                digest=change.digest,
                channel=change.channel,
                state="",
                at=self._clock.now(),
            )
            session.add(row)
        elif (row.state, row.problem, row.digest, row.channel) == (state, problem, change.digest, change.channel):
            return state
        row.publisher, row.digest, row.channel = change.publisher, change.digest, change.channel
        row.state, row.problem, row.at = state, problem, self._clock.now()
        return state


def _require_announced(package: Package, change: PluginChange) -> None:
    manifest = package.manifest
    if package.digest != change.digest:
        raise Refused(f"has the digest {package.digest}, not {change.digest} as was announced")
    if (manifest.code, manifest.version, manifest.publisher) != (change.code, change.version, change.publisher):
        raise Refused(f"is {manifest.code} {manifest.version} of {manifest.publisher}, not what was announced")


def _words(refusal: Refused | TrunklineError) -> str:
    if isinstance(refusal, TrunklineError) and refusal.fields:
        return "; ".join(f"{each.field} {each.problem}" for each in refusal.fields[:10])[:2000]
    return str(refusal)[:2000]
