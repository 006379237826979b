"""Drafts, validation and publication of flows."""

import hashlib
import json
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.executors.advice import ConsentAdvisor
from orchestrator.executors.requests import keep_requests
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.executors import Standing
from orchestrator.flow.model import Flow, NotifyNode, PluginNode
from orchestrator.flow.problems import FlowUnreadable, Problem
from orchestrator.flows import repository
from orchestrator.flows.errors import FlowRefused, StaleDraft
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.repository import EVERY_FLOW, FlowFilter
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.notices.sending import NOTIFY

_EMPTY: dict[str, Any] = {
    "nodes": [{"id": "start", "kind": "start"}, {"id": "end", "kind": "end"}],
    "edges": [],
}

_OF_TASKS: Final = ("left_out", "subflows", "begin", "project_executor", "project_variables", "project_secrets")
"""Members that stand in the definition of a task only."""


class FlowService:
    """Every method checks the caller's right and writes the audit record of what it changes."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        publication: Publication,
        grants: GrantDesk,
        advisor: ConsentAdvisor,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._publication = publication
        self._grants = grants
        self._advisor = advisor
        self._clock = clock

    async def create(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        name: str,
        description: str,
        *,
        copied_from: str | None = None,
    ) -> FlowRow:
        """A flow whose draft has a start and an end.

        Args:
            copied_from: id of the flow it is to be a copy of, for the audit log.
        """
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(found.id))
        now = self._clock.now()
        flow = FlowRow(
            id=new_id(),
            project_id=found.id,
            name=name,
            description=description,
            draft=_EMPTY,
            created_by=principal.id,
            created_at=now,
            updated_by=principal.id,
            updated_at=now,
        )
        session.add(flow)
        await session.flush()
        after = {"name": name, "description": description}
        if copied_from is not None:
            after["copied_from"] = copied_from
        record(session, principal, "flow.created", "flow", flow.id, after=after, project_id=found.id)
        return flow

    async def list_in_project(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        page: PageRequest,
        wanted: FlowFilter = EVERY_FLOW,
    ) -> PageOf[FlowRow]:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        return await repository.list_flows(session, found.id, page, wanted)

    async def get(self, session: AsyncSession, principal: Principal, flow_id: str) -> FlowRow:
        return await self._find(session, principal, flow_id, Action.FLOW_VIEW)

    async def get_to_edit(
        self, session: AsyncSession, principal: Principal, flow_id: str, draft_version: int
    ) -> FlowRow:
        """A flow whose draft is to be changed.

        Raises:
            PermissionDenied: who may not save its draft.
            StaleDraft: as `save_draft`.
        """
        flow = await self._find(session, principal, flow_id, Action.FLOW_EDIT)
        if flow.draft_version != draft_version:
            raise _stale(flow, draft_version)
        return flow

    async def save_draft(
        self,
        session: AsyncSession,
        principal: Principal,
        flow_id: str,
        definition: object,
        draft_version: int,
        *,
        restores: int | None = None,
    ) -> FlowRow:
        """Keeps a readable definition, whatever rules it breaks.

        Args:
            restores: the revision it is that of, for the audit log.

        Raises:
            FlowRefused: the definition is unreadable.
            StaleDraft: somebody else saved since `draft_version`; nothing is overwritten.
        """
        flow = await self._find(session, principal, flow_id, Action.FLOW_EDIT)
        read = read_definition(definition)
        written = write_flow(read)
        now = self._clock.now()
        if not await repository.save_draft(session, flow.id, draft_version, written, by=principal.id, at=now):
            await session.refresh(flow)
            raise _stale(flow, draft_version)
        record(
            session,
            principal,
            "flow.draft_saved",
            "flow",
            flow.id,
            before={"draft_version": draft_version},
            after={"draft_version": draft_version + 1}
            | ({} if restores is None else {"restored_revision": restores})
            | _outline(read, written),
            project_id=flow.project_id,
        )
        await session.refresh(flow)
        return flow

    async def validate(self, session: AsyncSession, principal: Principal, flow_id: str) -> list[Problem]:
        """Every broken rule of the draft."""
        flow = await self._find(session, principal, flow_id, Action.FLOW_VIEW)
        read = read_definition(flow.draft)
        problems = await self._publication.problems(session, flow.project_id, flow.id, read)
        published = await is_draft_published(session, flow)
        standing = Standing(flow.id, (flow.latest_revision or 0) + (0 if published else 1))
        return problems + await self._advisor.advice(session, flow.project_id, write_flow(read), standing)

    async def publish(
        self, session: AsyncSession, principal: Principal, flow_id: str, comment: str, draft_version: int | None
    ) -> FlowRevisionRow:
        """Makes the draft the next revision. One that tells people something applies for the grant that this needs.

        Raises:
            FlowRefused: with every broken rule.
            StaleDraft: the draft is no longer at `draft_version`.
        """
        flow = await self._find(session, principal, flow_id, Action.FLOW_PUBLISH, lock=True)
        if draft_version is not None and draft_version != flow.draft_version:
            raise StaleDraft(f"The draft is at version {flow.draft_version}, no longer at {draft_version}")
        read = read_definition(flow.draft)
        checked = await self._publication.check(session, flow.project_id, flow.id, read)
        before = flow.latest_revision
        revision = FlowRevisionRow(
            id=new_id(),
            flow_id=flow.id,
            number=(before or 0) + 1,
            definition=write_flow(read),
            scopes=sorted(checked.scopes),
            plugins={code: sorted(versions) for code, versions in sorted(checked.plugins.items())},
            comment=comment,
            published_by=principal.id,
            published_at=self._clock.now(),
        )
        session.add(revision)
        if any(isinstance(node, NotifyNode) for node in read.nodes):
            reason = f"Flow {flow.name} tells people something"
            await self._grants.apply_for_components(session, principal, flow.project_id, [NOTIFY], reason)
        flow.latest_revision = revision.number
        await session.flush()
        await keep_requests(session, flow, revision)
        record(
            session,
            principal,
            "flow.published",
            "flow",
            flow.id,
            before={"latest_revision": before},
            after={
                "latest_revision": revision.number,
                "draft_version": flow.draft_version,
                "comment": comment,
                "scopes": revision.scopes,
                "plugins": revision.plugins,
            }
            | _outline(read, revision.definition),
            project_id=flow.project_id,
        )
        return revision

    async def list_revisions(
        self, session: AsyncSession, principal: Principal, flow_id: str, page: PageRequest
    ) -> PageOf[FlowRevisionRow]:
        flow = await self._find(session, principal, flow_id, Action.FLOW_VIEW)
        return await repository.list_revisions(session, flow.id, page)

    async def get_revision(
        self, session: AsyncSession, principal: Principal, flow_id: str, number: int
    ) -> FlowRevisionRow:
        flow = await self._find(session, principal, flow_id, Action.FLOW_VIEW)
        return await require_revision(session, flow, number)

    async def _find(
        self, session: AsyncSession, principal: Principal, flow_id: str, action: Action, *, lock: bool = False
    ) -> FlowRow:
        flow = await require_flow(session, flow_id, lock=lock)
        await self._authorizer.require(session, principal, action, flow_resource(flow.id, flow.project_id))
        return flow


def _stale(flow: FlowRow, draft_version: int) -> StaleDraft:
    return StaleDraft(
        f"The draft is at version {flow.draft_version}, saved by {flow.updated_by}; yours was made from "
        f"{draft_version}. Read it again and repeat your change"
    )


async def require_flow(session: AsyncSession, flow_id: str, *, lock: bool = False) -> FlowRow:
    """Raises:
    NotFound: no such flow.
    """
    flow = await repository.find_flow(session, flow_id, lock=lock)
    if flow is None:
        raise NotFound(f"There is no flow {flow_id!r}")
    return flow


async def require_revision(session: AsyncSession, flow: FlowRow, number: int | None) -> FlowRevisionRow:
    """The revision `number`, or the latest when none is named.

    Raises:
        NotFound: there is none.
    """
    wanted = flow.latest_revision if number is None else number
    revision = None if wanted is None else await repository.find_revision(session, flow.id, wanted)
    if revision is None:
        missing = "is not published yet" if wanted is None else f"has no revision {wanted}"
        raise NotFound(f"Flow {flow.name!r} {missing}")
    return revision


async def is_draft_published(session: AsyncSession, flow: FlowRow) -> bool:
    """Whether the draft is what the newest revision has."""
    if flow.latest_revision is None:
        return False
    revision = await repository.find_revision(session, flow.id, flow.latest_revision)
    return revision is not None and write_flow(read_flow(flow.draft)) == revision.definition


def read_definition(definition: object) -> Flow:
    """A definition as people send it.

    Raises:
        FlowRefused: it can't be read, or is that of a task.
    """
    try:
        read = read_flow(definition)
    except FlowUnreadable as error:
        raise FlowRefused.because_of(error.problems) from None
    of_tasks = [name for name in _OF_TASKS if getattr(read, name)]
    of_tasks += [
        f"nodes[{index}].mock"
        for index, node in enumerate(read.nodes)
        if isinstance(node, PluginNode | NotifyNode) and node.mock is not None
    ]
    if of_tasks:
        raise FlowRefused.because_of(
            Problem("shape", "stands in the definition of a task only", "remove it", field=name) for name in of_tasks
        )
    return read


def _outline(flow: Flow, written: dict[str, Any]) -> dict[str, Any]:
    """Enough of a definition to tell two apart in the audit log, without all of it."""
    digest = hashlib.sha256(json.dumps(written, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return {"nodes": len(flow.nodes), "edges": len(flow.edges), "digest": f"sha256:{digest}"}
