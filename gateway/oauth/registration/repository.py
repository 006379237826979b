from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.apps.models import App, AppSecret
from gateway.access.grants.models import Grant
from gateway.identity.authorization.models import RoleBinding
from gateway.oauth.authorization.models import Consent
from gateway.oauth.clients.models import ClientRegistration
from gateway.oauth.registration.models import InitialAccessToken, RegisteredClient
from gateway.oauth.tokens.models import Authorization
from kernel.contracts.authorizer import ResourceKind


async def find_initial_token(session: AsyncSession, sha256: str, now: datetime) -> InitialAccessToken | None:
    rows = await session.execute(
        select(InitialAccessToken).where(
            col(InitialAccessToken.sha256) == sha256, col(InitialAccessToken.expires_at) > now
        )
    )
    return rows.scalar_one_or_none()


async def initial_tokens_of(session: AsyncSession, owner: str) -> list[InitialAccessToken]:
    rows = await session.execute(
        select(InitialAccessToken).where(col(InitialAccessToken.owner) == owner).order_by(col(InitialAccessToken.id))
    )
    return list(rows.scalars())


async def registered_since(session: AsyncSession, since: datetime, origin: str | None = None) -> int:
    """How many clients registered themselves: those of one origin, or all."""
    counted = select(func.count()).select_from(RegisteredClient).where(col(RegisteredClient.created_at) > since)
    if origin is not None:
        counted = counted.where(col(RegisteredClient.origin) == origin)
    return (await session.execute(counted)).scalar_one()


async def unused_since(session: AsyncSession, before: datetime, limit: int) -> list[str]:
    """App codes of clients that registered then, and neither applied for a grant nor were allowed anything since."""
    code = col(RegisteredClient.app_code)
    rows = await session.execute(
        select(code)
        .where(
            col(RegisteredClient.created_at) < before,
            ~exists().where(col(Grant.app_code) == code),
            ~exists().where(col(Consent.app_code) == code),
            ~exists().where(col(Authorization.app_code) == code),
        )
        .limit(limit)
    )
    return list(rows.scalars())


async def remove_client(session: AsyncSession, app_code: str) -> None:
    """With everything that makes it an app; nothing was told about it to the data plane."""
    await session.execute(delete(RegisteredClient).where(col(RegisteredClient.app_code) == app_code))
    await session.execute(delete(ClientRegistration).where(col(ClientRegistration.app_code) == app_code))
    await session.execute(delete(AppSecret).where(col(AppSecret.app_code) == app_code))
    await session.execute(
        delete(RoleBinding).where(
            col(RoleBinding.resource_kind) == ResourceKind.APP.value, col(RoleBinding.resource_id) == app_code
        )
    )
    await session.execute(delete(App).where(col(App.app_code) == app_code))
