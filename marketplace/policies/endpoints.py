from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import PolicyServiceDep
from marketplace.policies.schemas import (
    DisableBody,
    DisabledPluginView,
    PluginPolicyDocument,
    PluginPolicyPut,
    PluginPolicyView,
)
from marketplace.policies.service import PlacePolicy

router = APIRouter(tags=["plugin policies"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]


@router.get("/plugin-policy")
async def get_platform_plugin_policy(
    session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    """Which plugins the whole installation takes; projects can only take fewer."""
    return _view(await policies.get(session, principal, None))


@router.put("/plugin-policy")
async def put_platform_plugin_policy(
    body: PluginPolicyPut, session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    return _view(await policies.put(session, principal, None, body, body.version))


@router.post("/plugins/{code}:disable")
async def disable_plugin(
    code: PluginCode, body: DisableBody, session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    """Switches a plugin off everywhere, at once: its nodes fail with the reason."""
    return _view(await policies.disable(session, principal, None, code, body.reason))


@router.post("/plugins/{code}:enable")
async def enable_plugin(
    code: PluginCode, session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    return _view(await policies.enable(session, principal, None, code))


@router.get("/projects/{project}/plugin-policy")
async def get_plugin_policy(
    project: Project, session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    """Which plugins the project takes, of those the platform does."""
    return _view(await policies.get(session, principal, project))


@router.put("/projects/{project}/plugin-policy")
async def put_plugin_policy(
    project: Project, body: PluginPolicyPut, session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    """Replaces it as a whole; it holds for installs and for nodes that run from now on."""
    return _view(await policies.put(session, principal, project, body, body.version))


@router.post("/projects/{project}/plugins/{code}:disable")
async def disable_project_plugin(
    project: Project,
    code: PluginCode,
    body: DisableBody,
    session: SessionDep,
    principal: PrincipalDep,
    policies: PolicyServiceDep,
) -> PluginPolicyView:
    """Switches a plugin off in the project, at once: its nodes fail with the reason. Installs stay."""
    return _view(await policies.disable(session, principal, project, code, body.reason))


@router.post("/projects/{project}/plugins/{code}:enable")
async def enable_project_plugin(
    project: Project, code: PluginCode, session: SessionDep, principal: PrincipalDep, policies: PolicyServiceDep
) -> PluginPolicyView:
    return _view(await policies.enable(session, principal, project, code))


def _view(found: PlacePolicy) -> PluginPolicyView:
    row = found.row
    document = PluginPolicyDocument.model_validate(row.document) if row is not None else PluginPolicyDocument()
    return PluginPolicyView(
        **document.model_dump(),
        version=row.version if row is not None else 0,
        updated_by=row.updated_by if row is not None else None,
        updated_at=row.updated_at if row is not None else None,
        disabled=[
            DisabledPluginView(
                plugin=each.plugin, reason=each.reason, disabled_by=each.disabled_by, disabled_at=each.disabled_at
            )
            for each in found.disabled
        ],
    )
