"""Flows that name something of their project, as the management API shows them."""

from collections.abc import Iterable

from pydantic import BaseModel

from orchestrator.flows.variables_endpoints import VariableUse, view_of_use
from orchestrator.project_variables.where_used import FlowUse


class FlowUseView(BaseModel):
    """`revision` is null for the draft; `common`: a flow of another project that is shared with this one."""

    flow_id: str
    flow_name: str
    revision: int | None
    common: bool
    places: list[VariableUse]


class FlowUseList(BaseModel):
    items: list[FlowUseView]


def view_of_flow_uses(uses: Iterable[FlowUse]) -> FlowUseList:
    return FlowUseList(
        items=[
            FlowUseView(
                flow_id=use.flow_id,
                flow_name=use.flow_name,
                revision=use.revision,
                common=use.common,
                places=[view_of_use(place) for place in use.places],
            )
            for use in uses
        ]
    )
