from collections.abc import Iterable

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.authorization.repository import holds_admin, holds_any
from gateway.identity.users.models import PasswordLink, User
from kernel.contracts.authorizer import Resource
from kernel.db.pages import PageOf, PageRequest, read_page


async def find_user(session: AsyncSession, username: str) -> User | None:
    return (await session.execute(select(User).where(col(User.username) == username))).scalar_one_or_none()


async def is_administrator(session: AsyncSession, username: str) -> bool:
    return (
        await session.execute(select(holds_admin(col(User.username))).where(col(User.username) == username))
    ).scalar_one_or_none() or False


async def administrators_among(session: AsyncSession, usernames: list[str]) -> frozenset[str]:
    rows = await session.execute(
        select(col(User.username)).where(col(User.username).in_(usernames), holds_admin(col(User.username)))
    )
    return frozenset(rows.scalars())


async def first_administrator(session: AsyncSession) -> str | None:
    """Who has administered the platform longest; None while nobody does."""
    statement = select(col(User.username)).where(holds_admin(col(User.username))).order_by(col(User.id)).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def count_users(session: AsyncSession) -> int:
    return (await session.execute(select(func.count()).select_from(User))).scalar_one()


async def lock_administrators(session: AsyncSession) -> None:
    """Waits until no other transaction is changing who administers the platform."""
    await session.execute(
        select(col(User.id)).where(holds_admin(col(User.username))).order_by(col(User.id)).with_for_update()
    )


async def active_administrators(session: AsyncSession) -> frozenset[str]:
    rows = await session.execute(
        select(col(User.username)).where(col(User.is_active).is_(True), holds_admin(col(User.username)))
    )
    return frozenset(rows.scalars())


async def users_page(
    session: AsyncSession, page: PageRequest, search: str | None = None, *, active: bool | None = None
) -> PageOf[User]:
    """Those whose user name, name or address contains `search`, in any case of its letters."""
    statement = select(User)
    if search:
        wanted = search.lower()
        texts = (User.username, User.display_name, User.email)
        statement = statement.where(or_(*(func.lower(col(text)).contains(wanted, autoescape=True) for text in texts)))
    if active is not None:
        statement = statement.where(col(User.is_active).is_(active))
    return await read_page(session, statement, col(User.id), page)


async def people_named(
    session: AsyncSession, search: str, resource: Resource, limit: int, *, members_only: bool
) -> list[tuple[User, bool]]:
    """Those who may sign in and whose user name or name contains `search`, with whether they have a role on the
    resource; these come first.
    """
    wanted = search.lower()
    among = holds_any(col(User.username), resource)
    is_member = among.label("is_member")
    statement = select(User, is_member).where(col(User.is_active).is_(True))
    if wanted:
        texts = (User.username, User.display_name)
        statement = statement.where(or_(*(func.lower(col(text)).contains(wanted, autoescape=True) for text in texts)))
    if members_only:
        statement = statement.where(among)
    rows = await session.execute(statement.order_by(is_member.desc(), col(User.username)).limit(limit))
    return [(row.User, bool(row.is_member)) for row in rows]


async def set_password(session: AsyncSession, username: str, password_hash: str | None, *, must_change: bool) -> None:
    await session.execute(
        update(User)
        .where(col(User.username) == username)
        .values(password_hash=password_hash, must_change_password=must_change)
    )


async def find_password_link(session: AsyncSession, token_sha256: str) -> PasswordLink | None:
    rows = await session.execute(select(PasswordLink).where(col(PasswordLink.token_sha256) == token_sha256))
    return rows.scalar_one_or_none()


async def take_password_link(session: AsyncSession, token_sha256: str) -> str | None:
    """Uses the link up; answers whose it was, and `None` when somebody else was quicker."""
    statement = (
        delete(PasswordLink).where(col(PasswordLink.token_sha256) == token_sha256).returning(col(PasswordLink.username))
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def remove_password_link(session: AsyncSession, username: str) -> None:
    await session.execute(delete(PasswordLink).where(col(PasswordLink.username) == username))


async def display_names(session: AsyncSession, usernames: Iterable[str]) -> dict[str, str]:
    rows = await session.execute(
        select(col(User.username), col(User.display_name)).where(col(User.username).in_(list(usernames)))
    )
    return {row.username: row.display_name for row in rows}
