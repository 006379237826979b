from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.models import Release, ReleaseComponent, Stage, System, SystemKey
from kernel.contracts.authorizer import Resource, ResourceKind
from kernel.db.pages import PageOf, PageRequest, read_page

PROD = "prod"

_SERVED = or_(
    col(ReleaseComponent.release_id) == col(Stage.release_id),
    col(ReleaseComponent.release_id) == col(Stage.canary_release_id),
)
"""Of some stage, on trial too."""
_SERVED_COMPONENTS: Final = select(col(Stage.system), col(ReleaseComponent.name), col(ReleaseComponent.scopes)).join(
    ReleaseComponent, _SERVED
)
_SERVED_OF: Final = _SERVED_COMPONENTS.where(col(Stage.system).in_(bindparam("systems", expanding=True)))


async def find_system(session: AsyncSession, name: str) -> System | None:
    return (await session.execute(select(System).where(col(System.name) == name))).scalar_one_or_none()


async def system_resource(session: AsyncSession, name: str) -> Resource | None:
    """A `kernel.contracts.resources.ResourceFinder`."""
    system = await find_system(session, name)
    return Resource(ResourceKind.SYSTEM, system.name) if system is not None else None


async def all_systems(session: AsyncSession) -> list[System]:
    return list((await session.execute(select(System).order_by(col(System.id)))).scalars())


async def systems_page(session: AsyncSession, page: PageRequest) -> PageOf[System]:
    return await read_page(session, select(System), col(System.id), page)


async def stages_of(session: AsyncSession, systems: Sequence[str]) -> list[Stage]:
    rows = await session.execute(select(Stage).where(col(Stage.system).in_(systems)).order_by(col(Stage.id)))
    return list(rows.scalars())


async def find_stage(session: AsyncSession, system: str, name: str) -> Stage | None:
    rows = await session.execute(select(Stage).where(col(Stage.system) == system, col(Stage.name) == name))
    return rows.scalar_one_or_none()


async def releases_of(session: AsyncSession, release_ids: Sequence[str]) -> dict[str, Release]:
    rows = await session.execute(select(Release).where(col(Release.id).in_(release_ids)))
    return {release.id: release for release in rows.scalars()}


async def releases_page(session: AsyncSession, system: str, page: PageRequest) -> PageOf[Release]:
    """Newest first."""
    statement = select(Release).where(col(Release.system) == system)
    return await read_page(session, statement, col(Release.id), page, newest_first=True)


async def find_release(session: AsyncSession, system: str, version: str) -> Release | None:
    rows = await session.execute(select(Release).where(col(Release.system) == system, col(Release.version) == version))
    return rows.scalar_one_or_none()


async def newest_release(session: AsyncSession, system: str) -> Release | None:
    rows = await session.execute(
        select(Release).where(col(Release.system) == system).order_by(col(Release.number).desc()).limit(1)
    )
    return rows.scalar_one_or_none()


async def components_of(session: AsyncSession, release_id: str) -> list[ReleaseComponent]:
    rows = await session.execute(
        select(ReleaseComponent)
        .where(col(ReleaseComponent.release_id) == release_id)
        .order_by(col(ReleaseComponent.position))
    )
    return list(rows.scalars())


async def components_page(
    session: AsyncSession, release_id: str, page: PageRequest, *, only_public: bool = False
) -> PageOf[ReleaseComponent]:
    statement = select(ReleaseComponent).where(col(ReleaseComponent.release_id) == release_id)
    if only_public:
        statement = statement.where(col(ReleaseComponent.is_public).is_(True))
    return await read_page(session, statement, col(ReleaseComponent.id), page)


async def find_component(session: AsyncSession, release_id: str, name: str) -> ReleaseComponent | None:
    rows = await session.execute(
        select(ReleaseComponent).where(
            col(ReleaseComponent.release_id) == release_id, col(ReleaseComponent.name) == name
        )
    )
    return rows.scalar_one_or_none()


async def served_components(
    session: AsyncSession, systems: Sequence[str] | None = None
) -> list[tuple[str, str, list[str]]]:
    """(system, component, scopes) of everything some stage serves, on trial too; of all systems (`None`) or of those
    named.
    """
    if systems is None:
        rows = await session.execute(_SERVED_COMPONENTS)
    else:
        rows = await session.execute(_SERVED_OF, {"systems": systems})
    return [(system, name, scopes) for system, name, scopes in rows]


async def open_components(session: AsyncSession, systems: Sequence[str]) -> list[tuple[str, str]]:
    """(system, component) of what some stage of the systems serves to apps without a grant."""
    statement = (
        select(col(Stage.system), col(ReleaseComponent.name))
        .join(ReleaseComponent, _SERVED)
        .where(col(Stage.system).in_(systems), col(ReleaseComponent.grant_required).is_(False))
    )
    return [(system, name) for system, name in await session.execute(statement)]


async def served_titles(session: AsyncSession, systems: Sequence[str]) -> list[tuple[str, str, str, bool, list[str]]]:
    """(system, component, title, whether it only reads, scopes) of everything some stage of the systems serves."""
    statement = (
        select(
            col(Stage.system),
            col(ReleaseComponent.name),
            col(ReleaseComponent.title),
            col(ReleaseComponent.is_read),
            col(ReleaseComponent.scopes),
        )
        .join(ReleaseComponent, col(ReleaseComponent.release_id) == col(Stage.release_id))
        .where(col(Stage.system).in_(systems))
        .order_by(col(ReleaseComponent.position))
    )
    return [
        (system, name, title, is_read, scopes)
        for system, name, title, is_read, scopes in await session.execute(statement)
    ]


async def served_unasked(session: AsyncSession, system: str) -> list[str]:
    """Names of what some stage of the system serves and nobody may apply for."""
    rows = await session.execute(
        select(col(ReleaseComponent.name))
        .join(Stage, col(ReleaseComponent.release_id) == col(Stage.release_id))
        .where(col(Stage.system) == system, col(ReleaseComponent.allow_apply).is_(False))
    )
    return list(rows.scalars())


async def current_key(session: AsyncSession, system: str, profile: str) -> SystemKey | None:
    """The newest that signs and isn't retired: the one to sign with."""
    rows = await session.execute(
        select(SystemKey)
        .where(col(SystemKey.system) == system, col(SystemKey.profile) == profile, col(SystemKey.retired_at).is_(None))
        .where(col(SystemKey.signs))
        .order_by(col(SystemKey.id).desc())
        .limit(1)
    )
    return rows.scalar_one_or_none()


async def current_keys(session: AsyncSession, system: str, profile: str) -> list[SystemKey]:
    """All that are not retired: first those that sign, the newest before all."""
    rows = await session.execute(
        select(SystemKey)
        .where(col(SystemKey.system) == system, col(SystemKey.profile) == profile, col(SystemKey.retired_at).is_(None))
        .order_by(col(SystemKey.signs).desc(), col(SystemKey.id).desc())
    )
    return list(rows.scalars())
