"""A project's consent to plugin versions, and the grants its service app needs for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.contracts.grant_desk import GrantDesk, GrantSummary
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.db.database import after_commit
from kernel.db.pages import PageRequest
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal
from marketplace.installs.errors import ConsentIncomplete, NotInstalled, PluginPinned
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.installs.models import InstallRow
from marketplace.installs.removal import require_unneeded, uses_as_text
from marketplace.installs.repository import find_install, find_installs_of, page_of_installs
from marketplace.installs.uses import UsesOf
from marketplace.package.compatibility import parsed
from marketplace.package.manifest import Manifest, PluginKind
from marketplace.policies.errors import PluginDenied
from marketplace.policies.repository import find_standing
from marketplace.policies.rules import Facts
from marketplace.policies.standing import Standing
from marketplace.publishers.marks import verified_among
from marketplace.versions import wordings
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow, VersionStandingRow
from marketplace.versions.repository import deprecations_of, find_exactly, find_version, newest_versions
from marketplace.versions.standing.offers import require_offered
from marketplace.versions.standing.repository import standing_of, standings_of


@dataclass(frozen=True, slots=True)
class Install:
    """An install with the grants that stand behind it.

    Attributes:
        newest: the highest published version above it; none where there is none.
        refusal: why it may not run at present; none where it may.
        pinned: no further version is installed.
        yanked: what was said when the version was withdrawn from new use; none where it was not.
        deprecation: of the plugin, as it is kept; none where it has no end.
    """

    row: InstallRow
    grants: list[GrantSummary]
    newest: str | None = None
    refusal: str | None = None
    pinned: bool = False
    yanked: str | None = None
    deprecation: dict[str, str | None] | None = None


class InstallService:
    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        grant_desk: GrantDesk,
        manifests: ManifestCache,
        installed: InstalledVersions,
        uses: UsesOf,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._grant_desk = grant_desk
        self._manifests = manifests
        self._installed = installed
        self._uses = uses
        self._clock = clock

    async def install(
        self, session: AsyncSession, principal: Principal, project: str, plugin: str, version: str, consent: list[str]
    ) -> Install:
        """Records the consent and applies for what the plugin's calls need; again, it only renews the applications.

        Raises:
            NotFound: no such project, plugin or version.
            PermissionDenied: not allowed to install in this project.
            PluginDenied: a policy doesn't take it.
            PluginPinned: another version is installed, and none may be added.
            ConsentIncomplete: `consent` is not exactly what the version asks for.
            VersionYanked: it is not offered any more.
        """
        target = await self.project(session, principal, project, Action.PLUGIN_INSTALL)
        published = await find_version(session, plugin, version)
        if published is None:
            raise PluginUnknown(
                f"There is no version {version!r} of a plugin {plugin!r}",
                fields=[wordings.UNPUBLISHED.at("version")],
            )
        manifest = self._manifests.manifest_of(published)
        if manifest.kind is PluginKind.FLOW:
            raise Invalid.of(wordings.IS_FLOW.at("plugin"))
        standing = await find_standing(session, target.id)
        said = await standing_of(session, published.id)
        refusal = standing.refusal(await self._facts(session, manifest, said))
        if refusal is not None:
            raise PluginDenied(f"{plugin} {version} can't be installed: {refusal}")
        _require_consent(manifest, consent)
        row = await find_install(session, target.id, plugin, version)
        if row is None:
            await require_offered(session, published)
            await self._require_unpinned(session, standing, target, plugin)
            row = await self._add(session, principal, target, published, manifest)
        reason = f"Plugin {manifest.name.en} ({manifest.code} {manifest.version})"
        grants = await self._grant_desk.apply_for_components(
            session, principal, target.id, manifest.components(), reason
        )
        return Install(row, _behind(manifest.components(), grants), yanked=said.yank_message)

    async def page(
        self, session: AsyncSession, principal: Principal, project: str, page: PageRequest
    ) -> tuple[list[Install], str | None]:
        """A page of installs in the order of installing, and the cursor of the next one."""
        target = await self.project(session, principal, project, Action.PROJECT_VIEW)
        found = await page_of_installs(session, target.id, page)
        manifests = await self._manifests_of(session, found.items)
        components = {key: manifest.components() for key, manifest in manifests.items()}
        said = await _said_of(session, found.items)
        verified = await verified_among(session, {manifest.publisher for manifest in manifests.values()})
        standing = await find_standing(session, target.id)
        published = await newest_versions(session, {row.plugin for row in found.items})
        wanted = sorted({name for names in components.values() for name in names})
        grants = await self._grant_desk.grants_for_components(session, target.id, wanted)
        ends = await deprecations_of(session, {row.plugin for row in found.items})
        items = [
            Install(
                row,
                _behind(components[row.id], grants),
                _above(row.version, published[row.plugin]),
                standing.refusal(Facts.of(manifests[row.id], said[row.plugin, row.version].signers, verified)),
                standing.is_pinned(row.plugin),
                said[row.plugin, row.version].yank_message,
                ends.get(row.plugin),
            )
            for row in found.items
        ]
        return items, found.next

    async def remove(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        plugin: str,
        version: str | None,
        *,
        force: bool = False,
    ) -> None:
        """Takes the consent back: for one version, or for all of the plugin's. Grants stay as they are.

        Args:
            force: even where flows or tasks still run it; the audit log tells which.

        Raises:
            NotInstalled: nothing to remove.
            PluginInUse: naming every flow and task that runs it.
        """
        target = await self.project(session, principal, project, Action.PLUGIN_INSTALL)
        rows = [row for row in await find_installs_of(session, target.id, plugin) if version in (None, row.version)]
        if not rows:
            which = plugin if version is None else f"{plugin} {version}"
            raise NotInstalled(f"{which} is not installed in {target.code}")
        going = {row.version for row in rows}
        uses = [use for use in await self._uses().find(session, target.id, plugin) if use.version in going]
        if not force:
            require_unneeded(plugin, uses)
        for row in rows:
            await self._remove(session, principal, row, uses_as_text(uses, row.version))

    async def remove_unneeded(
        self, session: AsyncSession, principal: Principal, project: ProjectSummary, plugin: str, version: str
    ) -> None:
        """Removes a version nothing runs any more; one that is needed stays. The caller has checked the right to."""
        row = await find_install(session, project.id, plugin, version)
        uses = await self._uses().find(session, project.id, plugin)
        if row is not None and not any(use.version == version for use in uses):
            await self._remove(session, principal, row, [])

    async def refusal(self, session: AsyncSession, project: ProjectSummary, version: PluginVersionRow) -> str | None:
        """Why a published version may not be installed in a project; none where it may."""
        standing = await find_standing(session, project.id)
        if await find_install(session, project.id, version.plugin_code, version.version) is None:
            try:
                await self._require_unpinned(session, standing, project, version.plugin_code)
            except PluginPinned as pinned:
                return pinned.detail
        manifest = self._manifests.manifest_of(version)
        return standing.refusal(await self._facts(session, manifest, await standing_of(session, version.id)))

    async def _remove(self, session: AsyncSession, principal: Principal, row: InstallRow, used: list[str]) -> None:
        record(
            session,
            principal,
            "plugin.uninstalled",
            "plugin",
            row.plugin,
            before={"version": row.version, "scopes": row.scopes, **({"used_by": used} if used else {})},
            project_id=row.project_id,
        )
        await session.delete(row)
        self._forget_after_commit(session, row)
        await session.flush()

    async def _require_unpinned(
        self, session: AsyncSession, standing: Standing, project: ProjectSummary, plugin: str
    ) -> None:
        if standing.is_pinned(plugin):
            held = await find_installs_of(session, project.id, plugin)
            if held:
                versions = ", ".join(row.version for row in held)
                raise PluginPinned(f"{plugin} is pinned to {versions}; take the pin off to install another version")

    async def _add(
        self,
        session: AsyncSession,
        principal: Principal,
        project: ProjectSummary,
        published: PluginVersionRow,
        manifest: Manifest,
    ) -> InstallRow:
        row = InstallRow(
            project_id=project.id,
            plugin=manifest.code,
            version=manifest.version,
            scopes=sorted(manifest.scope_names()),
            installed_by=principal.id,
            installed_at=self._clock.now(),
        )
        session.add(row)
        record(
            session,
            principal,
            "plugin.installed",
            "plugin",
            manifest.code,
            after={"version": manifest.version, "digest": published.digest, "scopes": row.scopes},
            project_id=project.id,
        )
        self._forget_after_commit(session, row)
        try:
            await session.flush()
        except IntegrityError as error:
            raise Conflict(f"{manifest.code} {manifest.version} is being installed by another request") from error
        return row

    async def project(
        self, session: AsyncSession, principal: Principal, project: str, action: Action
    ) -> ProjectSummary:
        """The project, in which the caller may do `action`."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, action, Resource(ResourceKind.PROJECT, found.id))
        return found

    async def _facts(self, session: AsyncSession, manifest: Manifest, said: VersionStandingRow) -> Facts:
        return Facts.of(manifest, said.signers, await verified_among(session, [manifest.publisher]))

    async def _manifests_of(self, session: AsyncSession, rows: Sequence[InstallRow]) -> dict[str, Manifest]:
        """By the install's id."""
        versions = await find_exactly(session, [(row.plugin, row.version) for row in rows])
        found = {(version.plugin_code, version.version): self._manifests.manifest_of(version) for version in versions}
        return {row.id: found[row.plugin, row.version] for row in rows}

    def _forget_after_commit(self, session: AsyncSession, row: InstallRow) -> None:
        project_id, plugin, version = row.project_id, row.plugin, row.version
        after_commit(session, lambda: self._installed.forget(project_id, plugin, version))


