from collections.abc import Iterable
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.projects.models import Project
from kernel.contracts.authorizer import Resource, ResourceKind
from kernel.db.pages import PageOf, PageRequest, read_page

_PROJECT: Final = select(Project).where(
    or_(col(Project.id) == bindparam("id_or_code"), col(Project.code) == bindparam("id_or_code"))
)


async def find_project(session: AsyncSession, id_or_code: str) -> Project | None:
    """By id first: a code never has the form of another project's id for long, ids being random."""
    rows = await session.execute(_PROJECT, {"id_or_code": id_or_code})
    found = {project.id: project for project in rows.scalars()}
    return found.get(id_or_code) or next(iter(found.values()), None)


async def projects_page(session: AsyncSession, ids: Iterable[str] | None, page: PageRequest) -> PageOf[Project]:
    """All projects (`None`), or those of `ids`."""
    statement = select(Project)
    if ids is not None:
        statement = statement.where(col(Project.id).in_(list(ids)))
    return await read_page(session, statement, col(Project.id), page)


async def projects_of(session: AsyncSession, ids: Iterable[str]) -> list[Project]:
    rows = await session.execute(select(Project).where(col(Project.id).in_(list(ids))).order_by(col(Project.id)))
    return list(rows.scalars())


async def project_resource(session: AsyncSession, id_or_code: str) -> Resource | None:
    """A `kernel.contracts.resources.ResourceFinder`."""
    project = await find_project(session, id_or_code)
    return Resource(ResourceKind.PROJECT, project.id) if project is not None else None
