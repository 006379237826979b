"""Applications: grants that were asked for at once, by their common id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.grants.models import Grant, GrantEvent
from gateway.access.grants.repository import Visible, is_visible
from gateway.access.grants.states import WAITING, GrantState
from kernel.db.pages import PageRequest, cursor_after

StateFilter = Literal["waiting", "asked", "decided"]


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """What a list of applications is narrowed to; `None` narrows nothing."""

    app_code: str | None = None
    system: str | None = None
    state: StateFilter | None = None


async def application_ids(
    session: AsyncSession, wanted: ApplicationFilter, visible: Visible, page: PageRequest
) -> tuple[list[str], str | None]:
    """A page of ids, newest first, and the cursor of the next page."""
    statement = _narrowed(select(col(Grant.application_id)).distinct(), wanted)
    if (seen := is_visible(visible)) is not None:
        statement = statement.where(seen)
    if page.after is not None:
        statement = statement.where(col(Grant.application_id) < page.after)
    ordered = statement.order_by(col(Grant.application_id).desc()).limit(page.limit + 1)
    found: list[str] = list((await session.execute(ordered)).scalars())
    ids = found[: page.limit]
    return ids, cursor_after(ids[-1]) if len(found) > page.limit else None


async def grants_of(session: AsyncSession, ids: Sequence[str]) -> list[Grant]:
    """The whole system first, then by component."""
    rows = await session.execute(
        select(Grant)
        .where(col(Grant.application_id).in_(ids))
        .order_by(col(Grant.component).is_not(None), col(Grant.component))
    )
    return list(rows.scalars())


async def events_of(session: AsyncSession, ids: Sequence[str]) -> list[GrantEvent]:
    """Oldest first."""
    rows = await session.execute(
        select(GrantEvent).where(col(GrantEvent.application_id).in_(ids)).order_by(col(GrantEvent.number))
    )
    return list(rows.scalars())


def _narrowed(statement: Select[Any], wanted: ApplicationFilter) -> Select[Any]:
    if wanted.app_code is not None:
        statement = statement.where(col(Grant.app_code) == wanted.app_code)
    if wanted.system is not None:
        statement = statement.where(col(Grant.system) == wanted.system)
    if wanted.state == "asked":
        statement = statement.where(col(Grant.state) == GrantState.ASKED.value)
    elif wanted.state == "waiting":
        statement = statement.where(col(Grant.state).in_([state.value for state in WAITING]))
    elif wanted.state == "decided":
        waiting = select(col(Grant.application_id)).where(col(Grant.state).in_([state.value for state in WAITING]))
        statement = statement.where(col(Grant.application_id).not_in(waiting))
    return statement
