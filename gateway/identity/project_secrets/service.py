"""Secrets of projects under names: kept here, or wherever an outside source has them."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.project_secrets.models import ProjectSecret
from gateway.identity.project_secrets.repository import (
    count_project_secrets,
    find_project_secret,
    secrets_of_project,
)
from gateway.identity.project_secrets.sealing import purpose
from gateway.secrets.reading import read_source
from gateway.secrets.references import to_document
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.db.database import Database
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal
from kernel.secret_sources.source import Reference, SecretSources
from kernel.secrets import SecretBox

MOST_SECRETS = 200


class ProjectSecretService:
    """Whoever may install plugins in a project keeps its secrets; whoever edits its flows sees their names."""

    def __init__(
        self,
        projects: ProjectDirectory,
        authorizer: Authorizer,
        sources: SecretSources,
        secrets: SecretBox,
        clock: Clock,
    ) -> None:
        self._projects = projects
        self._authorizer = authorizer
        self._sources = sources
        self._secrets = secrets
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, project: str) -> list[ProjectSecret]:
        """By name."""
        target = await self._allowed(session, principal, project, Action.FLOW_EDIT)
        return await secrets_of_project(session, target.id)

    async def put(
        self, database: Database, principal: Principal, project: str, name: str, given: bytes | Reference
    ) -> ProjectSecret:
        """Keeps a secret under a name, or where an outside source has it.

        Opens its own unit of work: no transaction waits for the outside source.

        Raises:
            NotFound: no such project.
            PermissionDenied: the caller may not; or names an outside source and is no administrator.
            Invalid: the source can't give it.
        """
        async with database.reading() as session:
            target = await self._allowed(session, principal, project, Action.PLUGIN_INSTALL)
            if not isinstance(given, bytes):
                await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        if not isinstance(given, bytes):
            await read_source(self._sources, given)
        async with database.unit_of_work() as session:
            target = await self._allowed(session, principal, project, Action.PLUGIN_INSTALL)
            secret, before = await self._row(session, target, name)
            if isinstance(given, bytes):
                secret.reference, secret.sealed = None, self._secrets.seal(given, purpose(target.id, name))
            else:
                secret.reference, secret.sealed = to_document(given), None
            secret.updated_by, secret.updated_at = principal.id, self._clock.now()
            record(
                session,
                principal,
                "secret.kept",
                "project",
                target.id,
                before=before,
                after=_recorded(secret),
                project_id=target.id,
            )
            try:
                await session.flush()
            except IntegrityError as error:
                raise Conflict(f"{name} is being kept by another request; try again") from error
        return secret

    async def remove(self, session: AsyncSession, principal: Principal, project: str, name: str) -> None:
        """Raises NotFound."""
        target = await self._allowed(session, principal, project, Action.PLUGIN_INSTALL)
        secret = await find_project_secret(session, target.id, name)
        if secret is None:
            raise NotFound(f"{target.code} has no secret {name}")
        await session.delete(secret)
        record(
            session,
            principal,
            "secret.removed",
            "project",
            target.id,
            before=_recorded(secret),
            project_id=target.id,
        )

    async def _row(
        self, session: AsyncSession, project: ProjectSummary, name: str
    ) -> tuple[ProjectSecret, dict[str, str] | None]:
        """The one of that name with what was recorded of it, or a new one."""
        found = await find_project_secret(session, project.id, name)
        if found is not None:
            return found, _recorded(found)
        if await count_project_secrets(session, project.id) >= MOST_SECRETS:
            raise Conflict(f"A project has at most {MOST_SECRETS} secrets; remove one that nothing uses")
        made = ProjectSecret(project_id=project.id, name=name, updated_by="")
        session.add(made)
        return made, None

    async def _allowed(
        self, session: AsyncSession, principal: Principal, project: str, action: Action
    ) -> ProjectSummary:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, action, Resource(ResourceKind.PROJECT, found.id))
        return found


def _recorded(secret: ProjectSecret) -> dict[str, str]:
    return {"name": secret.name, **(secret.reference or {"source": "stored"})}
