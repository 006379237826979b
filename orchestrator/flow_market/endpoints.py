from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from kernel.contracts.flow_market import FlowWish
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.field_problems import SaidView
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import FlowSharingDep, FlowTakingDep
from orchestrator.flow_market.schemas import (
    Code,
    FlowOriginView,
    FlowShareBody,
    NeededPluginView,
    PartPlanView,
    Revision,
    ShareableView,
    SharedFlowView,
    TakeBody,
    TakenFlowView,
    TakenView,
    TakePlanView,
    Version,
)
from orchestrator.flow_market.taking import PartPlan, TakeWish
from orchestrator.flows.history_endpoints import comparison_view

router = APIRouter(tags=["flows in the catalogue"], route_class=StrictJsonRoute)

_ZIP = "application/zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/flows/{flow}/package")
async def look_at_package(
    flow: str,
    session: SessionDep,
    principal: PrincipalDep,
    sharing: FlowSharingDep,
    revision: Annotated[Revision | None, Query(strict=False)] = None,
) -> ShareableView:
    """What a package of the flow would hold, and what projects need that take it."""
    found = await sharing.look(session, principal, flow, revision)
    packed = found.packed
    return ShareableView(
        revision=found.revision,
        inside=list(found.inside),
        plugins=dict(packed.plugins),
        secrets=list(packed.secrets),
        people=list(packed.people),
    )


@router.post("/flows/{flow}/package", status_code=201)
async def share_flow_in_catalogue(
    flow: str, body: FlowShareBody, session: SessionDep, principal: PrincipalDep, sharing: FlowSharingDep
) -> SharedFlowView:
    """Publishes a revision in the catalogue, with every check that a package passes."""
    made = await sharing.share(session, principal, flow, body.revision, _wish(body))
    return SharedFlowView.model_validate(
        {
            "code": body.code,
            "version": body.version,
            "digest": made.digest,
            "outcome": made.outcome,
            "reasons": [SaidView.of(reason) for reason in made.reasons],
        }
    )


@router.post("/flows/{flow}/package:pack", response_class=Response, responses=_PACKAGE)
async def pack_flow_for_catalogue(
    flow: str, body: FlowShareBody, session: SessionDep, principal: PrincipalDep, sharing: FlowSharingDep
) -> Response:
    """A revision as a package that its publisher signs and sends to `POST /v1/plugins`; publishes nothing."""
    archive = await sharing.pack(session, principal, flow, body.revision, _wish(body))
    headers = {"Content-Disposition": f'attachment; filename="{body.code}-{body.version}.zip"'}
    return Response(archive, media_type=_ZIP, headers=headers)


@router.get("/projects/{project}/flow-packages/{code}/{version}")
async def plan_flow_package(
    project: str, code: Code, version: Version, session: SessionDep, principal: PrincipalDep, taking: FlowTakingDep
) -> TakePlanView:
    """What taking a flow of the catalogue would make of the project's flows, and what the project lacks for it."""
    plan = await taking.plan(session, principal, project, code, version)
    return TakePlanView(
        code=code,
        version=version,
        digest=plan.package.digest,
        before=plan.before,
        withdrawn=plan.package.withdrawn,
        parts=[_part_view(part) for part in plan.parts],
        plugins=[
            NeededPluginView(code=each.code, versions=each.versions, installed=each.installed, offered=each.offered)
            for each in plan.plugins
        ],
        secrets=list(plan.package.secrets),
        variables=list(plan.variables),
        people=list(plan.people),
    )


@router.post("/projects/{project}/flow-packages", status_code=201)
async def take_flow_package(
    project: str, body: TakeBody, session: SessionDep, principal: PrincipalDep, taking: FlowTakingDep
) -> TakenView:
    """Takes a flow of the catalogue, or brings the project's to that version; 409 where it was changed here."""
    wish = TakeWish(body.code, body.version, body.publish, body.overwrite)
    taken = await taking.take(session, principal, project, wish)
    return TakenView(
        items=[
            TakenFlowView(
                flow_id=each.flow.id,
                name=each.flow.name,
                part=each.part,
                made=each.made,
                revision=each.revision,
                problem=each.problem,
            )
            for each in taken
        ]
    )


@router.get("/flows/{flow}/origin")
async def get_flow_origin(
    flow: str, session: SessionDep, principal: PrincipalDep, taking: FlowTakingDep
) -> FlowOriginView | None:
    """The item of the catalogue that the flow was taken from; null where it was made here."""
    found = await taking.origin(session, principal, flow)
    if found is None:
        return None
    origin, changed, newest = found
    fields = origin.model_dump(exclude={"flow_id", "project_id", "definition"})
    return FlowOriginView.model_validate({**fields, "changed": changed, "newest": newest})


def _wish(body: FlowShareBody) -> FlowWish:
    """What people say of a flow; its content is filled in by the service."""
    return FlowWish(
        body.code,
        body.version,
        body.publisher,
        body.name.model_dump(),
        body.description.model_dump(),
        body.tags,
        body.readme,
        body.changelog,
        document={},
        form={},
        outputs=(),
        plugins={},
        secrets=(),
        channel=body.channel,
    )


def _part_view(part: PartPlan) -> PartPlanView:
    return PartPlanView(
        part=part.part,
        name=part.name,
        flow_id=part.flow.id if part.flow is not None else None,
        changed=part.changed,
        comparison=comparison_view(part.comparison) if part.comparison is not None else None,
    )
