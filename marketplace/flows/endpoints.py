from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from marketplace.dependencies import CatalogueFlowsDep
from marketplace.flows.schemas import FlowContentView, FlowPartView

router = APIRouter(tags=["plugins"])


@router.get("/plugins/{code}/versions/{version}/flow")
async def get_plugin_flow(
    code: str,
    version: str,
    session: SessionDep,
    _principal: PrincipalDep,
    flows: CatalogueFlowsDep,
) -> FlowContentView:
    """What a version of kind flow would do, and the plugins and secrets that it needs."""
    found = await flows.get(session, code, version)
    inside = {
        name: FlowPartView(name=part["name"], definition=part["definition"])
        for name, part in found.document["flows"].items()
    }
    lacks = await flows.lacking_among(session, {(code, version)})
    return FlowContentView(
        definition=found.document["definition"],
        flows=inside,
        plugins=dict(found.plugins),
        lacks=lacks.get((code, version), {}),
        secrets=list(found.secrets),
    )
