"""Why something is allowed or denied, and what to apply for."""

from typing import Annotated

from fastapi import APIRouter, Query

from gateway.dependencies import GatewayDep
from gateway.explain.call_checks import CallQuestion
from gateway.explain.schemas import CallExplanation, CallToExplain, CheckView, DecidingRole, ExplanationView
from gateway.fields import USERNAME
from gateway.identity.resources import written
from gateway.identity.role_bindings.endpoints import ResourceQuery
from gateway.identity.role_bindings.schemas import HeldRoleView
from kernel.contracts.authorizer import Action, Explanation, Resource
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/explain", tags=["explain"], route_class=StrictJsonRoute)

Actions = Annotated[list[Action], Query(min_length=1, max_length=20, description="One or several")]
Person = Annotated[str | None, Query(pattern=USERNAME, description="Somebody else; for administrators")]


@router.get("")
async def explain_actions(
    action: Actions,
    resource: ResourceQuery,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
    username: Person = None,
) -> Page[ExplanationView]:
    """Whether the caller may do each of the actions on the resource, and why."""
    found, explanations = await gateway.explain.actions(session, principal, action, resource, username)
    return Page(items=[_view(each, found, asked) for asked, each in zip(action, explanations, strict=True)])


@router.post("/call")
async def explain_call(
    body: CallToExplain, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CallExplanation:
    """Whether the gateway would admit a call, check by check. For who manages the app or the system."""
    question = CallQuestion(
        app_code=body.app_code,
        system=body.system,
        component=body.component,
        stage=body.stage,
        user=body.user,
        scopes=frozenset(body.scopes) if body.scopes is not None else None,
        address=body.address,
    )
    checks = await gateway.explain.call(session, principal, question)
    return CallExplanation(
        admitted=all(each.holds for each in checks), checks=[CheckView.model_validate(each) for each in checks]
    )


def _view(explanation: Explanation, resource: Resource, action: Action) -> ExplanationView:
    decision, by = explanation.decision, explanation.decision.by
    return ExplanationView(
        action=action.value,
        resource=written(resource),
        allowed=decision.allowed,
        reason=decision.reason.value,
        text=explanation.text,
        by=DecidingRole(**HeldRoleView.of(by).model_dump(), resource=written(by.resource)) if by is not None else None,
        roles=list(explanation.roles),
        on=written(explanation.on) if explanation.on is not None else None,
        ask=list(explanation.ask),
    )
