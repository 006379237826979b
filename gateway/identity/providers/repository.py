from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.authorization.models import IDENTITY_PROVIDER, RoleBinding
from gateway.identity.providers.models import ForeignIdentity, IdentityProvider
from gateway.identity.sessions.models import LoginSession


async def find_provider(session: AsyncSession, name: str) -> IdentityProvider | None:
    return (
        await session.execute(select(IdentityProvider).where(col(IdentityProvider.name) == name))
    ).scalar_one_or_none()


async def all_providers(session: AsyncSession) -> list[IdentityProvider]:
    return list((await session.execute(select(IdentityProvider).order_by(col(IdentityProvider.name)))).scalars())


async def find_identity(session: AsyncSession, issuer: str, subject: str) -> ForeignIdentity | None:
    statement = select(ForeignIdentity).where(
        col(ForeignIdentity.issuer) == issuer, col(ForeignIdentity.subject) == subject
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def identities_of(session: AsyncSession, username: str) -> list[ForeignIdentity]:
    statement = (
        select(ForeignIdentity).where(col(ForeignIdentity.username) == username).order_by(col(ForeignIdentity.id))
    )
    return list((await session.execute(statement)).scalars())


async def remove_identity(session: AsyncSession, username: str, identity_id: str) -> ForeignIdentity | None:
    identity = await session.get(ForeignIdentity, identity_id)
    if identity is None or identity.username != username:
        return None
    await session.delete(identity)
    return identity


async def remove_provider(session: AsyncSession, provider: IdentityProvider) -> None:
    """With the roles and the sessions that stood on its word; who a person is there is kept, should it come back."""
    await session.execute(delete(RoleBinding).where(col(RoleBinding.origin) == IDENTITY_PROVIDER + provider.name))
    await end_sessions_by(session, provider.name)
    await session.delete(provider)


async def end_sessions_by(session: AsyncSession, provider: str) -> None:
    await session.execute(delete(LoginSession).where(col(LoginSession.method) == f"oidc:{provider}"))
