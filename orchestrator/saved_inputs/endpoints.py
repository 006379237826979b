from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import SavedInputsServiceDep
from orchestrator.saved_inputs.schemas import LastInputsView, SavedInputsBody, SavedInputsList, SavedInputsView
from orchestrator.saved_inputs.service import Offered, Wanted

router = APIRouter(tags=["launch"], route_class=StrictJsonRoute)


@router.get("/flows/{flow}/saved-inputs")
async def list_saved_inputs(
    flow: str, session: SessionDep, principal: PrincipalDep, saved: SavedInputsServiceDep
) -> SavedInputsList:
    """The caller's own, and those that others share."""
    return SavedInputsList(items=[_view(each) for each in await saved.offered(session, principal, flow)])


@router.post("/flows/{flow}/saved-inputs", status_code=201)
async def save_inputs(
    flow: str, body: SavedInputsBody, session: SessionDep, principal: PrincipalDep, saved: SavedInputsServiceDep
) -> SavedInputsView:
    """Keeps inputs under a name, to be taken at a later launch."""
    return _view(await saved.keep(session, principal, flow, _wanted(body)))


@router.put("/saved-inputs/{saved_inputs}")
async def replace_saved_inputs(
    saved_inputs: str,
    body: SavedInputsBody,
    session: SessionDep,
    principal: PrincipalDep,
    saved: SavedInputsServiceDep,
) -> SavedInputsView:
    return _view(await saved.replace(session, principal, saved_inputs, _wanted(body)))


@router.delete("/saved-inputs/{saved_inputs}", status_code=204)
async def delete_saved_inputs(
    saved_inputs: str, session: SessionDep, principal: PrincipalDep, saved: SavedInputsServiceDep
) -> None:
    await saved.remove(session, principal, saved_inputs)


@router.get("/flows/{flow}/last-inputs")
async def get_last_inputs(
    flow: str, session: SessionDep, principal: PrincipalDep, saved: SavedInputsServiceDep
) -> LastInputsView | None:
    """What the caller launched the flow with last, without secrets; null when he never did."""
    last = await saved.last(session, principal, flow)
    if last is None:
        return None
    return LastInputsView(task_id=last.task_id, at=last.at, inputs=last.inputs, dropped=last.dropped)


def _wanted(body: SavedInputsBody) -> Wanted:
    return Wanted(body.name, body.inputs, body.shared)


def _view(offered: Offered) -> SavedInputsView:
    fields = offered.saved.model_dump() | {"inputs": offered.inputs, "dropped": offered.dropped}
    return SavedInputsView.model_validate(fields)
