"""The unit's services, as endpoints ask for them; the composition root puts the unit at `app.state.orchestrator`."""

from typing import Annotated

from fastapi import Depends, Request

from orchestrator.flows.service import FlowService


def _flows(request: Request) -> FlowService:
    service: FlowService = request.app.state.orchestrator.flows
    return service


FlowServiceDep = Annotated[FlowService, Depends(_flows)]
