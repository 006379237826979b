from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App, AppSecret
from gateway.access.apps.repository import apps_page, find_app, remove_secret, secrets_of
from gateway.access.shards import app_document
from gateway.credentials import digest, new_credential
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.secrets import APP_SECRET
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer, Resource, ResourceKind
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from kernel.secrets import SecretBox

_MAX_SECRETS = 10


@dataclass(frozen=True, slots=True)
class NewSecret:
    """Attributes:
    value: known only now.
    revision: at which apps can use it.
    """

    record: AppSecret
    value: str
    revision: int


@dataclass(frozen=True, slots=True)
class Change:
    """What to change of an app; `None` keeps it."""

    name: str | None = None
    description: str | None = None
    enabled: bool | None = None
    may_name_user: bool | None = None
    may_sign: bool | None = None


class AppService:
    """Apps and their secrets."""

    def __init__(self, authorizer: Authorizer, publisher: SnapshotPublisher, secrets: SecretBox, clock: Clock) -> None:
        self._authorizer = authorizer
        self._publisher = publisher
        self._secrets = secrets
        self._clock = clock

    async def create(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        app_code: str,
        name: str,
        description: str,
        may_sign: bool = False,
    ) -> tuple[App, NewSecret]:
        """A new app with its first secret, owned by its maker.

        Raises:
            PermissionDenied: the caller is no person.
            Conflict: the code is taken.
        """
        if principal.kind is not PrincipalKind.USER:
            raise PermissionDenied("An app belongs to a person; sign in as one to make it")
        await self._publisher.lock(session)
        app = await self._add(
            session,
            principal,
            App(
                app_code=app_code,
                name=name,
                description=description,
                owner=principal.id,
                may_sign=may_sign,
                created_at=self._clock.now(),
            ),
        )
        await self._authorizer.bind_role(session, principal, principal.id, "owner", resource_of(app))
        return app, await self._add_secret(session, principal, app)

    async def create_service_app(
        self, session: AsyncSession, principal: Principal, app_code: str, project_id: str, name: str
    ) -> None:
        """The app a project's tasks act as. It has no secret: its tokens are minted for single tasks."""
        await self._publisher.lock(session)
        app = await self._add(
            session, principal, App(app_code=app_code, name=name, project_id=project_id, created_at=self._clock.now())
        )
        await self._publish(session, app.app_code)

    async def add_registered(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        app_code: str,
        name: str,
        owner: str | None,
        needs_secret: bool,
    ) -> str | None:
        """The app of a client that registered itself; its secret, where it needs one.

        The data plane is told about it with its first grant; before that there is nothing it may call.
        """
        now = self._clock.now()
        app = App(app_code=app_code, name=name, owner=owner, created_at=now)
        await self._add(session, principal, app)
        if owner is not None:
            await self._authorizer.bind_role(session, principal, owner, "owner", resource_of(app))
        if not needs_secret:
            return None
        value = new_credential()
        session.add(AppSecret(app_code=app_code, sha256=digest(value), created_by=principal.id, created_at=now))
        await session.flush()
        return value

    async def disable(self, session: AsyncSession, app: App) -> int:
        """No call and no token of the app is accepted from now on; whoever calls has locked the configuration."""
        app.enabled = False
        await session.flush()
        return await self._publish(session, app.app_code)

    async def change(
        self, session: AsyncSession, principal: Principal, app_code: str, change: Change
    ) -> tuple[App, int]:
        """The app as it is now, and the revision at which that holds.

        Raises:
            NotFound: no such app.
            PermissionDenied: whose word about users is believed is for administrators to say.
            Conflict: a service app, which neither names users nor signs.
        """
        await self._publisher.lock(session)
        app = await self._managed(session, principal, app_code)
        if app.project_id is not None:
            raise Conflict(f"{app_code} is a project's service app; it changes with its project")
        if change.may_name_user not in {None, app.may_name_user}:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        before = _described(app)
        for each in fields(change):
            if (value := getattr(change, each.name)) is not None:
                setattr(app, each.name, value)
        if before["may_sign"] and not app.may_sign:
            for secret in await secrets_of(session, app_code):
                secret.sealed = None
        after = _described(app)
        if before != after:
            record(session, principal, "app.changed", "app", app_code, before=before, after=after)
        return app, await self._publish(session, app_code)

    async def get(self, session: AsyncSession, principal: Principal, app_code: str) -> App:
        """A project's service app is seen by its members, any other by those who manage it.

        Raises:
            NotFound: no such app.
            PermissionDenied: it is not the caller's to see.
        """
        app = await self.existing(session, app_code)
        if app.project_id is not None:
            project = Resource(ResourceKind.PROJECT, app.project_id)
            await self._authorizer.require(session, principal, Action.PROJECT_VIEW, project)
        else:
            await self._authorizer.require(session, principal, Action.APP_MANAGE, resource_of(app))
        return app

    async def browse(self, session: AsyncSession, principal: Principal, page: PageRequest) -> PageOf[App]:
        """Those the caller manages, and the service apps of the projects he is a member of."""
        allowing = self._authorizer.resources_allowing
        codes = await allowing(session, principal, Action.APP_MANAGE, ResourceKind.APP)
        projects = await allowing(session, principal, Action.PROJECT_VIEW, ResourceKind.PROJECT)
        return await apps_page(session, codes, projects or (), page)

    async def secrets(self, session: AsyncSession, principal: Principal, app_code: str) -> list[AppSecret]:
        app = await self._managed(session, principal, app_code)
        return await secrets_of(session, app.app_code)

    async def add_secret(self, session: AsyncSession, principal: Principal, app_code: str) -> NewSecret:
        """Another secret beside those that hold.

        Raises:
            Conflict: a service app, or too many secrets.
        """
        await self._publisher.lock(session)
        app = await self._managed(session, principal, app_code)
        if app.project_id is not None:
            raise Conflict(
                f"{app_code} is a project's service app; its tasks get tokens of their own, without a secret"
            )
        if len(await secrets_of(session, app_code)) >= _MAX_SECRETS:
            raise Conflict(f"{app_code} has {_MAX_SECRETS} secrets already; delete one that is no longer used")
        return await self._add_secret(session, principal, app)

    async def delete_secret(self, session: AsyncSession, principal: Principal, app_code: str, secret_id: str) -> int:
        """Takes a secret away at once; answers the revision. Raises NotFound."""
        await self._publisher.lock(session)
        await self._managed(session, principal, app_code)
        if not any(secret.id == secret_id for secret in await secrets_of(session, app_code)):
            raise NotFound(f"{app_code} has no secret {secret_id}")
        await remove_secret(session, secret_id)
        record(session, principal, "app_secret.deleted", "app", app_code, before={"secret_id": secret_id})
        return await self._publish(session, app_code)

    async def existing(self, session: AsyncSession, app_code: str) -> App:
        """The app, without asking who may see it; raises NotFound."""
        app = await find_app(session, app_code)
        if app is None:
            raise NotFound(f"There is no app {app_code}")
        return app

    async def _managed(self, session: AsyncSession, principal: Principal, app_code: str) -> App:
        app = await self.existing(session, app_code)
        await self._authorizer.require(session, principal, Action.APP_MANAGE, resource_of(app))
        return app

    async def _add(self, session: AsyncSession, principal: Principal, app: App) -> App:
        if await find_app(session, app.app_code) is not None:
            raise Conflict(f"The app code {app.app_code} is taken")
        session.add(app)
        await session.flush()
        record(
            session,
            principal,
            "app.created",
            "app",
            app.app_code,
            after={"name": app.name, "owner": app.owner},
            project_id=app.project_id,
        )
        return app

    async def _add_secret(self, session: AsyncSession, principal: Principal, app: App) -> NewSecret:
        value = new_credential()
        secret = AppSecret(
            app_code=app.app_code,
            sha256=digest(value),
            sealed=self._secrets.seal(value.encode(), APP_SECRET) if app.may_sign else None,
            created_by=principal.id,
            created_at=self._clock.now(),
        )
        session.add(secret)
        await session.flush()
        record(session, principal, "app_secret.created", "app", app.app_code, after={"secret_id": secret.id})
        return NewSecret(secret, value, await self._publish(session, app.app_code))

    async def _publish(self, session: AsyncSession, app_code: str) -> int:
        return await self._publisher.publish(session, lambda inside: app_document(inside, app_code, self._clock.now()))


def _described(app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "description": app.description[:200],
        "enabled": app.enabled,
        "may_name_user": app.may_name_user,
        "may_sign": app.may_sign,
    }


def resource_of(app: App) -> Resource:
    """A service app is managed by those whose role in its project says so."""
    parents = (Resource(ResourceKind.PROJECT, app.project_id),) if app.project_id is not None else ()
    return Resource(ResourceKind.APP, app.app_code, parents)


async def app_resource(session: AsyncSession, app_code: str) -> Resource | None:
    """A `kernel.contracts.resources.ResourceFinder`."""
    app = await find_app(session, app_code)
    return resource_of(app) if app is not None else None
