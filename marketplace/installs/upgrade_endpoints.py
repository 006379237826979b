from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import AutoUpdatesDep, UpgradeServiceDep
from marketplace.installs.upgrade_schemas import (
    RollbackPlanView,
    UpdatedView,
    UpgradeBody,
    UpgradedView,
    UpgradePlanView,
    UpgradesView,
    UsesView,
)
from marketplace.installs.upgrades import UpgradeOrder
from marketplace.installs.views import plan_view, rollback_plan_view, upgrade_view, upgraded_view, use_view

router = APIRouter(tags=["installs"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
From = Annotated[str, Query(alias="from", pattern=r"^[0-9A-Za-z.-]{1,64}$")]
To = Annotated[str, Query(pattern=r"^[0-9A-Za-z.-]{1,64}$")]


@router.get("/projects/{project}/installs/{code}/uses")
async def list_plugin_uses(
    project: Project, code: PluginCode, session: SessionDep, principal: PrincipalDep, upgrades: UpgradeServiceDep
) -> UsesView:
    """Drafts, newest revisions and running tasks that run any version of the plugin."""
    uses = await upgrades.uses(session, principal, project, code)
    return UsesView(items=[use_view(use) for use in uses])


@router.get("/projects/{project}/installs/{code}/upgrade")
async def plan_upgrade(
    project: Project,
    code: PluginCode,
    session: SessionDep,
    principal: PrincipalDep,
    upgrades: UpgradeServiceDep,
    before: From,
    to: To,
) -> UpgradePlanView:
    """What another version changes: scopes, inputs, outputs, form, and which flows it would break. Changes nothing."""
    return plan_view(await upgrades.plan(session, principal, project, code, before, to))


@router.get("/projects/{project}/installs/{code}/rollback")
async def plan_rollback(
    project: Project, code: PluginCode, session: SessionDep, principal: PrincipalDep, upgrades: UpgradeServiceDep
) -> RollbackPlanView:
    """What undoing the last upgrade changes: scopes, inputs, outputs, form, and which flows it takes back, or would
    break. Changes nothing.
    """
    return rollback_plan_view(await upgrades.plan_rollback(session, principal, project, code))


@router.get("/projects/{project}/installs/{code}/upgrades")
async def list_upgrades(
    project: Project, code: PluginCode, session: SessionDep, principal: PrincipalDep, upgrades: UpgradeServiceDep
) -> UpgradesView:
    """The newest first, at most a hundred."""
    rows = await upgrades.history(session, principal, project, code)
    return UpgradesView(items=[upgrade_view(row) for row in rows])


@router.post("/projects/{project}/installs/{code}:upgrade")
async def upgrade_install(
    project: Project,
    code: PluginCode,
    body: UpgradeBody,
    session: SessionDep,
    principal: PrincipalDep,
    upgrades: UpgradeServiceDep,
) -> UpgradedView:
    """Installs another version beside the one there is, and gives the flows named new drafts, or new revisions, with
    it. Published revisions stay as they are.
    """
    consent = frozenset(body.consent_scopes) if body.consent_scopes is not None else None
    order = UpgradeOrder(code, body.from_version, body.to_version, consent, tuple(body.flows), body.publish)
    return upgraded_view(await upgrades.upgrade(session, principal, project, order))


@router.post("/projects/{project}/installs/{code}:rollback")
async def roll_back_install(
    project: Project, code: PluginCode, session: SessionDep, principal: PrincipalDep, upgrades: UpgradeServiceDep
) -> UpgradedView:
    """Undoes the last upgrade: the flows it moved run the older version again, in new drafts and revisions."""
    return upgraded_view(await upgrades.roll_back(session, principal, project, code))


@router.post("/projects/{project}/installs:update")
async def update_installs(
    project: Project, session: SessionDep, principal: PrincipalDep, updates: AutoUpdatesDep
) -> UpdatedView:
    """Follows new versions at once, as far as the policy would by itself in the next round."""
    done = await updates.update(session, principal, project)
    return UpdatedView(items=[upgraded_view(each) for each in done])
