from dataclasses import asdict

from kernel.contracts.plugin_uses import BrokenFlow, MovedFlow, PluginUse
from marketplace.installs.models import UpgradeRow
from marketplace.installs.schemas import InstallGrantView, InstallView
from marketplace.installs.service import Install
from marketplace.installs.upgrade_schemas import (
    BreakageView,
    BrokenFlowView,
    FlowTakenBackView,
    MovedFlowView,
    PluginUseView,
    RollbackPlanView,
    UpgradedView,
    UpgradePlanView,
    UpgradeView,
)
from marketplace.installs.upgrades import RollbackPlan, Upgraded, UpgradePlan
from marketplace.versions.schemas import Deprecation
from marketplace.versions.views import changes_view


def install_view(install: Install) -> InstallView:
    row = install.row
    return InstallView(
        plugin=row.plugin,
        version=row.version,
        scopes=row.scopes,
        installed_by=row.installed_by,
        installed_at=row.installed_at,
        grants=[InstallGrantView(**asdict(grant)) for grant in install.grants],
        newest=install.newest,
        refusal=install.refusal,
        pinned=install.pinned,
        yanked=install.yanked,
        deprecation=Deprecation.model_validate(install.deprecation) if install.deprecation is not None else None,
    )


def plan_view(plan: UpgradePlan) -> UpgradePlanView:
    return UpgradePlanView(
        **dict(changes_view(plan.differences)),
        from_version=plan.before,
        to_version=plan.after,
        refusal=plan.refusal,
        uses=[use_view(use) for use in plan.uses],
        broken=[_broken_view(flow) for flow in plan.broken],
    )


def rollback_plan_view(plan: RollbackPlan) -> RollbackPlanView:
    return RollbackPlanView(
        **dict(plan_view(plan.plan)),
        made_by=plan.row.made_by,
        made_at=plan.row.made_at,
        automatic=plan.row.automatic,
        flows=[FlowTakenBackView(**asdict(flow)) for flow in plan.flows],
    )


def use_view(use: PluginUse) -> PluginUseView:
    return PluginUseView(
        flow_id=use.flow_id,
        flow_name=use.flow_name,
        place=use.place,
        version=use.version,
        nodes=list(use.nodes),
        revision=use.revision,
        tasks=use.tasks,
    )


def upgrade_view(row: UpgradeRow) -> UpgradeView:
    return UpgradeView(**_upgrade(row))


def upgraded_view(upgraded: Upgraded) -> UpgradedView:
    return UpgradedView(
        **_upgrade(upgraded.row),
        install=install_view(upgraded.install),
        flows=[_moved_view(flow) for flow in upgraded.flows],
    )


def _upgrade(row: UpgradeRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in UpgradeView.model_fields}


def _moved_view(flow: MovedFlow) -> MovedFlowView:
    return MovedFlowView(
        flow_id=flow.flow_id,
        flow_name=flow.flow_name,
        nodes=list(flow.nodes),
        draft_version=flow.draft_version,
        revision=flow.revision,
        note=flow.note,
    )


def _broken_view(flow: BrokenFlow) -> BrokenFlowView:
    return BrokenFlowView(
        flow_id=flow.flow_id,
        place=flow.place,
        breakages=[BreakageView(**asdict(breakage)) for breakage in flow.breakages],
    )