async def _said_of(session: AsyncSession, rows: Sequence[InstallRow]) -> dict[tuple[str, str], VersionStandingRow]:
    """What the catalogue says of installed versions, by plugin and version."""
    standings = await standings_of(session, {row.plugin for row in rows})
    return {(code, version): row for code, each in standings.items() for version, row in each}


def _above(version: str, newest: str) -> str | None:
    return newest if parsed(newest) > parsed(version) else None


def _require_consent(manifest: Manifest, consent: list[str]) -> None:
    asked, given = manifest.scope_names(), set(consent)
    problems = [wordings.LACKS_SCOPE.at("consent_scopes", scope=scope) for scope in sorted(asked - given)]
    problems += [wordings.EXCESS_SCOPE.at("consent_scopes", scope=scope) for scope in sorted(given - asked)]
    if problems:
        shown = "; ".join(problem.problem for problem in problems[:5])
        raise ConsentIncomplete(f"The consent {shown}", fields=problems)


def _behind(components: list[str], grants: Iterable[GrantSummary]) -> list[GrantSummary]:
    """The grants that bear on these components, in the order of the components; whole systems first."""
    ranks = {name: rank for rank, name in enumerate(components)}
    systems = {name.split(".", 1)[0] for name in components}
    ranked = [
        (-1 if grant.component is None else ranks[f"{grant.system}.{grant.component}"], grant.id, grant)
        for grant in grants
        if (grant.system in systems if grant.component is None else f"{grant.system}.{grant.component}" in ranks)
    ]
    return [grant for _, _, grant in sorted(ranked, key=lambda each: each[:2])]
