"""Mini-apps as clients of Standard OPS know them."""

from typing import Final

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from orchestrator.flows.resources import mini_app_resource, project_resource
from orchestrator.mini_apps.models import MiniApp
from orchestrator.sops.answering import Beside, counted
from orchestrator.sops.mini_apps.schemas import ListMiniApps, MiniAppRow
from orchestrator.sops.numbers import Kind, numbers_of
from orchestrator.sops.places import Places
from orchestrator.sops.schemes import scheme_names

_ACTIONS: Final = {
    "mini_app_view": Action.FLOW_VIEW,
    "mini_app_edit": Action.FLOW_SHARE,
    "mini_app_create_task": Action.FLOW_LAUNCH,
}


class MiniAppComponents:
    """Args:
    app_url: address of an app, with `{code}` where its code stands.
    """

    def __init__(self, places: Places, authorizer: Authorizer, app_url: str) -> None:
        self._places = places
        self._authorizer = authorizer
        self._app_url = app_url

    async def get_mini_app_list(self, session: AsyncSession, principal: Principal, asked: ListMiniApps) -> Beside:
        """The newest first."""
        place = await self._places.project(session, principal, asked)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(place.project.id))
        here = col(MiniApp.project_id) == place.project.id
        page = select(MiniApp).where(here).order_by(col(MiniApp.id).desc()).limit(asked.limit).offset(asked.offset)
        apps = (await session.execute(page)).scalars().all()
        numbers = await numbers_of(session, Kind.MINI_APP, [app.id for app in apps])
        flows = await numbers_of(session, Kind.FLOW, {app.flow_id for app in apps})
        schemes = await scheme_names(session, flows)
        rows = [
            MiniAppRow(
                id=numbers[app.id],
                name=app.name,
                code=app.code,
                link=self._app_url.format(code=app.code),
                category="Other",
                task_template_id=flows[app.flow_id],
                template_scheme_id=",".join(schemes[each] for each in app.schemes if each in schemes),
                auth_actions=await self._actions(session, principal, app),
            )
            for app in apps
        ]
        total = await session.execute(select(func.count()).select_from(MiniApp).where(here))
        return counted(rows, total.scalar_one())

    async def _actions(self, session: AsyncSession, principal: Principal, app: MiniApp) -> list[str]:
        resource = mini_app_resource(app.id, app.flow_id, app.project_id, common=app.common)
        return [
            name
            for name, action in _ACTIONS.items()
            if await self._authorizer.allows(session, principal, action, resource)
        ]
