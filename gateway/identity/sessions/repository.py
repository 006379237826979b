from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.authorization.repository import holds_admin
from gateway.identity.sessions.models import LoginSession, SignInFailures
from gateway.identity.users.models import User
from kernel.db.pages import PageOf, PageRequest, read_page


async def find_session(
    session: AsyncSession, token_sha256: str, now: datetime, seen_after: datetime
) -> tuple[LoginSession, User, bool] | None:
    """The session that has neither expired nor idled away, with its user who is still active; whether he is admin."""
    rows = await session.execute(
        select(LoginSession, User, holds_admin(col(User.username)))
        .join(User, col(User.username) == col(LoginSession.username))
        .where(
            col(LoginSession.token_sha256) == token_sha256,
            col(LoginSession.expires_at) > now,
            col(LoginSession.last_seen_at) > seen_after,
            col(User.is_active).is_(True),
        )
    )
    found = rows.one_or_none()
    return (found[0], found[1], found[2]) if found is not None else None


async def sessions_page(
    session: AsyncSession, username: str, page: PageRequest, now: datetime, seen_after: datetime
) -> PageOf[LoginSession]:
    """Those that still count, the newest first."""
    statement = select(LoginSession).where(
        col(LoginSession.username) == username,
        col(LoginSession.expires_at) > now,
        col(LoginSession.last_seen_at) > seen_after,
    )
    return await read_page(session, statement, col(LoginSession.id), page, newest_first=True)


async def remove_session(session: AsyncSession, username: str, session_id: str) -> bool:
    """False when the person has no such session."""
    statement = (
        delete(LoginSession)
        .where(col(LoginSession.id) == session_id, col(LoginSession.username) == username)
        .returning(col(LoginSession.id))
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def remove_sessions_of(session: AsyncSession, username: str, *, but: str = "") -> int:
    """All sessions of a person except `but`; answers how many."""
    statement = (
        delete(LoginSession)
        .where(col(LoginSession.username) == username, col(LoginSession.id) != but)
        .returning(col(LoginSession.id))
    )
    return len((await session.execute(statement)).scalars().all())


async def remove_ended(session: AsyncSession, now: datetime, seen_after: datetime) -> None:
    await session.execute(
        delete(LoginSession).where(
            (col(LoginSession.expires_at) <= now) | (col(LoginSession.last_seen_at) <= seen_after)
        )
    )


async def note_seen(session: AsyncSession, seen: Mapping[str, datetime]) -> None:
    """Session id → when it was last used."""
    for session_id, moment in sorted(seen.items()):
        await session.execute(
            update(LoginSession)
            .where(col(LoginSession.id) == session_id, col(LoginSession.last_seen_at) < moment)
            .values(last_seen_at=moment)
        )


async def count_attempt(session: AsyncSession, key: str, now: datetime, start: datetime) -> tuple[int, datetime]:
    """Counts one more failure, in one statement whoever else counts; a count from before `start` begins anew.

    Returns:
        The count with this one, and the time of its first.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    is_old = col(SignInFailures.since) <= start
    statement = (
        insert(SignInFailures)
        .values(key=key, count=1, since=now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((is_old, 1), else_=col(SignInFailures.count) + 1),
                "since": case((is_old, now), else_=col(SignInFailures.since)),
            },
        )
        .returning(col(SignInFailures.count), col(SignInFailures.since))
    )
    count, since = (await session.execute(statement)).one()
    return count, since


async def forget_attempts(session: AsyncSession, key: str) -> None:
    await session.execute(delete(SignInFailures).where(col(SignInFailures.key) == key))


async def take_back_attempt(session: AsyncSession, key: str) -> None:
    await session.execute(
        update(SignInFailures)
        .where(col(SignInFailures.key) == key, col(SignInFailures.count) > 0)
        .values(count=col(SignInFailures.count) - 1)
    )


async def forget_old_attempts(session: AsyncSession, start: datetime) -> None:
    await session.execute(delete(SignInFailures).where(col(SignInFailures.since) <= start))
