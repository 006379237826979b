from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.grants.models import Grant, GrantEvent
from gateway.access.grants.states import GrantState
from kernel.db.pages import PageOf, PageRequest, read_page

_ACTIVE: Final = (
    select(Grant)
    .where(
        col(Grant.app_code) == bindparam("app_code"),
        col(Grant.state) == GrantState.APPROVED.value,
        or_(col(Grant.expires_at).is_(None), col(Grant.expires_at) > bindparam("now")),
    )
    .order_by(col(Grant.id))
)


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """What a list of grants is narrowed to; `None` narrows nothing."""

    app_code: str | None = None
    system: str | None = None
    state: GrantState | None = None
    expires_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visible:
    """Whose grants the caller may see: of these apps and on these systems; `None` means all."""

    apps: frozenset[str] | None
    systems: frozenset[str] | None


async def find_grant(session: AsyncSession, grant_id: str) -> Grant | None:
    return await session.get(Grant, grant_id, populate_existing=True)


async def grants_of_application(session: AsyncSession, application_id: str) -> list[Grant]:
    """The whole system first, then by component."""
    rows = await session.execute(
        select(Grant)
        .where(col(Grant.application_id) == application_id)
        .order_by(col(Grant.component).is_not(None), col(Grant.component))
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())


async def events_count(session: AsyncSession, application_id: str) -> int:
    """How many steps an application has taken."""
    counted = select(func.count()).select_from(GrantEvent).where(col(GrantEvent.application_id) == application_id)
    return (await session.execute(counted)).scalar_one()


async def active_grants(session: AsyncSession, app_code: str, now: datetime) -> list[Grant]:
    """Approved and not expired."""
    return list((await session.execute(_ACTIVE, {"app_code": app_code, "now": now})).scalars())


async def grants_for(session: AsyncSession, app_code: str, system: str) -> list[Grant]:
    """Every grant the app ever had or asked for on a system, newest first."""
    rows = await session.execute(
        select(Grant).where(col(Grant.app_code) == app_code, col(Grant.system) == system).order_by(col(Grant.id).desc())
    )
    return list(rows.scalars())


async def due_grants(session: AsyncSession, now: datetime, limit: int) -> list[Grant]:
    """Written down as approved though their time is over."""
    rows = await session.execute(
        select(Grant)
        .where(col(Grant.state) == GrantState.APPROVED.value, col(Grant.expires_at) <= now)
        .order_by(col(Grant.expires_at))
        .limit(limit)
    )
    return list(rows.scalars())


async def running_grants(session: AsyncSession, system: str, now: datetime) -> list[Grant]:
    """Approved and with an end that is still to come."""
    rows = await session.execute(
        select(Grant).where(
            col(Grant.system) == system, col(Grant.state) == GrantState.APPROVED.value, col(Grant.expires_at) > now
        )
    )
    return list(rows.scalars())


async def grants_to_remind_of(session: AsyncSession, now: datetime, limit: int) -> list[Grant]:
    """Approved, with a reminder that is due."""
    rows = await session.execute(
        select(Grant)
        .where(col(Grant.state) == GrantState.APPROVED.value, col(Grant.remind_at) <= now, col(Grant.expires_at) > now)
        .order_by(col(Grant.remind_at))
        .limit(limit)
    )
    return list(rows.scalars())


async def grants_page(
    session: AsyncSession, wanted: GrantFilter, visible: Visible, now: datetime, page: PageRequest
) -> PageOf[Grant]:
    """Newest first."""
    statement = select(Grant)
    if wanted.app_code is not None:
        statement = statement.where(col(Grant.app_code) == wanted.app_code)
    if wanted.system is not None:
        statement = statement.where(col(Grant.system) == wanted.system)
    if wanted.state is not None:
        statement = statement.where(_is_in(wanted.state, now))
    if wanted.expires_before is not None:
        statement = statement.where(col(Grant.expires_at) < wanted.expires_before)
    if (seen := is_visible(visible)) is not None:
        statement = statement.where(seen)
    return await read_page(session, statement, col(Grant.id), page, newest_first=True)


def is_visible(visible: Visible) -> ColumnElement[bool] | None:
    """The condition in SQL; `None` when all are."""
    if visible.apps is None or visible.systems is None:
        return None
    return or_(col(Grant.app_code).in_(_list(visible.apps)), col(Grant.system).in_(_list(visible.systems)))


def _is_in(state: GrantState, now: datetime) -> ColumnElement[bool]:
    """As `states.state_at` tells it, in SQL."""
    written = col(Grant.state)
    over = and_(written == GrantState.APPROVED.value, col(Grant.expires_at) <= now)
    if state is GrantState.EXPIRED:
        return or_(written == state.value, over)
    if state is GrantState.APPROVED:
        return and_(written == state.value, or_(col(Grant.expires_at).is_(None), col(Grant.expires_at) > now))
    return written == state.value


def _list(names: Iterable[str]) -> list[str]:
    return sorted(names)
