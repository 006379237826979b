from datetime import timedelta

from fastapi import APIRouter

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import EventServiceDep
from orchestrator.waiting.schemas import EventBody, EventDeliveryView, FlowEventView
from orchestrator.waiting.service import SeenEvent, Told

router = APIRouter(tags=["tasks"], route_class=StrictJsonRoute)


@router.post("/projects/{project}/events", status_code=201)
async def tell_event(
    project: str, body: EventBody, session: SessionDep, principal: PrincipalDep, events: EventServiceDep
) -> FlowEventView:
    """Tells the project's tasks of an event; answers which nodes it went to at once."""
    told = Told(body.name, body.key, body.data, body.id, timedelta(seconds=body.keep_seconds))
    return _view(await events.tell(session, principal, project, told))


@router.get("/projects/{project}/events")
async def list_events(
    project: str, session: SessionDep, principal: PrincipalDep, events: EventServiceDep, page: PageDep
) -> Page[FlowEventView]:
    """Events that are still kept, the newest first."""
    found = await events.list_in_project(session, principal, project, page)
    return Page(items=[_view(seen) for seen in found.items], next=found.next)


def _view(seen: SeenEvent) -> FlowEventView:
    name, _, key = seen.event.about.partition("/")
    return FlowEventView(
        id=seen.event.id,
        name=name,
        key=key,
        given_id=seen.event.given_id,
        sender=seen.event.sender,
        created_at=seen.event.created_at,
        expires_at=seen.event.expires_at,
        delivered=[
            EventDeliveryView(task_id=each.task_id, node_id=each.node_id, at=each.at) for each in seen.delivered
        ],
    )
