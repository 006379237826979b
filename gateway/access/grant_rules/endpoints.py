from fastapi import APIRouter

from gateway.access.grant_rules.rules import GrantRules
from gateway.access.grant_rules.schemas import GrantRulesInput, GrantRulesView
from gateway.access.grant_rules.service import RulesChange
from gateway.dependencies import GatewayDep
from gateway.fields import SystemPath
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/grant-rules", tags=["grants"], route_class=StrictJsonRoute)


@router.get("")
async def get_grant_rules(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> GrantRulesView:
    """For how long apps may apply, and whether who applied may approve."""
    return _view(system, await gateway.access.rules.get(session, principal, system))


@router.patch("")
async def change_grant_rules(
    system: SystemPath, body: GrantRulesInput, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> GrantRulesView:
    rules = await gateway.access.rules.change(session, principal, system, RulesChange(**body.model_dump()))
    return _view(system, rules)


def _view(system: str, rules: GrantRules) -> GrantRulesView:
    return GrantRulesView(
        system=system,
        terms=list(rules.terms),
        self_approval=rules.self_approval,
        reminder_days=list(rules.reminder_days),
    )
