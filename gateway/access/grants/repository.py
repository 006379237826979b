from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.grants.models import Grant
from gateway.access.grants.states import GrantState
from kernel.db.pages import PageOf, PageRequest, read_page


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """What a list of grants is narrowed to; `None` narrows nothing."""

    app_code: str | None = None
    system: str | None = None
    state: GrantState | None = None


@dataclass(frozen=True, slots=True)
class Visible:
    """Whose grants the caller may see; `None` means all."""

    apps: frozenset[str] | None
    systems: frozenset[str] | None


async def find_grant(session: AsyncSession, grant_id: str) -> Grant | None:
    return await session.get(Grant, grant_id, populate_existing=True)


async def active_grants(session: AsyncSession, app_code: str, now: datetime) -> list[Grant]:
    """Approved and not expired."""
    rows = await session.execute(
        select(Grant)
        .where(
            col(Grant.app_code) == app_code,
            col(Grant.state) == GrantState.APPROVED.value,
            or_(col(Grant.expires_at).is_(None), col(Grant.expires_at) > now),
        )
        .order_by(col(Grant.id))
    )
    return list(rows.scalars())


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
    if visible.apps is not None and visible.systems is not None:
        statement = statement.where(
            or_(col(Grant.app_code).in_(_list(visible.apps)), col(Grant.system).in_(_list(visible.systems)))
        )
    return await read_page(session, statement, col(Grant.id), page, newest_first=True)


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
