from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import ONLY_READS, PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.wording import plain
from orchestrator.dependencies import CopyServiceDep, FlowServiceDep, LabelServiceDep
from orchestrator.flow.problems import Problem
from orchestrator.flows.copying import CopyWish
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.repository import FlowFilter
from orchestrator.flows.schemas import (
    CopyView,
    DraftPut,
    DraftView,
    FlowCopy,
    FlowCreate,
    FlowView,
    MissingView,
    ProblemView,
    PublishBody,
    RevisionSummary,
    RevisionView,
    ValidationView,
)
from orchestrator.labels.service import UNMARKED, Marks

router = APIRouter(tags=["flows"], route_class=StrictJsonRoute)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("/projects/{project}/flows", status_code=201)
async def create_flow(
    project: str, body: FlowCreate, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep
) -> FlowView:
    return flow_view(await flows.create(session, principal, project, body.name, body.description), UNMARKED)


@router.get("/projects/{project}/flows")
async def list_flows(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    flows: FlowServiceDep,
    labels: LabelServiceDep,
    page: PageDep,
    name: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    label: Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")] = "",
    favourite: Annotated[bool, Query()] = False,  # noqa: FBT002  a query parameter
) -> Page[FlowView]:
    """Those whose name has `name` in it, with a `label`, among the caller's favourites."""
    wanted = FlowFilter(name, label, principal.id if favourite else "")
    found = await flows.list_in_project(session, principal, project, page, wanted)
    marks = await labels.marks_of(session, principal, found.items)
    return Page(items=[flow_view(flow, marks) for flow in found.items], next=found.next)


@router.get("/flows/{flow}")
async def get_flow(
    flow: str, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep, labels: LabelServiceDep
) -> FlowView:
    found = await flows.get(session, principal, flow)
    return flow_view(found, await labels.marks_of(session, principal, [found]))


@router.post("/flows/{flow}:copy", status_code=201)
async def copy_flow(
    flow: str, body: FlowCopy, session: SessionDep, principal: PrincipalDep, copies: CopyServiceDep
) -> CopyView:
    """A new flow with the same draft, in the same project or another; what that one lacks is told."""
    copied = await copies.copy(session, principal, flow, CopyWish(body.name, body.project, body.revision))
    missing = [MissingView(kind=each.kind, name=each.name, nodes=list(each.nodes)) for each in copied.missing]
    return CopyView(flow=flow_view(copied.flow, UNMARKED), missing=missing)


@router.get("/flows/{flow}/draft")
async def get_draft(flow: str, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep) -> DraftView:
    return draft_view(await flows.get(session, principal, flow))


@router.put("/flows/{flow}/draft")
async def put_draft(
    flow: str, body: DraftPut, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep
) -> DraftView:
    """Saves the draft if it is still at `draft_version`; otherwise 409, and nothing is overwritten."""
    return draft_view(await flows.save_draft(session, principal, flow, body.definition, body.draft_version))


@router.post("/flows/{flow}:validate", dependencies=[ONLY_READS])
async def validate_flow(
    flow: str, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep
) -> ValidationView:
    """Every broken rule of the draft, with its place and what to do about it."""
    problems = await flows.validate(session, principal, flow)
    return ValidationView(problems=[problem_view(problem) for problem in problems])


@router.post("/flows/{flow}:publish", status_code=201)
async def publish_flow(
    flow: str,
    session: SessionDep,
    principal: PrincipalDep,
    flows: FlowServiceDep,
    body: PublishBody | None = None,
) -> RevisionView:
    """Makes the draft the next revision, which never changes; 422 with every broken rule otherwise."""
    wanted = body or PublishBody()
    return revision_view(await flows.publish(session, principal, flow, wanted.comment, wanted.draft_version))


@router.get("/flows/{flow}/revisions")
async def list_revisions(
    flow: str, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep, page: PageDep
) -> Page[RevisionSummary]:
    """The newest first, without their definitions."""
    found = await flows.list_revisions(session, principal, flow, page)
    return Page(items=[_revision_summary(row) for row in found.items], next=found.next)


@router.get("/flows/{flow}/revisions/{number}")
async def get_revision(
    flow: str, number: Number, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep
) -> RevisionView:
    return revision_view(await flows.get_revision(session, principal, flow, number))


def flow_view(flow: FlowRow, marks: Marks) -> FlowView:
    return FlowView(
        id=flow.id,
        project_id=flow.project_id,
        name=flow.name,
        description=flow.description,
        draft_version=flow.draft_version,
        latest_revision=flow.latest_revision,
        minutes_by_hand=flow.minutes_by_hand,
        labels=list(marks.labels.get(flow.id, ())),
        favourite=flow.id in marks.favourites,
        updated_at=flow.updated_at,
    )


def draft_view(flow: FlowRow) -> DraftView:
    return DraftView(
        flow_id=flow.id,
        definition=flow.draft,
        draft_version=flow.draft_version,
        updated_by=flow.updated_by,
        updated_at=flow.updated_at,
    )


def problem_view(problem: Problem) -> ProblemView:
    return ProblemView(
        rule=problem.rule,
        node_id=problem.node_id,
        edge_id=problem.edge_id,
        field=problem.field,
        message=problem.message,
        remedy=problem.remedy,
        blocking=problem.blocking,
        code=problem.code,
        params=plain(problem.params),
    )


def _revision_summary(row: FlowRevisionRow) -> RevisionSummary:
    return RevisionSummary(
        flow_id=row.flow_id,
        number=row.number,
        scopes=row.scopes,
        plugins=row.plugins,
        comment=row.comment,
        published_by=row.published_by,
        published_at=row.published_at,
    )


def revision_view(row: FlowRevisionRow) -> RevisionView:
    return RevisionView(**_revision_summary(row).model_dump(), definition=row.definition)
