"""Installs that follow new versions by themselves, as far as policies let them and nobody has to look first."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action
from kernel.contracts.plugin_uses import UsePlace
from kernel.db.database import Database
from kernel.errors import TrunklineError
from kernel.principal import Principal, system_principal
from marketplace.installs.models import InstallRow
from marketplace.installs.repository import find_installs_in, find_projects_with_installs
from marketplace.installs.service import InstallService
from marketplace.installs.upgrades import Upgraded, UpgradeOrder, UpgradeService
from marketplace.package.change import Step
from marketplace.package.compatibility import parsed, step_taken
from marketplace.policies.repository import find_standing
from marketplace.policies.rules import AutoUpdate
from marketplace.versions.models import VersionStandingRow
from marketplace.versions.ranking import STABLE
from marketplace.versions.standing.repository import standings_of

_BY_ITSELF = system_principal("plugin-updates")
_REACH = {AutoUpdate.PATCH: Step.PATCH, AutoUpdate.MINOR: Step.MINOR}
_log = structlog.get_logger()


class AutoUpdates:
    def __init__(self, database: Database, installs: InstallService, upgrades: UpgradeService) -> None:
        self._database = database
        self._installs = installs
        self._upgrades = upgrades

    async def run(self) -> bool:
        """One round over all projects, each plugin in a transaction of its own; for `kernel.background.Repeating`."""
        async with self._database.reading() as session:
            projects = await find_projects_with_installs(session)
        for project_id in projects:
            async with self._database.reading() as session:
                orders = await self._orders(session, _BY_ITSELF, project_id)
            for order in orders:
                await self._carry_out(project_id, order)
        return False

    async def update(self, session: AsyncSession, principal: Principal, project: str) -> list[Upgraded]:
        """The same for one project at once, with the rights of whoever asks for it."""
        target = await self._installs.project(session, principal, project, Action.PLUGIN_INSTALL)
        orders = await self._orders(session, principal, target.id)
        return [await self._upgrades.upgrade(session, principal, target.id, order) for order in orders]

    async def _carry_out(self, project_id: str, order: UpgradeOrder) -> None:
        try:
            async with self._database.unit_of_work() as session:
                await self._upgrades.upgrade(session, _BY_ITSELF, project_id, order)
        except TrunklineError as error:
            # Another process was first, or somebody changed a flow meanwhile: the next round looks again.
            _log.info("plugin_update_left", project=project_id, plugin=order.plugin, reason=error.detail)

    async def _orders(self, session: AsyncSession, principal: Principal, project_id: str) -> list[UpgradeOrder]:
        standing = await find_standing(session, project_id)
        reach = _REACH.get(standing.auto_update)
        if reach is None:
            return []
        held = [row for row in await find_installs_in(session, project_id) if not standing.is_pinned(row.plugin)]
        orders: list[UpgradeOrder] = []
        standings = await standings_of(session, {row.plugin for row in held})
        for row in held:
            after = _newest(row.version, _offered(standings[row.plugin]), reach)
            if after is None:
                continue
            order = await self._order(session, principal, row, after, held)
            if order is not None:
                orders.append(order)
        return orders

    async def _order(
        self, session: AsyncSession, principal: Principal, row: InstallRow, after: str, held: list[InstallRow]
    ) -> UpgradeOrder | None:
        """None where a person has to look, or nothing would come of it."""
        plan = await self._upgrades.plan(session, principal, row.project_id, row.plugin, row.version, after)
        flows = tuple(use.flow_id for use in plan.uses if use.place is UsePlace.DRAFT)
        others = [parsed(other.version) for other in held if other.plugin == row.plugin]
        is_newest = max(others) == parsed(row.version)
        if not plan.is_safe or not (flows or is_newest):
            return None
        return UpgradeOrder(row.plugin, row.version, after, flows=flows, publish=True, automatic=True)


def _offered(standings: list[tuple[str, VersionStandingRow]]) -> list[str]:
    return [version for version, standing in standings if standing.channel == STABLE and not standing.is_yanked]


def _newest(before: str, offered: list[str], reach: Step) -> str | None:
    """The highest within reach."""
    found = [version for version in offered if (step := step_taken(before, version)) is not None and step <= reach]
    return max(found, key=parsed, default=None)
