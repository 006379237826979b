from collections.abc import Iterable

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.apps.models import App, AppSecret
from kernel.db.pages import PageOf, PageRequest, read_page


async def find_app(session: AsyncSession, app_code: str, *, for_update: bool = False) -> App | None:
    statement = select(App).where(col(App.app_code) == app_code)
    if for_update:
        statement = statement.with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def apps_page(
    session: AsyncSession, codes: Iterable[str] | None, project_ids: Iterable[str], page: PageRequest
) -> PageOf[App]:
    """All apps (`None`), or those of `codes` and the service apps of `project_ids`."""
    statement = select(App)
    if codes is not None:
        statement = statement.where(or_(col(App.app_code).in_(list(codes)), col(App.project_id).in_(list(project_ids))))
    return await read_page(session, statement, col(App.id), page)


async def app_codes_of_projects(session: AsyncSession, project_ids: Iterable[str]) -> list[str]:
    rows = await session.execute(select(col(App.app_code)).where(col(App.project_id).in_(list(project_ids))))
    return list(rows.scalars())


async def secrets_of(session: AsyncSession, app_code: str) -> list[AppSecret]:
    rows = await session.execute(
        select(AppSecret).where(col(AppSecret.app_code) == app_code).order_by(col(AppSecret.id))
    )
    return list(rows.scalars())


async def remove_secret(session: AsyncSession, secret_id: str) -> None:
    await session.execute(delete(AppSecret).where(col(AppSecret.id) == secret_id))
