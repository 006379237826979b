from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import FlowServiceDep
from orchestrator.flow.model import Flow
from orchestrator.flow.uses import Use, uses
from orchestrator.flows.service import read_definition

router = APIRouter(tags=["flows"], route_class=StrictJsonRoute)
Revision = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class VariableUse(BaseModel):
    """`node_id` is null in the outputs of the flow, `edge_id` but in a condition; `text` is the whole text."""

    node_id: str | None
    edge_id: str | None
    field: str
    text: str


class VariableView(BaseModel):
    """`name` as it is written, such as `inputs.host`. `declared`: it is an input of the flow's form."""

    name: str
    declared: bool
    uses: list[VariableUse]


class FlowVariables(BaseModel):
    items: list[VariableView]


@router.get("/flows/{flow}/variables")
async def list_flow_variables(
    flow: str, session: SessionDep, principal: PrincipalDep, flows: FlowServiceDep, revision: Revision = None
) -> FlowVariables:
    """Where the draft, or a revision, uses its inputs and what nodes leave; inputs that nothing uses are listed too."""
    if revision is None:
        definition = (await flows.get(session, principal, flow)).draft
    else:
        definition = (await flows.get_revision(session, principal, flow, revision)).definition
    return _view(read_definition(definition))


def _view(flow: Flow) -> FlowVariables:
    declared = [*(f"inputs.{name}" for name in _properties(flow)), *(f"constants.{name}" for name in flow.constants)]
    found: dict[str, list[Use]] = defaultdict(list)
    for use in uses(flow):
        found[use.variable].append(use)
    names = dict.fromkeys([*declared, *sorted(found)])
    return FlowVariables(
        items=[
            VariableView(name=name, declared=name in declared, uses=[view_of_use(use) for use in found.get(name, ())])
            for name in names
        ]
    )


def view_of_use(use: Use) -> VariableUse:
    return VariableUse(node_id=use.node_id, edge_id=use.edge_id, field=use.field, text=use.text)


def _properties(flow: Flow) -> list[str]:
    properties = (flow.form or {}).get("schema", {}).get("properties")
    return list(properties) if isinstance(properties, dict) else []
