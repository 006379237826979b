from fastapi import APIRouter

from kernel.errors import Invalid
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import UpdateServiceDep
from orchestrator.flows.endpoints import problem_view
from orchestrator.updates.nodes import Of, Step
from orchestrator.updates.schemas import OutcomeList, OutcomeView, StepBody, UpdateList, UpdatesBody, UpdateView
from orchestrator.updates.service import Outcome, Update, Wish

router = APIRouter(tags=["updates"], route_class=StrictJsonRoute)
_HIGHEST = 2**31 - 1


@router.get("/projects/{project}/updates")
async def list_updates(
    project: str, session: SessionDep, principal: PrincipalDep, updates: UpdateServiceDep, page: PageDep
) -> Page[UpdateView]:
    """Newer versions of plugins and flows that the project's flows run, and what each would break; a page is one of
    flows, so that it may be empty with more to come.
    """
    found = await updates.of_project(session, principal, project, page)
    return Page(items=[_view(each) for each in found.items], next=found.next)


@router.get("/flows/{flow}/updates")
async def list_flow_updates(
    flow: str, session: SessionDep, principal: PrincipalDep, updates: UpdateServiceDep
) -> UpdateList:
    """The same, of one flow."""
    return UpdateList(items=[_view(each) for each in await updates.of_flow(session, principal, flow)])


@router.post("/projects/{project}/updates:apply")
async def apply_updates(
    project: str, body: UpdatesBody, session: SessionDep, principal: PrincipalDep, updates: UpdateServiceDep
) -> OutcomeList:
    """Moves drafts to newer versions; published revisions stay as they are."""
    steps: dict[str, list[Step]] = {}
    places: dict[str, int] = {}
    for index, each in enumerate(body.updates):
        steps.setdefault(each.flow_id, []).append(_step(each, index))
        places.setdefault(each.flow_id, index)
    wish = Wish(project, steps, places, body.publish, body.together, body.comment)
    return OutcomeList(items=[_outcome(each) for each in await updates.take(session, principal, wish)])


def _step(body: StepBody, index: int) -> Step:
    if body.of is Of.SUBFLOW and not (body.after.isascii() and body.after.isdecimal() and int(body.after) <= _HIGHEST):
        raise Invalid.field(f"/updates/{index}/after", "is no number of a revision", "Take what the list names")
    return Step(body.of, body.name, body.before, body.after)


def _view(update: Update) -> UpdateView:
    return UpdateView(
        flow_id=update.flow.id,
        flow_name=update.flow.name,
        of=update.step.of,
        name=update.step.name,
        title=update.title,
        before=update.step.before,
        after=update.step.after,
        nodes=list(update.nodes),
        breaks=[problem_view(problem) for problem in update.breaks],
    )


def _outcome(done: Outcome) -> OutcomeView:
    return OutcomeView(
        flow_id=done.flow_id,
        flow_name=done.flow_name,
        nodes=list(done.nodes),
        draft_version=done.draft_version,
        revision=done.revision,
        problem=done.problem,
    )
