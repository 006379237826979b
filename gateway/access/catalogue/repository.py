from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.apps.models import App
from gateway.access.catalogue.scope_words import ScopedComponent
from gateway.access.grants.models import Grant
from gateway.access.grants.states import OPEN
from gateway.registry.models import ReleaseComponent, Stage, System
from gateway.registry.repository import PROD
from kernel.db.pages import PageOf, PageRequest, read_page


@dataclass(frozen=True, slots=True)
class ComponentCounts:
    """Attributes:
    free: need no grant.
    """

    components: int = 0
    free: int = 0


async def systems_found(session: AsyncSession, words: str, page: PageRequest) -> PageOf[System]:
    """By name, title and description; of all when there are no words."""
    statement = select(System)
    for word in words.split():
        columns = (col(System.name), col(System.title), col(System.description), col(System.owner))
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return await read_page(session, statement, col(System.id), page)


async def components_found(
    session: AsyncSession, systems: Sequence[str] | None, words: str, page: PageRequest
) -> PageOf[ReleaseComponent]:
    """Public ones as stage `prod` serves them, of all systems or of those named."""
    statement = _served(systems).where(col(ReleaseComponent.is_public).is_(True))
    for word in words.split():
        columns = (
            col(Stage.system),
            col(ReleaseComponent.name),
            col(ReleaseComponent.title),
            col(ReleaseComponent.description),
            col(ReleaseComponent.path),
        )
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return await read_page(session, statement, col(ReleaseComponent.id), page)


async def systems_of_releases(session: AsyncSession, release_ids: Sequence[str]) -> dict[str, System]:
    """Release id → the system whose `prod` serves it."""
    rows = await session.execute(
        select(col(Stage.release_id), System)
        .join(System, col(System.name) == col(Stage.system))
        .where(col(Stage.name) == PROD, col(Stage.release_id).in_(release_ids))
    )
    return {row.release_id: row.System for row in rows}


async def counts_of(session: AsyncSession, systems: Sequence[str]) -> dict[str, ComponentCounts]:
    """System → what its `prod` serves to the public."""
    rows = await session.execute(
        select(
            col(Stage.system),
            func.count(),
            func.count().filter(col(ReleaseComponent.grant_required).is_(False)),
        )
        .join(ReleaseComponent, col(ReleaseComponent.release_id) == col(Stage.release_id))
        .where(col(Stage.name) == PROD, col(Stage.system).in_(systems), col(ReleaseComponent.is_public).is_(True))
        .group_by(col(Stage.system))
    )
    return {system: ComponentCounts(components, free) for system, components, free in rows}


async def open_grants(session: AsyncSession, apps: Sequence[str], systems: Sequence[str]) -> list[Grant]:
    """Waiting and approved ones of these apps on these systems, expired ones that were not written down among them."""
    rows = await session.execute(
        select(Grant)
        .where(col(Grant.app_code).in_(apps), col(Grant.system).in_(systems))
        .where(col(Grant.state).in_([state.value for state in OPEN]))
        .order_by(col(Grant.app_code), col(Grant.id))
    )
    return list(rows.scalars())


async def apps_owned_by(session: AsyncSession, username: str) -> list[str]:
    rows = await session.execute(select(col(App.app_code)).where(col(App.owner) == username))
    return list(rows.scalars())


async def scoped_components(session: AsyncSession, systems: Sequence[str]) -> dict[str, list[ScopedComponent]]:
    """System → what its `prod` serves."""
    rows = await session.execute(
        select(
            col(Stage.system),
            col(ReleaseComponent.name),
            col(ReleaseComponent.title),
            col(ReleaseComponent.scopes),
            col(ReleaseComponent.texts),
        )
        .join(ReleaseComponent, col(ReleaseComponent.release_id) == col(Stage.release_id))
        .where(col(Stage.name) == PROD, col(Stage.system).in_(systems))
        .order_by(col(ReleaseComponent.position))
    )
    found: dict[str, list[ScopedComponent]] = {}
    for system, name, title, scopes, texts in rows:
        found.setdefault(system, []).append(ScopedComponent(name, title, tuple(scopes), texts))
    return found


async def titles_of(session: AsyncSession, systems: Sequence[str]) -> dict[str, str]:
    rows = await session.execute(select(col(System.name), col(System.title)).where(col(System.name).in_(systems)))
    return {name: title or name for name, title in rows}


def _served(systems: Sequence[str] | None) -> Select[ReleaseComponent]:
    statement = (
        select(ReleaseComponent)
        .join(Stage, col(Stage.release_id) == col(ReleaseComponent.release_id))
        .where(col(Stage.name) == PROD)
    )
    return statement if systems is None else statement.where(col(Stage.system).in_(systems))
