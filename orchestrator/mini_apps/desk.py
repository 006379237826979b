"""Apps as those meet them who use them: a form, a button, their own tasks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, ResourceKind
from kernel.db.idempotency import KeyedRequest
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import FieldProblem
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal, PrincipalKind
from orchestrator.common_flows.places import Place, place_in
from orchestrator.flows.resources import mini_app_resource, used_flow_resource
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.launch.errors import InputsRefused
from orchestrator.launch.forms import launch_form, without_fields
from orchestrator.launch.keys import LaunchKeys, keyed
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.mini_apps import repository
from orchestrator.mini_apps.errors import AppChanged, AppClosed
from orchestrator.mini_apps.models import MiniApp
from orchestrator.runtime.models import Task
from orchestrator.tasks.filters import TaskFilter
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.tasks.service import TaskService


@dataclass(frozen=True, slots=True)
class AppPage:
    """Attributes:
    revision: whose form it is.
    manages: the caller sees everybody's tasks of it.
    """

    app: MiniApp
    revision: int
    form: Form
    manages: bool


@dataclass(frozen=True, slots=True)
class AppLaunch:
    """Attributes:
    key: the caller's idempotency key; the same key never starts a second task.
    """

    inputs: Mapping[str, Any]
    name: str | None
    revision: int | None
    key: str | None

    def asked(self, app: MiniApp, hidden: Collection[str]) -> dict[str, Any]:
        """What of it tells one launch from another, without the inputs `hidden`, and without what the app adds: that
        may be changed before the launch is repeated.
        """
        inputs = {name: value for name, value in self.inputs.items() if name not in hidden}
        return {"app": app.id, "inputs": inputs, "name": self.name, "revision": self.revision}


class MiniAppDesk:
    """Opening an app needs `mini_app.open` on it, and nothing on its flow; that is all it gives a right to."""

    def __init__(self, authorizer: Authorizer, launches: LaunchService, tasks: TaskService, clock: Clock) -> None:
        self._authorizer = authorizer
        self._launches = launches
        self._tasks = tasks
        self._clock = clock
        self._keys = LaunchKeys(clock)

    async def openable(self, session: AsyncSession, principal: Principal, page: PageRequest) -> PageOf[MiniApp]:
        """Those that are not closed and that the caller may open."""
        # Where an app lies is known here alone: what the caller holds on apps and flows is narrowed here.
        anywhere = replace(principal, confined_to=None)
        apps = await self._allowing(session, anywhere, ResourceKind.MINI_APP)
        flows = await self._allowing(session, anywhere, ResourceKind.FLOW)
        projects = await self._allowing(session, principal, ResourceKind.PROJECT)
        return await repository.list_openable(
            session,
            (apps, flows, projects),
            page,
            self._clock.now(),
            within=principal.confined_to,
            everybodys=_is_whole_person(principal),
        )

    async def open(self, session: AsyncSession, principal: Principal, code: str) -> AppPage:
        """Raises:
        PermissionDenied: it is not open to the caller.
        AppClosed: it is switched off or over.
        """
        app = await self._permitted(session, principal, code)
        place = await self._place(session, app)
        revision = await require_revision(session, place.flow, app.revision)
        form = without_fields(launch_form(revision.definition), app.fixed)
        manages = await self._authorizer.allows(session, principal, Action.TASK_VIEW, place.resource)
        return AppPage(app, revision.number, form, manages)

    async def launch(self, session: AsyncSession, principal: Principal, code: str, launch: AppLaunch) -> str:
        """Returns:
            The task's id; that of the first launch when the key was sent before, whatever became of the app since.

        Raises:
            AppChanged: the form that was filled in is of a revision the app does not run.
            PermissionDenied, AppClosed, and what `LaunchService.launch` raises.
        """
        app = await self._permitted(session, principal, code)
        request = await _keyed(session, principal, app, launch)
        earlier = await self._keys.earlier(session, request)
        if earlier is not None:
            return earlier
        task_id = await self._launched(session, principal, app, launch)
        await self._keys.keep(session, request, task_id)
        return task_id

    async def _launched(self, session: AsyncSession, principal: Principal, app: MiniApp, launch: AppLaunch) -> str:
        place = await self._place(session, app)
        await _require_offered(session, app, launch.revision)
        fixed = [
            FieldProblem(f"/inputs/{name}", "is fixed in this app", "Leave it out")
            for name in sorted(app.fixed.keys() & launch.inputs.keys())
        ]
        if fixed:
            raise InputsRefused(f"{fixed[0].field} {fixed[0].problem}", fields=fixed)
        request = LaunchRequest(
            app.flow_id,
            {**launch.inputs, **app.fixed},
            launch.name or app.name,
            app.revision if launch.revision is None else launch.revision,
            leave_out=tuple(app.leave_out),
            origin=Origin(OriginKind.MINI_APP, app.id, app.name),
            schemes=tuple(app.schemes),
        )
        return await self._launches.launch_allowed(session, principal, place, request)

    async def tasks(
        self, session: AsyncSession, principal: Principal, code: str, page: PageRequest, *, everybodys: bool
    ) -> PageOf[Task]:
        """The caller's own of this app; or everybody's, for who may see tasks of the flow."""
        app = await repository.require_app(session, code)
        wanted = TaskFilter(origin=OriginKind.MINI_APP, origin_id=app.id)
        if not everybodys:
            return await self._tasks.list_own(session, principal, wanted, page)
        resource = used_flow_resource(app.flow_id, app.project_id, common=app.common)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, resource)
        return await self._tasks.list_of_origin(session, wanted, page)

    async def _permitted(self, session: AsyncSession, principal: Principal, code: str) -> MiniApp:
        app = await repository.require_app(session, code)
        if not (app.open_to_all and _is_whole_person(principal)):
            resource = mini_app_resource(app.id, app.flow_id, app.project_id, common=app.common)
            await self._authorizer.require(session, principal, Action.MINI_APP_OPEN, resource)
        return app

    async def _place(self, session: AsyncSession, app: MiniApp) -> Place:
        """Where its tasks run; raises AppClosed, and NotFound when the flow is not shared with the project any more."""
        if not app.enabled:
            raise AppClosed(f"{app.name} is switched off")
        if app.expires_at is not None and app.expires_at <= self._clock.now():
            raise AppClosed(f"{app.name} was open until {app.expires_at.isoformat()}")
        return await place_in(session, app.flow_id, app.project_id)

    async def _allowing(self, session: AsyncSession, principal: Principal, kind: ResourceKind) -> frozenset[str] | None:
        return await self._authorizer.resources_allowing(session, principal, Action.MINI_APP_OPEN, kind)


async def _require_offered(session: AsyncSession, app: MiniApp, revision: int | None) -> None:
    """A form stays good when a newer revision is published; one that the app never showed, as it is, was never good."""
    if revision is None or revision == app.revision:
        return
    if app.revision is not None or await repository.was_replaced(session, app.flow_id, revision, app.updated_at):
        raise AppChanged(f"{app.name} does not run revision {revision}; open it again")


async def _keyed(session: AsyncSession, principal: Principal, app: MiniApp, launch: AppLaunch) -> KeyedRequest | None:
    """None where it carries no key."""
    if launch.key is None:
        return None
    flow = await require_flow(session, app.flow_id)
    revision = await require_revision(session, flow, launch.revision or app.revision)
    return keyed(principal, launch.key, launch.asked(app, secret_fields(launch_form(revision.definition).schema)))


def _is_whole_person(principal: Principal) -> bool:
    """Somebody who signed in; a token that was narrowed opens what its scopes say."""
    return principal.kind is PrincipalKind.USER and not principal.is_narrowed
