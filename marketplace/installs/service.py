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
from kernel.errors import Conflict, FieldProblem
from kernel.principal import Principal
from marketplace.installs.errors import ConsentIncomplete, NotInstalled
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.installs.models import InstallRow
from marketplace.installs.repository import find_install, find_installs_of, page_of_installs
from marketplace.package.manifest import Manifest
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.repository import find_exactly, find_version
from marketplace.versions.standing.offers import require_offered


@dataclass(frozen=True, slots=True)
class Install:
    """An install with the grants that stand behind it."""

    row: InstallRow
    grants: list[GrantSummary]


class InstallService:
    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        grant_desk: GrantDesk,
        manifests: ManifestCache,
        installed: InstalledVersions,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._grant_desk = grant_desk
        self._manifests = manifests
        self._installed = installed
        self._clock = clock

    async def install(
        self, session: AsyncSession, principal: Principal, project: str, plugin: str, version: str, consent: list[str]
    ) -> Install:
        """Records the consent and applies for what the plugin's calls need; again, it only renews the applications.

        Raises:
            NotFound: no such project, plugin or version.
            PermissionDenied: not allowed to install in this project.
            ConsentIncomplete: `consent` is not exactly what the version asks for.
            VersionYanked: it is not offered any more.
        """
        target = await self._allowed(session, principal, project, Action.PLUGIN_INSTALL)
        published = await find_version(session, plugin, version)
        if published is None:
            raise PluginUnknown(
                f"There is no version {version!r} of a plugin {plugin!r}",
                fields=[FieldProblem("version", "is not published", "Choose one the catalogue shows")],
            )
        manifest = self._manifests.manifest_of(published)
        _require_consent(manifest, consent)
        row = await find_install(session, target.id, plugin, version)
        if row is None:
            await require_offered(session, published)
            row = await self._add(session, principal, target, published, manifest)
        reason = f"Plugin {manifest.name.en} ({manifest.code} {manifest.version})"
        grants = await self._grant_desk.apply_for_components(
            session, principal, target.id, manifest.components(), reason
        )
        return Install(row, _behind(manifest.components(), grants))

    async def page(
        self, session: AsyncSession, principal: Principal, project: str, page: PageRequest
    ) -> tuple[list[Install], str | None]:
        """A page of installs in the order of installing, and the cursor of the next one."""
        target = await self._allowed(session, principal, project, Action.PROJECT_VIEW)
        found = await page_of_installs(session, target.id, page)
        components = await self._components(session, found.items)
        wanted = sorted({name for names in components.values() for name in names})
        grants = await self._grant_desk.grants_for_components(session, target.id, wanted)
        items = [Install(row, _behind(components[row.id], grants)) for row in found.items]
        return items, found.next

    async def remove(
        self, session: AsyncSession, principal: Principal, project: str, plugin: str, version: str | None
    ) -> None:
        """Takes the consent back: for one version, or for all of the plugin's. Grants stay as they are.

        Raises:
            NotInstalled: nothing to remove.
        """
        target = await self._allowed(session, principal, project, Action.PLUGIN_INSTALL)
        rows = [row for row in await find_installs_of(session, target.id, plugin) if version in (None, row.version)]
        if not rows:
            which = plugin if version is None else f"{plugin} {version}"
            raise NotInstalled(f"{which} is not installed in {target.code}")
        for row in rows:
            record(
                session,
                principal,
                "plugin.uninstalled",
                "plugin",
                plugin,
                before={"version": row.version, "scopes": row.scopes},
                project_id=target.id,
            )
            await session.delete(row)
            self._forget_after_commit(session, row)
        await session.flush()

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

    async def _allowed(
        self, session: AsyncSession, principal: Principal, project: str, action: Action
    ) -> ProjectSummary:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, action, Resource(ResourceKind.PROJECT, found.id))
        return found

    async def _components(self, session: AsyncSession, rows: Sequence[InstallRow]) -> dict[str, list[str]]:
        """The components that each install's version calls, by the install's id."""
        versions = await find_exactly(session, [(row.plugin, row.version) for row in rows])
        called = {
            (version.plugin_code, version.version): self._manifests.manifest_of(version).components()
            for version in versions
        }
        return {row.id: called[row.plugin, row.version] for row in rows}

    def _forget_after_commit(self, session: AsyncSession, row: InstallRow) -> None:
        project_id, plugin, version = row.project_id, row.plugin, row.version
        after_commit(session, lambda: self._installed.forget(project_id, plugin, version))


def _require_consent(manifest: Manifest, consent: list[str]) -> None:
    asked, given = manifest.scope_names(), set(consent)
    problems = [
        FieldProblem("consent_scopes", f"lacks {scope}", "Show it to the person and consent to it")
        for scope in sorted(asked - given)
    ]
    problems += [
        FieldProblem("consent_scopes", f"holds {scope}, which the version doesn't ask for", "Leave it out")
        for scope in sorted(given - asked)
    ]
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
