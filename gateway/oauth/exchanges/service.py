"""Which app may exchange whose tokens: nobody, until an app's owner or an administrator says so."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.service import AppService, resource_of
from gateway.oauth.exchanges.models import ExchangePermission
from gateway.oauth.exchanges.repository import find_permission, permissions_of
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal


class ExchangePermissionService:
    """For those who manage the app whose tokens are exchanged."""

    def __init__(self, authorizer: Authorizer, apps: AppService, clock: Clock) -> None:
        self._authorizer = authorizer
        self._apps = apps
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, app_code: str) -> list[ExchangePermission]:
        await self._require(session, principal, app_code)
        return await permissions_of(session, app_code)

    async def allow(
        self, session: AsyncSession, principal: Principal, app_code: str, exchanger: str
    ) -> ExchangePermission:
        """Lets `exchanger` exchange tokens of `app_code`; allowing it twice changes nothing.

        Raises:
            NotFound: no such app, either of them.
            Invalid: an app always may exchange its own tokens.
        """
        await self._require(session, principal, app_code)
        await self._apps.existing(session, exchanger)
        if exchanger == app_code:
            raise Invalid.field("exchanger", "is the app itself, which may exchange its own tokens", "Name another app")
        found = await find_permission(session, app_code, exchanger)
        if found is not None:
            return found
        permission = ExchangePermission(
            app_code=app_code, exchanger=exchanger, allowed_by=principal.id, created_at=self._clock.now()
        )
        session.add(permission)
        await session.flush()
        record(session, principal, "token_exchange.allowed", "app", app_code, after={"exchanger": exchanger})
        return permission

    async def withdraw(self, session: AsyncSession, principal: Principal, app_code: str, exchanger: str) -> None:
        """Tokens that were exchanged before hold until they expire, which is ten minutes at most. Raises NotFound."""
        await self._require(session, principal, app_code)
        found = await find_permission(session, app_code, exchanger)
        if found is None:
            raise NotFound(f"{exchanger} may not exchange tokens of {app_code}")
        await session.delete(found)
        record(session, principal, "token_exchange.withdrawn", "app", app_code, before={"exchanger": exchanger})

    async def _require(self, session: AsyncSession, principal: Principal, app_code: str) -> None:
        app = await self._apps.existing(session, app_code)
        await self._authorizer.require(session, principal, Action.APP_MANAGE, resource_of(app))
