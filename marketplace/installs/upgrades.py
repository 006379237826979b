"""Moving a project from one version of a plugin to another, and back."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action
from kernel.contracts.plugin_uses import BrokenFlow, MovedFlow, PluginUse, UsePlace, VersionMove
from kernel.contracts.projects import ProjectSummary
from kernel.errors import Invalid
from kernel.principal import Principal
from marketplace.installs.directory import installed_plugin
from marketplace.installs.errors import NothingToUndo, NotInstalled
from marketplace.installs.models import InstallRow, UpgradeRow
from marketplace.installs.repository import find_install, find_last_upgrade, find_upgrades
from marketplace.installs.service import Install, InstallService
from marketplace.installs.uses import UsesOf
from marketplace.package.compatibility import Contract
from marketplace.package.differences import Differences, differences
from marketplace.package.manifest import Manifest
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.promises import promise_of
from marketplace.versions.repository import find_version


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """What moving from one version to another means.

    Attributes:
        refusal: why the newer version may not be installed; none where it may.
        uses: where flows run the older one.
        broken: flows that would break, and by what.
    """

    before: str
    after: str
    differences: Differences
    refusal: str | None
    uses: list[PluginUse]
    broken: list[BrokenFlow]

    @property
    def is_safe(self) -> bool:
        """Whether nobody needs to look at it: nothing more is asked for or called, and nothing breaks."""
        found = self.differences
        return not (self.refusal or found.added or found.components or found.breaks or self.broken)


@dataclass(frozen=True, slots=True)
class FlowTakenBack:
    """Attributes:
    published: whether what runs the older version is published, as the upgrade was.
    """

    flow_id: str
    flow_name: str
    published: bool


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """What undoing an upgrade means.

    Attributes:
        row: the upgrade.
        plan: of the way back, from the newer to the older version.
        flows: those that are taken back: it moved them, and nobody moved them on since.
    """

    row: UpgradeRow
    plan: UpgradePlan
    flows: list[FlowTakenBack]


@dataclass(frozen=True, slots=True)
class UpgradeOrder:
    """Attributes:
    consent: the scopes consented to; none where what was consented to before is enough.
    flows: those whose nodes are moved.
    publish: whether they are published at once.
    """

    plugin: str
    before: str
    after: str
    consent: frozenset[str] | None = None
    flows: tuple[str, ...] = ()
    publish: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Upgraded:
    row: UpgradeRow
    install: Install
    flows: list[MovedFlow]


class UpgradeService:
    def __init__(self, installs: InstallService, manifests: ManifestCache, uses: UsesOf, clock: Clock) -> None:
        self._installs = installs
        self._manifests = manifests
        self._uses = uses
        self._clock = clock

    async def plan(
        self, session: AsyncSession, principal: Principal, project: str, plugin: str, before: str, after: str
    ) -> UpgradePlan:
        """Everything a person decides by; changes nothing.

        Raises:
            NotInstalled: the project does not have `before`.
            PluginUnknown: `after` is not published.
        """
        target = await self._installs.project(session, principal, project, Action.PROJECT_VIEW)
        await self._require(session, target, plugin, before)
        return await self._plan(session, target, plugin, before, after)

    async def upgrade(self, session: AsyncSession, principal: Principal, project: str, order: UpgradeOrder) -> Upgraded:
        """Installs the version beside the one there is, and moves flows to it; the older one stays installed.

        Raises:
            Invalid: it is the version flows run already.
            ConsentIncomplete: it asks for more than was consented to.
            PluginDenied: a policy does not take it.
        """
        if order.after == order.before:
            raise Invalid.field("to_version", "is the version that is upgraded", "Name another one")
        target = await self._installs.project(session, principal, project, Action.PLUGIN_INSTALL)
        held = await self._require(session, target, order.plugin, order.before)
        published = await self._published(session, order.plugin, order.after)
        asked = self._manifests.manifest_of(published).scope_names()
        added = await find_install(session, target.id, order.plugin, order.after) is None
        consent = (order.consent or frozenset()) | (asked & frozenset(held.scopes))
        install = await self._installs.install(
            session, principal, target.id, order.plugin, order.after, sorted(consent)
        )
        moved = await self._move(session, principal, target, order, order.flows, publish=order.publish)
        row = UpgradeRow(
            project_id=target.id,
            plugin=order.plugin,
            from_version=order.before,
            to_version=order.after,
            added=added,
            flows=[{"flow_id": flow.flow_id, "published": flow.revision is not None} for flow in moved if flow.nodes],
            automatic=order.automatic,
            made_by=principal.id,
            made_at=self._clock.now(),
        )
        session.add(row)
        _audit(session, principal, "plugin.upgraded", row, moved)
        await session.flush()
        return Upgraded(row, install, moved)

    async def roll_back(self, session: AsyncSession, principal: Principal, project: str, plugin: str) -> Upgraded:
        """Undoes the last upgrade that stands: flows run the older version again, and the newer one goes where
        nothing needs it.

        Raises:
            NothingToUndo: no upgrade stands.
        """
        target = await self._installs.project(session, principal, project, Action.PLUGIN_INSTALL)
        row = await self._standing(session, target, plugin)
        before = await self._published(session, plugin, row.from_version)
        consent = sorted(self._manifests.manifest_of(before).scope_names())
        install = await self._installs.install(session, principal, target.id, plugin, row.from_version, consent)
        back = UpgradeOrder(plugin, before=row.to_version, after=row.from_version)
        moved: list[MovedFlow] = []
        for published in (False, True):
            flows = tuple(use.flow_id for use in await self._still_moved(session, target, row, published=published))
            moved += await self._move(session, principal, target, back, flows, publish=published)
        row.undone_at, row.undone_by = self._clock.now(), principal.id
        _audit(session, principal, "plugin.rolled_back", row, moved)
        if row.added:
            await self._installs.remove_unneeded(session, principal, target, plugin, row.to_version)
        await session.flush()
        return Upgraded(row, install, moved)

    async def plan_rollback(
        self, session: AsyncSession, principal: Principal, project: str, plugin: str
    ) -> RollbackPlan:
        """What `roll_back` would do; changes nothing.

        Raises:
            NothingToUndo: no upgrade stands.
        """
        target = await self._installs.project(session, principal, project, Action.PROJECT_VIEW)
        row = await self._standing(session, target, plugin)
        plan = await self._plan(session, target, plugin, row.to_version, row.from_version)
        flows = [
            FlowTakenBack(use.flow_id, use.flow_name, published)
            for published in (False, True)
            for use in await self._still_moved(session, target, row, published=published)
        ]
        return RollbackPlan(row, plan, flows)

    async def uses(self, session: AsyncSession, principal: Principal, project: str, plugin: str) -> list[PluginUse]:
        """Where the project's flows run the plugin, in whichever version."""
        target = await self._installs.project(session, principal, project, Action.PROJECT_VIEW)
        return await self._uses().find(session, target.id, plugin)

    async def history(self, session: AsyncSession, principal: Principal, project: str, plugin: str) -> list[UpgradeRow]:
        """The newest first."""
        target = await self._installs.project(session, principal, project, Action.PROJECT_VIEW)
        return await find_upgrades(session, target.id, plugin)

    async def _plan(
        self, session: AsyncSession, target: ProjectSummary, plugin: str, before: str, after: str
    ) -> UpgradePlan:
        published = await self._published(session, plugin, after)
        manifest = self._manifests.manifest_of(published)
        found = differences(
            await self._contract(session, plugin, before),
            await self._contract(session, plugin, after),
            published.changelog,
        )
        uses = [use for use in await self._uses().find(session, target.id, plugin) if use.version == before]
        candidate = installed_plugin(manifest, manifest.scope_names())
        broken = await self._uses().breakages(session, target.id, before, candidate)
        refusal = await self._installs.refusal(session, target, published)
        return UpgradePlan(before, after, found, refusal, uses, broken)

    async def _contract(self, session: AsyncSession, plugin: str, version: str) -> tuple[Manifest, Contract]:
        await self._published(session, plugin, version)
        promise = await promise_of(session, plugin, version, self._manifests)
        return promise.manifest, promise.contract

    async def _move(
        self,
        session: AsyncSession,
        principal: Principal,
        target: ProjectSummary,
        order: UpgradeOrder,
        flows: tuple[str, ...],
        *,
        publish: bool,
    ) -> list[MovedFlow]:
        if not flows:
            return []
        comment = f"{order.plugin} {order.before} → {order.after}"
        move = VersionMove(target.id, order.plugin, order.before, order.after, flows, publish, comment)
        return await self._uses().move(session, principal, move)

    async def _still_moved(
        self, session: AsyncSession, target: ProjectSummary, row: UpgradeRow, *, published: bool
    ) -> list[PluginUse]:
        """The drafts of flows an upgrade moved that run the newer version still."""
        moved = {flow["flow_id"] for flow in row.flows if flow["published"] is published}
        uses = await self._uses().find(session, target.id, row.plugin)
        drafts = (use for use in uses if use.place is UsePlace.DRAFT and use.version == row.to_version)
        return [use for use in drafts if use.flow_id in moved]

    @staticmethod
    async def _standing(session: AsyncSession, target: ProjectSummary, plugin: str) -> UpgradeRow:
        row = await find_last_upgrade(session, target.id, plugin)
        if row is None:
            raise NothingToUndo(f"No upgrade of {plugin} in {target.code} is left to be undone")
        return row

    async def _require(self, session: AsyncSession, target: ProjectSummary, plugin: str, version: str) -> InstallRow:
        held = await find_install(session, target.id, plugin, version)
        if held is None:
            raise NotInstalled(f"{plugin} {version} is not installed in {target.code}")
        return held

    async def _published(self, session: AsyncSession, plugin: str, version: str) -> PluginVersionRow:
        found = await find_version(session, plugin, version)
        if found is None:
            raise PluginUnknown(f"There is no version {version!r} of a plugin {plugin!r}")
        return found


def _audit(session: AsyncSession, principal: Principal, action: str, row: UpgradeRow, moved: list[MovedFlow]) -> None:
    was, now = (row.from_version, row.to_version)
    if action == "plugin.rolled_back":
        was, now = now, was
    flows = [{"flow": flow.flow_id, "draft_version": flow.draft_version, "revision": flow.revision} for flow in moved]
    record(
        session,
        principal,
        action,
        "plugin",
        row.plugin,
        before={"version": was},
        after={"version": now, "flows": flows, "automatic": row.automatic},
        project_id=row.project_id,
    )
