"""Tasks handed over: somebody asks for one, an operator claims it, adjusts it and runs it, or rejects it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import FieldProblem
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal, system_principal
from orchestrator.flows.resources import flow_resource, project_resource, reach_of, task_resource
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.handover import repository
from orchestrator.handover.errors import RequestClaimed, RequestSettled, TooManyRequested
from orchestrator.handover.models import TaskRequest
from orchestrator.handover.states import CLAIMED_FOR, KEPT_OPEN, MOST_OPEN, OPEN, RequestState, changes
from orchestrator.handover.telling import RequestTelling
from orchestrator.launch.errors import InputsRefused
from orchestrator.launch.forms import accepted_inputs, launch_form, without_fields
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchablePage, LaunchForm, LaunchService
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.tasks.repository import require_task

_PART: Final = system_principal("hand-over")
_VIEWER: Final = "viewer"
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Submission:
    inputs: Mapping[str, Any]
    name: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Attributes:
    task_state: of the task that was started for it.
    """

    request: TaskRequest
    task_state: str | None


@dataclass(frozen=True, slots=True)
class SeenPage:
    items: list[Seen]
    next: str | None


class HandoverService:
    """Asking needs `flow.request` on the flow; claiming and what follows `task.operate` and `flow.launch` there."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        launches: LaunchService,
        telling: RequestTelling,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._launches = launches
        self._telling = telling
        self._clock = clock

    async def requestable(self, session: AsyncSession, principal: Principal, page: PageRequest) -> LaunchablePage:
        """Published flows the caller may ask for a task of."""
        return await self._launches.allowing(session, principal, Action.FLOW_REQUEST, page)

    async def form(self, session: AsyncSession, principal: Principal, flow_id: str) -> LaunchForm:
        """What is asked of who asks: the flow's form without what it takes as a secret."""
        flow = await require_flow(session, flow_id)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.require(session, principal, Action.FLOW_REQUEST, resource)
        revision = await require_revision(session, flow, None)
        form = launch_form(revision.definition)
        asked = without_fields(form, secret_fields(form.schema))
        return LaunchForm(flow, flow.project_id, revision.number, asked, {})

    async def submit(self, session: AsyncSession, principal: Principal, flow_id: str, submission: Submission) -> Seen:
        """Raises:
        PermissionDenied: the caller may not ask for tasks of this flow.
        InputsRefused: naming each wrong field.
        TooManyRequested: so many of the caller's wait already.
        """
        launch = await self.form(session, principal, flow_id)
        inputs = accepted_inputs(launch.form, submission.inputs)
        if await repository.count_open(session, principal.id) >= MOST_OPEN:
            raise TooManyRequested(f"{MOST_OPEN} of your requests wait already; withdraw one that you don't need")
        now = self._clock.now()
        request = TaskRequest(
            project_id=launch.flow.project_id,
            flow_id=flow_id,
            flow_name=launch.flow.name,
            revision=launch.revision,
            name=submission.name or launch.flow.name,
            note=submission.note,
            asked=inputs,
            inputs=inputs,
            requester=principal.id,
            created_at=now,
            expires_at=now + KEPT_OPEN,
        )
        session.add(request)
        await session.flush()
        after = {"flow": flow_id, "revision": request.revision, "name": request.name, "inputs": sorted(inputs)}
        self._record(session, principal, "request.submitted", request, after=after)
        await self._telling.operators(session, request, now)
        return Seen(request, None)

    async def list_in_project(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        states: Collection[RequestState],
        page: PageRequest,
    ) -> SeenPage:
        """For operators."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.TASK_OPERATE, project_resource(found.id))
        where = col(TaskRequest.project_id) == found.id
        return await self._seen(session, await repository.list_requests(session, where, states, page))

    async def list_own(
        self, session: AsyncSession, principal: Principal, states: Collection[RequestState], page: PageRequest
    ) -> SeenPage:
        """What the caller asked for: everybody may see his own, as far as his credential counts."""
        self._authorizer.require_credential(principal, Action.FLOW_VIEW, reach_of(principal))
        where = col(TaskRequest.requester) == principal.id
        if principal.confined_to is not None:
            where &= col(TaskRequest.project_id) == principal.confined_to
        return await self._seen(session, await repository.list_requests(session, where, states, page))

    async def get(self, session: AsyncSession, principal: Principal, request_id: str) -> Seen:
        request = await repository.require_request(session, request_id)
        await self._require_requester(session, principal, request, Action.FLOW_VIEW)
        return (await self._with_tasks(session, [request]))[0]

    async def claim(self, session: AsyncSession, principal: Principal, request_id: str) -> Seen:
        """Of several who claim it at once one has it, until his claim runs out or he lets it go.

        Raises:
            RequestClaimed: somebody else has it.
            RequestSettled: it is over.
        """
        request = await self._open(session, principal, request_id)
        now = self._clock.now()
        if self._is_held(request) and request.claimed_by != principal.id:
            raise RequestClaimed(f"{request.claimed_by} has claimed it already")
        before = {"state": request.state, "claimed_by": request.claimed_by}
        request.state, request.claimed_by = RequestState.CLAIMED.value, principal.id
        request.claimed_until = now + CLAIMED_FOR
        self._record(session, principal, "request.claimed", request, before=before, after={"claimed_by": principal.id})
        if before["claimed_by"] != principal.id:
            request.claimed_at = now
            await self._telling.requester(session, request, "claimed", now)
        return Seen(request, None)

    async def release(self, session: AsyncSession, principal: Principal, request_id: str) -> Seen:
        """Lets others claim it; what was adjusted stays."""
        request = await self._own_claim(session, principal, request_id)
        request.state, request.claimed_by = RequestState.SUBMITTED.value, ""
        request.claimed_at = request.claimed_until = None
        self._record(session, principal, "request.released", request, before={"claimed_by": principal.id})
        return Seen(request, None)

    async def adjust(
        self,
        session: AsyncSession,
        principal: Principal,
        request_id: str,
        inputs: Mapping[str, Any],
        name: str | None = None,
    ) -> Seen:
        """Other inputs than were asked for; both stay to be seen.

        Args:
            name: of the task, where it is to be another.

        Raises:
            InputsRefused: naming each wrong field.
        """
        request = await self._own_claim(session, principal, request_id)
        form = await self._form_of(session, request)
        before = request.inputs
        request.inputs = accepted_inputs(without_fields(form, secret_fields(form.schema)), inputs)
        changed = [change.name for change in changes(before, request.inputs)]
        after: dict[str, Any] = {"changed_inputs": changed}
        if name is not None:
            request.name = after["name"] = name
        self._record(session, principal, "request.adjusted", request, after=after)
        return Seen(request, None)

    async def start(
        self, session: AsyncSession, principal: Principal, request_id: str, secrets: Mapping[str, Any]
    ) -> Seen:
        """Runs it for whoever claimed it, by his rights; who asked may watch the task.

        Args:
            secrets: what the flow's form takes as secrets.

        Raises:
            InputsRefused: a secret is none: what else is asked for is adjusted, so that it is seen.
            RequestClaimed, RequestSettled, and what `LaunchService.launch` raises.
        """
        request = await self._own_claim(session, principal, request_id)
        _require_secrets(await self._form_of(session, request), secrets)
        origin = Origin(OriginKind.REQUEST, request.id, request.requester)
        inputs = {**secrets, **request.inputs}
        launch = LaunchRequest(request.flow_id, inputs, request.name, request.revision, origin=origin)
        task_id = await self._launches.launch(session, principal, launch)
        if request.requester != principal.id:
            resource = task_resource(await require_task(session, task_id), for_launcher=False)
            await self._authorizer.bind_role(session, _PART, request.requester, _VIEWER, resource)
        request.task_id = task_id
        await self._settle(session, principal, request, RequestState.STARTED)
        return (await self._with_tasks(session, [request]))[0]

    async def reject(self, session: AsyncSession, principal: Principal, request_id: str, reason: str) -> Seen:
        """Raises:
        RequestClaimed: somebody else has it.
        """
        request = await self._open(session, principal, request_id)
        if self._is_held(request) and request.claimed_by != principal.id:
            raise RequestClaimed(f"{request.claimed_by} has claimed it already")
        request.reason = reason
        await self._settle(session, principal, request, RequestState.REJECTED)
        return Seen(request, None)

    async def withdraw(self, session: AsyncSession, principal: Principal, request_id: str) -> Seen:
        """By who asked, as long as it is open. Raises RequestSettled, PermissionDenied."""
        request = await repository.require_request(session, request_id, lock=True)
        await self._require_requester(session, principal, request, Action.FLOW_REQUEST)
        if request.requester != principal.id:
            raise RequestClaimed(f"Only {request.requester} may withdraw it; reject it instead")
        self._require_open(request)
        await self._settle(session, principal, request, RequestState.WITHDRAWN)
        return Seen(request, None)

    async def expire(self, session: AsyncSession) -> int:
        """Ends requests nobody ran in time, and tells who asked; answers how many."""
        overdue = await repository.overdue(session, self._clock.now(), _AT_ONCE)
        for request in overdue:
            await self._settle(session, _PART, request, RequestState.EXPIRED)
        return len(overdue)

    async def _settle(
        self, session: AsyncSession, principal: Principal, request: TaskRequest, state: RequestState
    ) -> None:
        now = self._clock.now()
        before = {"state": request.state, "claimed_by": request.claimed_by}
        request.state, request.claimed_until = state.value, None
        request.settled_by, request.settled_at = principal.id, now
        after = {"state": state.value, "task": request.task_id, "reason": request.reason}
        self._record(session, principal, f"request.{state.value}", request, before=before, after=after)
        if request.requester != principal.id:
            await self._telling.requester(session, request, state.value, now)

    async def _open(self, session: AsyncSession, principal: Principal, request_id: str) -> TaskRequest:
        request = await repository.require_request(session, request_id, lock=True)
        await self._require_operator(session, principal, request)
        self._require_open(request)
        return request

    async def _own_claim(self, session: AsyncSession, principal: Principal, request_id: str) -> TaskRequest:
        request = await self._open(session, principal, request_id)
        if request.claimed_by != principal.id or not self._is_held(request):
            raise RequestClaimed(f"{request.claimed_by} has claimed it" if self._is_held(request) else "Claim it first")
        return request

    def _is_held(self, request: TaskRequest) -> bool:
        return request.claimed_until is not None and request.claimed_until > self._clock.now()

    def _require_open(self, request: TaskRequest) -> None:
        if request.state not in OPEN or request.expires_at <= self._clock.now():
            standing = request.state if request.state not in OPEN else RequestState.EXPIRED.value
            raise RequestSettled(f"The request is {standing}")

    async def _require_requester(
        self, session: AsyncSession, principal: Principal, request: TaskRequest, action: Action
    ) -> None:
        """Who asked, as far as his credential carries that; or an operator."""
        if request.requester == principal.id:
            resource = flow_resource(request.flow_id, request.project_id)
            self._authorizer.require_credential(principal, action, resource)
        else:
            await self._require_operator(session, principal, request)

    async def _require_operator(self, session: AsyncSession, principal: Principal, request: TaskRequest) -> None:
        resource = flow_resource(request.flow_id, request.project_id)
        for action in (Action.TASK_OPERATE, Action.FLOW_LAUNCH):
            await self._authorizer.require(session, principal, action, resource)

    async def _form_of(self, session: AsyncSession, request: TaskRequest) -> Form:
        flow = await require_flow(session, request.flow_id)
        return launch_form((await require_revision(session, flow, request.revision)).definition)

    async def _seen(self, session: AsyncSession, page: PageOf[TaskRequest]) -> SeenPage:
        return SeenPage(await self._with_tasks(session, page.items), page.next)

    @staticmethod
    async def _with_tasks(session: AsyncSession, requests: Sequence[TaskRequest]) -> list[Seen]:
        states = await repository.task_states(session, [each.task_id for each in requests if each.task_id is not None])
        return [Seen(each, states.get(each.task_id or "")) for each in requests]

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        request: TaskRequest,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        record(
            session, principal, action, "task_request", request.id,
            before=before, after=after, project_id=request.project_id, task_id=request.task_id,
        )  # fmt: skip


def _require_secrets(form: Form, given: Mapping[str, Any]) -> None:
    """Raises InputsRefused, naming what the form does not take as a secret."""
    problems = [
        FieldProblem(f"/secrets/{name}", "is no secret of the form", "Adjust the request's inputs instead")
        for name in sorted(given.keys() - secret_fields(form.schema))
    ]
    if problems:
        raise InputsRefused("; ".join(f"{each.field} {each.problem}" for each in problems[:5]), fields=problems)
