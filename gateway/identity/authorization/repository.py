from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from gateway.identity.authorization.models import RelatedApp, RoleBinding
from gateway.identity.roles import ADMIN
from kernel.clock import utc_now
from kernel.contracts.authorizer import PLATFORM, HeldRole, Resource, ResourceKind
from kernel.ids import new_id


async def roles_on(session: AsyncSession, username: str, resources: Iterable[Resource]) -> list[HeldRole]:
    """The person's roles on any of `resources`, earliest first."""
    places = [
        (col(RoleBinding.resource_kind) == resource.kind.value) & (col(RoleBinding.resource_id) == resource.id)
        for resource in resources
    ]
    rows = await session.execute(
        select(RoleBinding).where(col(RoleBinding.username) == username, or_(*places)).order_by(col(RoleBinding.id))
    )
    return [held(binding) for binding in rows.scalars()]


def held(binding: RoleBinding) -> HeldRole:
    resource = Resource(ResourceKind(binding.resource_kind), binding.resource_id)
    return HeldRole(binding.username, binding.role, resource, binding.origin, binding.given_by)


def holds_admin(username: Mapped[str]) -> ColumnElement[bool]:
    """An SQL condition: whether that person is administrator of the platform."""
    return exists(
        select(1).where(
            col(RoleBinding.username) == username,
            col(RoleBinding.resource_kind) == PLATFORM.kind.value,
            col(RoleBinding.resource_id) == PLATFORM.id,
            col(RoleBinding.role) == ADMIN,
        )
    )


def holds_any(username: Mapped[str], resource: Resource) -> ColumnElement[bool]:
    """An SQL condition: whether that person has a role on the resource itself."""
    return exists(
        select(1).where(
            col(RoleBinding.username) == username,
            col(RoleBinding.resource_kind) == resource.kind.value,
            col(RoleBinding.resource_id) == resource.id,
        )
    )


async def holders(session: AsyncSession, resource: Resource, roles: Sequence[str], limit: int) -> list[str]:
    """User names that hold one of `roles` on `resource`, earliest first."""
    rows = await session.execute(
        select(col(RoleBinding.username))
        .where(
            col(RoleBinding.resource_kind) == resource.kind.value,
            col(RoleBinding.resource_id) == resource.id,
            col(RoleBinding.role).in_(roles),
        )
        .order_by(col(RoleBinding.id))
        .limit(limit)
    )
    return list(dict.fromkeys(rows.scalars()))


async def resources_of(session: AsyncSession, username: str, kind: ResourceKind, roles: Sequence[str]) -> list[str]:
    rows = await session.execute(
        select(col(RoleBinding.resource_id)).where(
            col(RoleBinding.username) == username,
            col(RoleBinding.resource_kind) == kind.value,
            col(RoleBinding.role).in_(roles),
        )
    )
    return list(rows.scalars())


async def bindings_of(session: AsyncSession, username: str, kind: ResourceKind) -> list[RoleBinding]:
    rows = await session.execute(
        select(RoleBinding).where(col(RoleBinding.username) == username, col(RoleBinding.resource_kind) == kind.value)
    )
    return list(rows.scalars())


async def bindings_from(session: AsyncSession, username: str, origin: str) -> list[RoleBinding]:
    """What the person holds on the word of one origin."""
    rows = await session.execute(
        select(RoleBinding).where(col(RoleBinding.username) == username, col(RoleBinding.origin) == origin)
    )
    return list(rows.scalars())


async def bindings_on(session: AsyncSession, resource: Resource) -> list[RoleBinding]:
    rows = await session.execute(
        select(RoleBinding)
        .where(col(RoleBinding.resource_kind) == resource.kind.value, col(RoleBinding.resource_id) == resource.id)
        .order_by(col(RoleBinding.id))
    )
    return list(rows.scalars())


async def lock_bindings(session: AsyncSession, resource: Resource) -> None:
    """Waits until no other transaction is changing the roles that are held on `resource`."""
    await session.execute(
        select(col(RoleBinding.id))
        .where(col(RoleBinding.resource_kind) == resource.kind.value, col(RoleBinding.resource_id) == resource.id)
        .order_by(col(RoleBinding.id))
        .with_for_update()
    )


async def add(session: AsyncSession, username: str, role: str, resource: Resource, origin: str, given_by: str) -> bool:
    """Binds the role; false when it is bound from this origin already."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(RoleBinding)
        .values(
            id=new_id(),
            username=username,
            role=role,
            resource_kind=resource.kind.value,
            resource_id=resource.id,
            origin=origin,
            given_by=given_by,
            created_at=utc_now(),
        )
        .on_conflict_do_nothing()
        .returning(col(RoleBinding.id))
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def remove(session: AsyncSession, username: str, role: str, resource: Resource, origin: str) -> bool:
    """Takes the role away; false when it isn't bound from this origin."""
    statement = (
        delete(RoleBinding)
        .where(
            col(RoleBinding.username) == username,
            col(RoleBinding.role) == role,
            col(RoleBinding.resource_kind) == resource.kind.value,
            col(RoleBinding.resource_id) == resource.id,
            col(RoleBinding.origin) == origin,
        )
        .returning(col(RoleBinding.id))
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def find_related(session: AsyncSession, system: str, app_code: str) -> RelatedApp | None:
    rows = await session.execute(
        select(RelatedApp).where(col(RelatedApp.system) == system, col(RelatedApp.app_code) == app_code)
    )
    return rows.scalar_one_or_none()


async def related_apps(session: AsyncSession, system: str) -> list[RelatedApp]:
    rows = await session.execute(
        select(RelatedApp).where(col(RelatedApp.system) == system).order_by(col(RelatedApp.app_code))
    )
    return list(rows.scalars())
