"""Who is told of a flow's tasks, as people set it: read by who sees the flow, set by who edits it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal
from kernel.secrets import SecretBox
from kernel.signing.standard_webhooks import new_secret
from kernel.transport.address_problem import address_problem
from kernel.transport.addresses import AddressPolicy
from orchestrator.engine.states import TaskState
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import require_flow
from orchestrator.notices import repository
from orchestrator.notices.models import FlowNotices, Notice, NoticeGroup
from orchestrator.notices.sending import NOTIFY, SECRET_PURPOSE

MOST_GROUPS: Final = 200
"""Of a project."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """See `FlowNotices`."""

    events: tuple[str, ...]
    launcher: bool
    people: tuple[str, ...]
    groups: tuple[str, ...]
    url: str


class NoticeService:
    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        grants: GrantDesk,
        secrets: SecretBox,
        policy: AddressPolicy,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._grants = grants
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def get(self, session: AsyncSession, principal: Principal, flow_id: str) -> FlowNotices | None:
        """None where nobody has set anything yet: then nobody is told."""
        flow = await self._flow(session, principal, flow_id, Action.FLOW_VIEW)
        return await repository.find_settings(session, flow.id)

    async def put(self, session: AsyncSession, principal: Principal, flow_id: str, wanted: Wanted) -> FlowNotices:
        """Counts for tasks launched from now on. Telling people applies for the grant that the project needs to.

        Raises:
            Invalid: an address that may not be called, or a group that isn't there.
        """
        return await self.change(session, principal, flow_id, lambda _kept: wanted)

    async def change(
        self,
        session: AsyncSession,
        principal: Principal,
        flow_id: str,
        wanted_of: Callable[[FlowNotices], Wanted],
    ) -> FlowNotices:
        """As `put`, from what is kept: of two who change a part each at once, neither undoes what the other did.

        Args:
            wanted_of: is given what is kept once nobody else can change it.

        Raises:
            Invalid: as `put`.
        """
        flow = await self._flow(session, principal, flow_id, Action.FLOW_EDIT, lock=True)
        settings = await self._kept(session, principal, flow)
        before = _facts(settings)
        wanted = wanted_of(settings)
        known = {group.name for group in await repository.groups_of(session, flow.project_id)}
        problems = [
            FieldProblem(f"groups.{index}", f"there is no group {name!r}", "Make it first, or leave it out")
            for index, name in enumerate(wanted.groups)
            if name not in known
        ]
        if problems:
            raise Invalid("; ".join(problem.problem for problem in problems), fields=problems)
        if wanted.url:
            await self.check_address(wanted.url, "url")
            if not settings.sealed_secret:
                raise Invalid.field(
                    "url", "can't be signed to yet", f"Make a secret: POST …/{flow.id}/notices:rotate-secret"
                )
        settings.events, settings.launcher = list(wanted.events), wanted.launcher
        settings.people, settings.groups, settings.url = list(wanted.people), list(wanted.groups), wanted.url
        settings.updated_by, settings.updated_at = principal.id, self._clock.now()
        if wanted.launcher or wanted.people or wanted.groups:
            reason = f"Word of tasks of flow {flow.name}"
            await self._grants.apply_for_components(session, principal, flow.project_id, [NOTIFY], reason)
        self._record(session, principal, "flow_notices.changed", flow, before=before, after=_facts(settings))
        return settings

    async def rotate_secret(self, session: AsyncSession, principal: Principal, flow_id: str) -> str:
        """Makes the secret that signs, anew; known only now."""
        flow = await self._flow(session, principal, flow_id, Action.FLOW_EDIT, lock=True)
        if principal.is_narrowed:
            raise PermissionDenied("A narrowed token makes no secrets; sign in, or use a token that is not narrowed")
        settings = await self._kept(session, principal, flow)
        secret = new_secret()
        settings.sealed_secret = self._secrets.seal(secret.encode(), SECRET_PURPOSE)
        self._record(session, principal, "flow_notices.secret_changed", flow)
        return secret

    async def notices(
        self, session: AsyncSession, principal: Principal, flow_id: str, page: PageRequest
    ) -> PageOf[Notice]:
        """What was told and what waits to be, the newest first."""
        flow = await self._flow(session, principal, flow_id, Action.FLOW_VIEW)
        return await repository.notices_page(session, flow.id, flow.project_id, page)

    async def send_again(self, session: AsyncSession, principal: Principal, flow_id: str, notice_id: str) -> Notice:
        """Raises NotFound: the flow has no such notice."""
        flow = await self._flow(session, principal, flow_id, Action.FLOW_EDIT)
        notice = await repository.find_notice(session, notice_id, lock=True)
        if notice is None or (notice.flow_id, notice.project_id) != (flow.id, flow.project_id):
            raise NotFound(f"There is no notice {notice_id!r} of this flow")
        notice.repeat(self._clock.now())
        self._record(session, principal, "notice.repeated", flow, after={"notice": notice.id, "about": notice.about})
        return notice

    async def groups(self, session: AsyncSession, principal: Principal, project: str) -> Sequence[NoticeGroup]:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        return await repository.groups_of(session, found.id)

    async def put_group(
        self, session: AsyncSession, principal: Principal, project: str, name: str, people: Sequence[str]
    ) -> NoticeGroup:
        """Raises Conflict: the project has as many as it may have."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(found.id))
        group, is_new = await repository.hold_group(session, found.id, name)
        if is_new and len(await repository.groups_of(session, found.id)) > MOST_GROUPS:
            raise Conflict(f"The project has {MOST_GROUPS} groups; delete one that nobody needs")
        before = None if is_new else {"people": group.people}
        group.people = list(dict.fromkeys(people))
        after = {"people": group.people}
        record(session, principal, "notice_group.changed", "notice_group", name, before=before, after=after,
               project_id=found.id)  # fmt: skip
        return group

    async def remove_group(self, session: AsyncSession, principal: Principal, project: str, name: str) -> None:
        """Flows that name it tell nobody of it any more. Raises NotFound."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(found.id))
        group = await repository.find_group(session, found.id, name)
        if group is None:
            raise NotFound(f"There is no group {name!r}")
        record(session, principal, "notice_group.deleted", "notice_group", name, before={"people": group.people},
               project_id=found.id)  # fmt: skip
        await session.delete(group)

    async def told_from(self, session: AsyncSession, flow_id: str, callback_url: str) -> str | None:
        """With what a task begins that somebody is to be told of; none where nobody is.

        Raises:
            Invalid: the callback's address may not be called, or nothing could be signed to it.
        """
        settings, has_webhook = await repository.find_telling(session, flow_id)
        if callback_url:
            await self.check_address(callback_url, "callback_url")
            if settings is None or not settings.sealed_secret:
                remedy = f"Make a secret: POST …/{flow_id}/notices:rotate-secret"
                raise Invalid.field("callback_url", "can't be signed to: the flow has no secret", remedy)
        is_told = bool(callback_url) or has_webhook or (settings is not None and bool(settings.events))
        return TaskState.CREATED.value if is_told else None

    async def check_address(self, url: str, field: str) -> None:
        """Raises Invalid, unless it may be called now; it is checked again whenever it is."""
        problem = await address_problem(self._policy, url)
        if problem is not None:
            raise Invalid.field(field, problem)

    async def _kept(self, session: AsyncSession, principal: Principal, flow: FlowRow) -> FlowNotices:
        settings = await repository.find_settings(session, flow.id)
        if settings is None:
            now = self._clock.now()
            settings = FlowNotices(flow_id=flow.id, project_id=flow.project_id, updated_by=principal.id, updated_at=now)
            session.add(settings)
        return settings

    async def _flow(
        self, session: AsyncSession, principal: Principal, flow_id: str, action: Action, *, lock: bool = False
    ) -> FlowRow:
        """Args:
        lock: held, so that of two who set it first at once one comes after the other.
        """
        flow = await require_flow(session, flow_id, lock=lock)
        await self._authorizer.require(session, principal, action, flow_resource(flow.id, flow.project_id))
        return flow

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        flow: FlowRow,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        record(session, principal, action, "flow", flow.id, before=before, after=after, project_id=flow.project_id)


def _facts(settings: FlowNotices) -> dict[str, Any]:
    return {
        "events": settings.events,
        "launcher": settings.launcher,
        "people": settings.people,
        "groups": settings.groups,
        "url": settings.url,
    }
