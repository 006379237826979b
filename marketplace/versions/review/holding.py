"""Taking a package into quarantine."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.errors import Conflict
from kernel.principal import Principal
from marketplace.versions import wordings
from marketplace.versions.checks import summary
from marketplace.versions.review.models import SubmissionRow, reasons_of
from marketplace.versions.review.repository import find_waiting
from marketplace.versions.storing import Accepted
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell


async def hold(session: AsyncSession, principal: Principal, accepted: Accepted) -> tuple[SubmissionRow, bool]:
    """The submission, and whether this call made it: the same package again is the same submission.

    Raises:
        Conflict: another package of that version waits already.
    """
    package, manifest = accepted.package, accepted.package.manifest
    waiting = await find_waiting(session, manifest.code, manifest.version)
    if waiting is not None:
        if waiting.digest == package.digest:
            return waiting, False
        problem = f"Another package of {manifest.code} {manifest.version} waits for approval"
        raise Conflict(problem, fields=[wordings.WAITS.at("version")])
    row = SubmissionRow(
        plugin_code=manifest.code,
        version=manifest.version,
        publisher=manifest.publisher,
        digest=package.digest,
        channel=accepted.channel,
        reasons=[reason.document() for check in accepted.checks for reason in check.reasons],
        checks=summary(accepted.checks),
        archive=package.archive,
        submitted_by=principal.id,
        submitted_at=accepted.at,
    )
    session.add(row)
    after = {
        "id": row.id,
        "version": row.version,
        "digest": row.digest,
        "reasons": [reason.text for reason in reasons_of(row)],
    }
    record(session, principal, "plugin.submitted", "plugin", manifest.code, after=after)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(f"{manifest.code} {manifest.version} is being published by another request") from error
    news = News(CatalogueEvent.SUBMITTED, manifest.publisher, manifest.code, after)
    await tell(session, principal, news, accepted.at)
    return row, True
