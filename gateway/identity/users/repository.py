from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.users.models import User
from kernel.db.pages import PageOf, PageRequest, read_page


async def find_user(session: AsyncSession, username: str) -> User | None:
    return (await session.execute(select(User).where(col(User.username) == username))).scalar_one_or_none()


async def count_users(session: AsyncSession) -> int:
    return (await session.execute(select(func.count()).select_from(User))).scalar_one()


async def users_page(session: AsyncSession, page: PageRequest) -> PageOf[User]:
    return await read_page(session, select(User), col(User.id), page)
