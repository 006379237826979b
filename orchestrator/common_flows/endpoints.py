from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.common_flows.schemas import CommonFlowBody, CommonFlowList, CommonFlowView
from orchestrator.common_flows.service import Shared
from orchestrator.dependencies import CommonFlowServiceDep
from orchestrator.flows.endpoints import Number, revision_view
from orchestrator.flows.schemas import RevisionView

router = APIRouter(tags=["common flows"], route_class=StrictJsonRoute)


@router.get("/projects/{project}/common-flows")
async def list_common_flows(
    project: str, session: SessionDep, principal: PrincipalDep, common: CommonFlowServiceDep
) -> CommonFlowList:
    """Flows of other projects that this one may launch, and that its flows may run inside in a revision they name."""
    return CommonFlowList(items=[_view(each) for each in await common.list_for(session, principal, project)])


@router.get("/projects/{project}/common-flows/{flow}/revisions/{number}")
async def get_common_revision(
    project: str,
    flow: str,
    number: Number,
    session: SessionDep,
    principal: PrincipalDep,
    common: CommonFlowServiceDep,
) -> RevisionView:
    """What a common flow does, as the projects see it that may run it."""
    return revision_view(await common.revision(session, principal, project, flow, number))


@router.get("/common-flows")
async def list_all_common_flows(
    session: SessionDep, principal: PrincipalDep, common: CommonFlowServiceDep
) -> CommonFlowList:
    """All that are shared, for administrators."""
    return CommonFlowList(items=[_view(each) for each in await common.list_all(session, principal)])


@router.put("/flows/{flow}/common")
async def share_flow(
    flow: str, body: CommonFlowBody, session: SessionDep, principal: PrincipalDep, common: CommonFlowServiceDep
) -> CommonFlowView:
    """Shares a published flow with projects, or with all."""
    return _view(await common.share(session, principal, flow, body.projects))


@router.delete("/flows/{flow}/common", status_code=204)
async def unshare_flow(flow: str, session: SessionDep, principal: PrincipalDep, common: CommonFlowServiceDep) -> None:
    """Other projects can't launch it any more, nor launch or publish flows that run it."""
    await common.unshare(session, principal, flow)


def _view(shared: Shared) -> CommonFlowView:
    return CommonFlowView(
        flow_id=shared.flow.id,
        name=shared.flow.name,
        description=shared.flow.description,
        owner=shared.owner,
        latest_revision=shared.flow.latest_revision or 0,
        projects=list(shared.projects),
        shared_by=shared.shared_by,
        shared_at=shared.shared_at,
    )
