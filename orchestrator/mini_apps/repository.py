from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, false, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.authorizer import Resource
from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.errors import NotFound
from kernel.ids import is_id
from orchestrator.flows.models import FlowRevisionRow
from orchestrator.flows.resources import mini_app_resource
from orchestrator.mini_apps.models import MiniApp


async def require_app(session: AsyncSession, code: str, *, lock: bool = False) -> MiniApp:
    """Raises:
    NotFound: no app has this code.
    """
    statement = select(MiniApp).where(col(MiniApp.code) == code)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no app {code!r}")
    return found


async def find_mini_app_resource(session: AsyncSession, app_id: str) -> Resource | None:
    """A `kernel.contracts.resources.ResourceFinder`."""
    app = await session.get(MiniApp, app_id) if is_id(app_id) else None
    if app is None:
        return None
    return mini_app_resource(app.id, app.flow_id, app.project_id, common=app.common)


async def was_replaced(session: AsyncSession, flow_id: str, revision: int, by: datetime) -> bool:
    """Whether a later revision of the flow was there at that time."""
    row = FlowRevisionRow
    later = (col(row.flow_id) == flow_id, col(row.number) > revision, col(row.published_at) <= by)
    return (await session.execute(select(row.id).where(*later).limit(1))).first() is not None


async def list_in_project(session: AsyncSession, project_id: str, page: PageRequest) -> PageOf[MiniApp]:
    statement = select(MiniApp).where(col(MiniApp.project_id) == project_id)
    return await read_page(session, statement, col(MiniApp.id), page)


async def list_openable(
    session: AsyncSession,
    allowed: tuple[Collection[str] | None, Collection[str] | None, Collection[str] | None],
    page: PageRequest,
    now: datetime,
    *,
    within: str | None,
    everybodys: bool,
) -> PageOf[MiniApp]:
    """Those that are switched on and not over, by a role on the app, its flow or its project; on a flow that is another
    project's no role counts.

    Args:
        allowed: ids of apps, flows and projects; none for all.
        within: only of this project.
        everybodys: those that are open to all too.
    """
    apps, flows, projects = allowed
    ends = col(MiniApp.expires_at)
    statement = select(MiniApp).where(col(MiniApp.enabled).is_(True), or_(ends.is_(None), ends > now))
    if apps is not None and flows is not None and projects is not None:
        statement = statement.where(
            or_(
                col(MiniApp.open_to_all).is_(True) if everybodys else false(),
                col(MiniApp.id).in_(apps),
                and_(col(MiniApp.flow_id).in_(flows), col(MiniApp.common).is_(False)),
                col(MiniApp.project_id).in_(projects),
            )
        )
    if within is not None:
        statement = statement.where(col(MiniApp.project_id) == within)
    return await read_page(session, statement, col(MiniApp.id), page)
