from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import LabelServiceDep
from orchestrator.labels.models import Label
from orchestrator.labels.schemas import LabelBody, LabelList, LabelsOfFlow, LabelView

router = APIRouter(tags=["labels"], route_class=StrictJsonRoute)


@router.get("/projects/{project}/labels")
async def list_labels(project: str, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep) -> LabelList:
    """What flows of the project may be marked with, by name."""
    return LabelList(items=[_view(label) for label in await labels.list_in(session, principal, project)])


@router.post("/projects/{project}/labels", status_code=201)
async def create_label(
    project: str, body: LabelBody, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep
) -> LabelView:
    return _view(await labels.create(session, principal, project, body.name, body.colour))


@router.put("/labels/{label}")
async def change_label(
    label: str, body: LabelBody, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep
) -> LabelView:
    return _view(await labels.change(session, principal, label, body.name, body.colour))


@router.delete("/labels/{label}", status_code=204)
async def delete_label(label: str, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep) -> None:
    """Flows that had it have it no longer."""
    await labels.remove(session, principal, label)


@router.put("/flows/{flow}/labels", status_code=204)
async def label_flow(
    flow: str, body: LabelsOfFlow, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep
) -> None:
    """Marks the flow with exactly these labels of its project."""
    await labels.put_on(session, principal, flow, body.labels)


@router.put("/flows/{flow}/favourite", status_code=204)
async def add_favourite(flow: str, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep) -> None:
    """Keeps the flow at hand for the caller."""
    await labels.keep(session, principal, flow)


@router.delete("/flows/{flow}/favourite", status_code=204)
async def remove_favourite(flow: str, session: SessionDep, principal: PrincipalDep, labels: LabelServiceDep) -> None:
    await labels.let_go(session, principal, flow)


def _view(label: Label) -> LabelView:
    return LabelView(id=label.id, project_id=label.project_id, name=label.name, colour=label.colour)
