from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageOf, PageRequest, read_page
from marketplace.versions.review.models import SubmissionRow


async def find_submission(session: AsyncSession, submission_id: str, *, lock: bool = False) -> SubmissionRow | None:
    statement = select(SubmissionRow).where(col(SubmissionRow.id) == submission_id)
    if lock:
        statement = statement.with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def find_waiting(session: AsyncSession, code: str, version: str) -> SubmissionRow | None:
    statement = select(SubmissionRow).where(
        col(SubmissionRow.plugin_code) == code,
        col(SubmissionRow.version) == version,
        col(SubmissionRow.state) == "waiting",
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_last_submission(session: AsyncSession, code: str, version: str, digest: str) -> SubmissionRow | None:
    """Of exactly this package, whatever has become of it."""
    row = SubmissionRow
    statement = select(row).where(col(row.plugin_code) == code, col(row.version) == version, col(row.digest) == digest)
    return (await session.execute(statement.order_by(col(row.id).desc()).limit(1))).scalar_one_or_none()


async def page_of_submissions(
    session: AsyncSession, state: str | None, submitted_by: str | None, page: PageRequest
) -> PageOf[SubmissionRow]:
    """The newest first."""
    statement = select(SubmissionRow)
    if state is not None:
        statement = statement.where(col(SubmissionRow.state) == state)
    if submitted_by is not None:
        statement = statement.where(col(SubmissionRow.submitted_by) == submitted_by)
    return await read_page(session, statement, col(SubmissionRow.id), page, newest_first=True)
