"""Settings of apps as OAuth clients."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.models import App
from gateway.access.apps.service import AppService, resource_of
from gateway.oauth.clients.checks import settings_problems
from gateway.oauth.clients.repository import client_settings, put_client_settings
from gateway.oauth.clients.settings import ClientSettings
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal


class ClientService:
    """Args:
    longest: seconds that the platform lets access tokens hold.
    """

    def __init__(self, authorizer: Authorizer, apps: AppService, longest: int) -> None:
        self._authorizer = authorizer
        self._apps = apps
        self._longest = longest

    async def get(self, session: AsyncSession, principal: Principal, app_code: str) -> ClientSettings:
        """For those who manage the app; raises NotFound and PermissionDenied."""
        await self._managed(session, principal, app_code)
        return await client_settings(session, app_code)

    async def put(
        self, session: AsyncSession, principal: Principal, app_code: str, settings: ClientSettings
    ) -> ClientSettings:
        """Makes these the app's settings, as a whole.

        Raises:
            Invalid: naming each wrong field.
            PermissionDenied: whether people are asked for their consent is for administrators to say.
            Conflict: a service app, whose tokens are made for its tasks alone.
        """
        app = await self._managed(session, principal, app_code)
        if app.project_id is not None:
            raise Conflict(f"{app_code} is a project's service app; its tasks get tokens of their own")
        before = await client_settings(session, app_code)
        if settings.is_first_party != before.is_first_party:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        if problems := settings_problems(settings, self._longest):
            raise Invalid("; ".join(f"{each.field}: {each.problem}" for each in problems[:5]), fields=problems)
        if settings != before:
            await put_client_settings(session, app_code, settings)
            record(
                session,
                principal,
                "oauth_client.changed",
                "app",
                app_code,
                before=_described(before),
                after=_described(settings),
            )
        return settings

    async def _managed(self, session: AsyncSession, principal: Principal, app_code: str) -> App:
        app = await self._apps.existing(session, app_code)
        await self._authorizer.require(session, principal, Action.APP_MANAGE, resource_of(app))
        return app


def _described(settings: ClientSettings) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}
