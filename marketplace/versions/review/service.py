"""Deciding about packages in quarantine: a person other than the one who submitted it."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.pages import PageRequest
from kernel.errors import Invalid
from kernel.principal import Principal
from marketplace.legacy_forms.conversion import Conversion
from marketplace.package.differences import Differences, differences, introduced
from marketplace.package.package import Package
from marketplace.versions import wordings
from marketplace.versions.checks import Check, CheckResult
from marketplace.versions.errors import PublisherTaken, VersionExists
from marketplace.versions.lineage import lineage_of
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.place import Place, place_of
from marketplace.versions.review.errors import OwnSubmission, SubmissionDecided, SubmissionUnknown
from marketplace.versions.review.models import SubmissionRow, reasons_of
from marketplace.versions.review.repository import find_submission, page_of_submissions
from marketplace.versions.service import PublishService
from marketplace.versions.storing import Accepted, manifest_with_form, store_version
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class SubmissionChanges:
    """Attributes:
    before: the published version it is compared with; none of a first one.
    """

    before: str | None
    differences: Differences


class ReviewService:
    def __init__(
        self, authorizer: Authorizer, publishing: PublishService, manifests: ManifestCache, clock: Clock
    ) -> None:
        self._authorizer = authorizer
        self._publishing = publishing
        self._manifests = manifests
        self._clock = clock

    async def page(
        self, session: AsyncSession, principal: Principal, state: str | None, page: PageRequest
    ) -> tuple[list[SubmissionRow], str | None]:
        """Everybody's for reviewers, one's own for others; the newest first."""
        reviews = await self._authorizer.allows(session, principal, Action.PLUGIN_REVIEW, PLATFORM)
        found = await page_of_submissions(session, state, None if reviews else principal.id, page)
        return list(found.items), found.next

    async def read(self, session: AsyncSession, principal: Principal, submission_id: str) -> SubmissionRow:
        """Raises:
        SubmissionUnknown: there is none, or the caller may not see it.
        """
        row = await find_submission(session, submission_id)
        if row is None or not await self._sees(session, principal, row):
            raise SubmissionUnknown(f"There is no submission {submission_id!r}")
        return row

    async def archive(self, session: AsyncSession, principal: Principal, submission_id: str) -> bytes:
        """The package, to be looked at before it is decided.

        Raises:
            SubmissionUnknown: as `read`.
            SubmissionDecided: it isn't kept any more.
        """
        row = await self.read(session, principal, submission_id)
        if row.archive is None:
            raise SubmissionDecided(f"{row.plugin_code} {row.version} is {row.state}")
        return row.archive

    async def changes(
        self, session: AsyncSession, principal: Principal, submission_id: str, package: Package, form: Conversion | None
    ) -> SubmissionChanges:
        """What whoever decides agrees to.

        Args:
            package, form: as `approve`.

        Raises:
            SubmissionUnknown: as `read`.
        """
        await self.read(session, principal, submission_id)
        manifest = manifest_with_form(package.manifest, form)
        place = await place_of(session, manifest.code, lock=False)
        beside = (await lineage_of(session, manifest, place, self._manifests)).neighbour
        if beside is None:
            return SubmissionChanges(None, introduced(manifest, package.changelog))
        found = differences((beside.manifest, beside.contract), (manifest, package.contract()), package.changelog)
        return SubmissionChanges(beside.manifest.version, found)

    async def approve(
        self,
        session: AsyncSession,
        principal: Principal,
        submission_id: str,
        package: Package,
        form: Conversion | None,
        comment: str,
    ) -> PluginVersionRow:
        """Makes the package a version of whoever submitted it, once every check has passed again.

        Args:
            package, form: the submission's archive, as read and evaluated by the caller.

        Raises:
            SubmissionUnknown, SubmissionDecided: nothing to decide.
            PermissionDenied: the caller doesn't review, or submitted it himself.
            PackageRefused, PublisherTaken, VersionExists: it can't be published any more.
        """
        row = await self._decidable(session, principal, submission_id)
        place = await place_of(session, row.plugin_code, lock=True)
        self._require_free(row, place)
        checks = await self._publishing.require_content(session, package, place)
        self._decide(row, principal, "approved", comment)
        await self._record(session, principal, row)
        accepted = Accepted(package, form, row.channel, _agreed(checks), row.submitted_by, self._clock.now())
        return await store_version(session, principal, accepted, place, self._manifests)

    async def reject(
        self, session: AsyncSession, principal: Principal, submission_id: str, comment: str
    ) -> SubmissionRow:
        """Raises as `approve`; Invalid: without a reason."""
        row = await self._decidable(session, principal, submission_id)
        if not comment.strip():
            raise Invalid.of(wordings.NO_COMMENT.at("comment"))
        self._decide(row, principal, "rejected", comment)
        await self._record(session, principal, row)
        await session.flush()
        return row

    async def withdraw(self, session: AsyncSession, principal: Principal, submission_id: str) -> SubmissionRow:
        """Of whoever submitted it.

        Raises:
            SubmissionUnknown: there is none of the caller's.
            SubmissionDecided: it was decided meanwhile.
        """
        row = await find_submission(session, submission_id, lock=True)
        if row is None or row.submitted_by != principal.id:
            raise SubmissionUnknown(f"There is no submission {submission_id!r} of yours")
        _require_waiting(row)
        self._decide(row, principal, "withdrawn", "")
        await self._record(session, principal, row)
        await session.flush()
        return row

    async def _decidable(self, session: AsyncSession, principal: Principal, submission_id: str) -> SubmissionRow:
        await self._authorizer.require(session, principal, Action.PLUGIN_REVIEW, PLATFORM)
        row = await find_submission(session, submission_id, lock=True)
        if row is None:
            raise SubmissionUnknown(f"There is no submission {submission_id!r}")
        _require_waiting(row)
        if row.submitted_by in (principal.id, principal.on_behalf_of):
            raise OwnSubmission("You submitted it: somebody else has to decide")
        return row

    @staticmethod
    def _require_free(row: SubmissionRow, place: Place) -> None:
        """Nobody published the version, or took the code, while it waited."""
        if row.version in place.versions:
            raise VersionExists(f"{row.plugin_code} {row.version} was published meanwhile")
        plugin = place.plugin
        if plugin is not None and (
            plugin.publisher != row.publisher
            or (plugin.created_at > row.submitted_at and plugin.owner != row.submitted_by)
        ):
            taken = wordings.TAKEN_MEANWHILE.at("code", plugin=plugin.code, publisher=plugin.publisher)
            raise PublisherTaken(taken.problem, fields=[taken])

    def _decide(self, row: SubmissionRow, principal: Principal, state: str, comment: str) -> None:
        row.state, row.decided_by, row.decided_at = state, principal.id, self._clock.now()
        row.comment = comment.strip() or None
        row.archive = None

    async def _record(self, session: AsyncSession, principal: Principal, row: SubmissionRow) -> None:
        after = {"id": row.id, "version": row.version, "digest": row.digest, "comment": row.comment}
        before = {"reasons": [reason.text for reason in reasons_of(row)]}
        event = CatalogueEvent(f"plugin.{row.state}")
        record(session, principal, event.value, "plugin", row.plugin_code, before=before, after=after)
        await tell(session, principal, News(event, row.publisher, row.plugin_code, after), self._clock.now())

    async def _sees(self, session: AsyncSession, principal: Principal, row: SubmissionRow) -> bool:
        if row.submitted_by == principal.id:
            return True
        return await self._authorizer.allows(session, principal, Action.PLUGIN_REVIEW, PLATFORM)


def _require_waiting(row: SubmissionRow) -> None:
    if row.state != WAITING:
        raise SubmissionDecided(f"{row.plugin_code} {row.version} is {row.state}")


def _agreed(checks: list[Check]) -> list[Check]:
    """A person agreed to what asked for it."""
    return [Check.of(check.name, ()) if check.result is CheckResult.APPROVAL else check for check in checks]
