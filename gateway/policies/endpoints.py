from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import AppCodePath, StagePath, SystemPath
from gateway.policies.kinds.policy import Level
from gateway.policies.kinds.registry import KINDS
from gateway.policies.schemas import (
    ChangedPolicies,
    EnforcementView,
    PoliciesView,
    PolicyInput,
    PolicyKindView,
    PolicyView,
    PutPolicies,
)
from gateway.policies.service import StandingPolicies
from gateway.services import GatewayServices
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(tags=["policies"], route_class=StrictJsonRoute)


@router.get("/policy-kinds")
async def list_policy_kinds(_: PrincipalDep) -> Page[PolicyKindView]:
    """In the order in which a call meets them."""
    return Page(
        items=[
            PolicyKindView(
                name=kind.name,
                summary=kind.summary,
                levels=[level.value for level in Level if level in kind.levels],
                is_cumulative=kind.is_cumulative,
                config_schema=kind.schema,
            )
            for kind in KINDS.values()
        ]
    )


@router.get("/systems/{system}/policies")
async def get_system_policies(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> PoliciesView:
    return await _view(gateway, await gateway.policies.of_system(session, principal, system))


@router.put("/systems/{system}/policies")
async def put_system_policies(
    system: SystemPath, body: PutPolicies, caller: CallerDep, gateway: GatewayDep
) -> ChangedPolicies:
    """Replaces what stands at the system."""
    async with gateway.database.unit_of_work() as session:
        standing, revision = await gateway.policies.put_of_system(
            session, caller, system, None, _documents(body.policies), body.version
        )
    return await _changed(gateway, standing, revision)


@router.get("/systems/{system}/stages/{stage}/policies")
async def get_stage_policies(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> PoliciesView:
    return await _view(gateway, await gateway.policies.of_system(session, principal, system, stage))


@router.put("/systems/{system}/stages/{stage}/policies")
async def put_stage_policies(
    system: SystemPath, stage: StagePath, body: PutPolicies, caller: CallerDep, gateway: GatewayDep
) -> ChangedPolicies:
    """Replaces what stands at the stage."""
    async with gateway.database.unit_of_work() as session:
        standing, revision = await gateway.policies.put_of_system(
            session, caller, system, stage, _documents(body.policies), body.version
        )
    return await _changed(gateway, standing, revision)


@router.get("/apps/{app_code}/policies")
async def get_app_policies(
    app_code: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> PoliciesView:
    return await _view(gateway, await gateway.policies.of_app(session, principal, app_code))


@router.put("/apps/{app_code}/policies")
async def put_app_policies(
    app_code: AppCodePath, body: PutPolicies, caller: CallerDep, gateway: GatewayDep
) -> ChangedPolicies:
    """Replaces the limits of the app; for administrators."""
    async with gateway.database.unit_of_work() as session:
        standing, revision = await gateway.policies.put_of_app(
            session, caller, app_code, _documents(body.policies), body.version
        )
    return await _changed(gateway, standing, revision)


def _documents(policies: list[PolicyInput]) -> list[dict[str, object]]:
    return [policy.model_dump() for policy in policies]


async def _view(gateway: GatewayServices, standing: StandingPolicies) -> PoliciesView:
    return PoliciesView(
        policies=[PolicyView.model_validate(policy) for policy in standing.policies],
        version=standing.version,
        updated_by=standing.updated_by,
        updated_at=standing.updated_at,
        enforcement=await _enforcement(gateway),
    )


async def _changed(gateway: GatewayServices, standing: StandingPolicies, revision: int) -> ChangedPolicies:
    live = await gateway.live.wait_live(revision)
    view = await _view(gateway, standing)
    return ChangedPolicies(**view.model_dump(), revision=revision, live=live)


async def _enforcement(gateway: GatewayServices) -> EnforcementView:
    processes = len(await gateway.live.workers())
    alone = processes <= 1
    return EnforcementView(
        processes=processes,
        rate_limits="exact" if alone or gateway.settings.redis_url else "shared-out",
        concurrency_limits="exact" if alone else "shared-out",
    )
