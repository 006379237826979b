from collections.abc import Iterable

from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.common_flows.schemas import InProject
from orchestrator.dependencies import SchemeServiceDep
from orchestrator.schemes.schemas import SchemeBody, SchemeList, SchemesBody, SchemeView
from orchestrator.schemes.service import Brought, Kept

router = APIRouter(tags=["schemes"], route_class=StrictJsonRoute)


@router.get("/flows/{flow}/schemes")
async def list_schemes(
    flow: str,
    session: SessionDep,
    principal: PrincipalDep,
    schemes: SchemeServiceDep,
    project: InProject = None,
) -> SchemeList:
    """Saved selections of the flow's optional nodes, by name."""
    return _list(await schemes.list_of(session, principal, flow, project))


@router.post("/flows/{flow}/schemes", status_code=201)
async def create_scheme(
    flow: str, body: SchemeBody, session: SessionDep, principal: PrincipalDep, schemes: SchemeServiceDep
) -> SchemeView:
    return _view(await schemes.create(session, principal, flow, body.name, body.keep))


@router.post("/flows/{flow}/schemes:import")
async def import_schemes(
    flow: str, body: SchemesBody, session: SessionDep, principal: PrincipalDep, schemes: SchemeServiceDep
) -> SchemeList:
    """Takes schemes of another flow, or of Standard OPS; those of the same name are replaced."""
    brought = [Brought(each.name, each.keep) for each in body.schemes]
    return _list(await schemes.bring(session, principal, flow, brought))


@router.put("/schemes/{scheme}")
async def replace_scheme(
    scheme: str, body: SchemeBody, session: SessionDep, principal: PrincipalDep, schemes: SchemeServiceDep
) -> SchemeView:
    return _view(await schemes.replace(session, principal, scheme, body.name, body.keep))


@router.delete("/schemes/{scheme}", status_code=204)
async def delete_scheme(scheme: str, session: SessionDep, principal: PrincipalDep, schemes: SchemeServiceDep) -> None:
    """Not while schedules, triggers or mini-apps start tasks by it."""
    await schemes.remove(session, principal, scheme)


def _list(found: Iterable[Kept]) -> SchemeList:
    return SchemeList(items=[_view(each) for each in found])


def _view(found: Kept) -> SchemeView:
    scheme = found.scheme
    return SchemeView(
        id=scheme.id,
        flow_id=scheme.flow_id,
        name=scheme.name,
        keep=scheme.keep,
        leave_out=scheme.leave_out,
        gone=list(found.standing.gone),
        unseen=list(found.standing.unseen),
        updated_by=scheme.updated_by,
        updated_at=scheme.updated_at,
    )
