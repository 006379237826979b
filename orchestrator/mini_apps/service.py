"""Flows published as apps: made by who shares the flow, opened by whom the app is open to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, ResourceKind
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.principal import Principal
from orchestrator.common_flows.places import FlowPlaces
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import project_resource, used_flow_resource
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.launch.forms import check_each, launch_form
from orchestrator.launch.leaving_out import without
from orchestrator.mini_apps import repository
from orchestrator.mini_apps.errors import CodeTaken
from orchestrator.mini_apps.models import MiniApp
from orchestrator.schemes.choosing import chosen_left_out
from orchestrator.versions import note_change, require_version


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an app is to be; see `MiniApp`."""

    name: str
    text: str
    icon: str
    colour: str
    revision: int | None
    fixed: Mapping[str, Any]
    leave_out: tuple[str, ...]
    schemes: tuple[str, ...]
    open_to_all: bool
    enabled: bool
    expires_at: datetime | None


class MiniAppService:
    """Apps as those see them who look after their flows; for those who use them see `MiniAppDesk`."""

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._places = FlowPlaces(authorizer, projects)
        self._clock = clock

    async def list_in_project(
        self, session: AsyncSession, principal: Principal, project: str, page: PageRequest
    ) -> PageOf[MiniApp]:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        return await repository.list_in_project(session, found.id, page)

    async def get(self, session: AsyncSession, principal: Principal, code: str) -> MiniApp:
        return await self._find(session, principal, code, Action.FLOW_VIEW)

    async def create(
        self,
        session: AsyncSession,
        principal: Principal,
        flow_id: str,
        code: str,
        wanted: Wanted,
        project: str | None = None,
    ) -> MiniApp:
        """Args:
            project: see `LaunchRequest`.

        Raises:
            PermissionDenied: the caller may not share the flow there.
            InputsRefused, NodesRefused, SchemesRefused: what is fixed, left out or chosen does not fit the flow.
            CodeTaken.
        """
        place = await self._places.find(session, principal, flow_id, Action.FLOW_SHARE, project)
        await self._check(session, place.flow, wanted)
        now = self._clock.now()
        app = MiniApp(
            code=code, project_id=place.project_id, flow_id=flow_id, common=place.is_common,
            created_by=principal.id, created_at=now, updated_by=principal.id, updated_at=now, **_columns(wanted),
        )  # fmt: skip
        try:
            async with session.begin_nested():
                session.add(app)
        except IntegrityError:
            raise CodeTaken(f"There is an app with the code {code!r} already") from None
        self._record(session, principal, "mini_app.created", app, after=_facts(app))
        return app

    async def replace(
        self, session: AsyncSession, principal: Principal, code: str, wanted: Wanted, version: int
    ) -> MiniApp:
        """As `create`.

        Args:
            version: of the app that the change was made from.

        Raises:
            StaleVersion: somebody else changed it since; nothing is overwritten.
        """
        app = await self._find(session, principal, code, Action.FLOW_SHARE, lock=True)
        require_version(app, version)
        await self._check(session, await require_flow(session, app.flow_id), wanted)
        before = _facts(app)
        for name, value in _columns(wanted).items():
            setattr(app, name, value)
        note_change(app, principal.id, self._clock.now())
        self._record(session, principal, "mini_app.changed", app, before=before, after=_facts(app))
        return app

    async def remove(self, session: AsyncSession, principal: Principal, code: str) -> None:
        """Its tasks stay."""
        app = await self._find(session, principal, code, Action.FLOW_SHARE, lock=True)
        await session.delete(app)
        self._record(session, principal, "mini_app.deleted", app, before=_facts(app))

    async def _find(
        self, session: AsyncSession, principal: Principal, code: str, action: Action, *, lock: bool = False
    ) -> MiniApp:
        app = await repository.require_app(session, code, lock=lock)
        resource = used_flow_resource(app.flow_id, app.project_id, common=app.common)
        await self._authorizer.require(session, principal, action, resource)
        return app

    async def _check(self, session: AsyncSession, flow: FlowRow, wanted: Wanted) -> None:
        revision = await require_revision(session, flow, wanted.revision)
        check_each(launch_form(revision.definition), wanted.fixed, "/fixed")
        left_out = await chosen_left_out(session, flow.id, revision.definition, wanted.schemes, wanted.leave_out)
        without(revision.definition, left_out)

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        app: MiniApp,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        kind = ResourceKind.MINI_APP.value
        record(session, principal, action, kind, app.id, before=before, after=after, project_id=app.project_id)


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "text": wanted.text,
        "icon": wanted.icon,
        "colour": wanted.colour,
        "revision": wanted.revision,
        "fixed": dict(wanted.fixed),
        "leave_out": list(wanted.leave_out),
        "schemes": list(wanted.schemes),
        "open_to_all": wanted.open_to_all,
        "enabled": wanted.enabled,
        "expires_at": wanted.expires_at,
    }


def _facts(app: MiniApp) -> dict[str, Any]:
    """For the audit log: of inputs the names alone."""
    return {
        "code": app.code,
        "flow": app.flow_id,
        "common": app.common,
        "name": app.name,
        "revision": app.revision,
        "fixed": sorted(app.fixed),
        "leave_out": app.leave_out,
        "schemes": app.schemes,
        "open_to_all": app.open_to_all,
        "enabled": app.enabled,
        "expires_at": app.expires_at.isoformat() if app.expires_at is not None else None,
    }
