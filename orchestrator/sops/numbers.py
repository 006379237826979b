"""Numbers for flows, tasks, projects and the like, whose own ids are none."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.sops.models import Number


class Kind(StrEnum):
    FLOW = "flow"
    TASK = "task"
    PROJECT = "project"
    SCHEDULE = "schedule"
    LABEL = "label"
    REQUEST = "request"
    MINI_APP = "mini_app"
    NOTICE_GROUP = "notice_group"


class Unnumbered(Exception):
    """Some have no number yet, and nothing can be written where they were asked for: `give` them theirs, ask again."""

    def __init__(self, kind: Kind, subjects: Collection[str]) -> None:
        super().__init__(f"{len(subjects)} of kind {kind} have no number")
        self.kind = kind
        self.subjects = subjects


async def numbers_of(session: AsyncSession, kind: Kind, subjects: Collection[str]) -> dict[str, int]:
    """Id → number.

    Raises:
        Unnumbered: some have none yet.
    """
    statement = select(Number.subject, Number.number).where(col(Number.kind) == kind, col(Number.subject).in_(subjects))
    found = {subject: number or 0 for subject, number in await session.execute(statement)}
    missing = set(subjects) - found.keys()
    if missing:
        raise Unnumbered(kind, sorted(missing))
    return found


async def number_of(session: AsyncSession, kind: Kind, subject: str) -> int:
    """As `numbers_of`, of one."""
    return (await numbers_of(session, kind, (subject,)))[subject]


async def give(session: AsyncSession, kind: Kind, subjects: Collection[str]) -> None:
    """Gives numbers to those that have none, in their order."""
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = [{"kind": kind.value, "subject": subject} for subject in subjects]
    await session.execute(build(Number).values(values).on_conflict_do_nothing())


async def numbered(session: AsyncSession, kind: Kind, subject: str) -> int:
    """The number of one, which is given to it now if it has none."""
    await give(session, kind, (subject,))
    return await number_of(session, kind, subject)


async def subject_of(session: AsyncSession, kind: Kind, number: int) -> str | None:
    """The id that a number stands for."""
    statement = select(Number.subject).where(col(Number.kind) == kind, col(Number.number) == number)
    return (await session.execute(statement)).scalar_one_or_none()


async def subjects_of(session: AsyncSession, kind: Kind, numbers: Collection[int]) -> dict[int, str]:
    """Number → id, of those that mean anything."""
    statement = select(Number.number, Number.subject).where(col(Number.kind) == kind, col(Number.number).in_(numbers))
    return {number or 0: subject for number, subject in await session.execute(statement)}
