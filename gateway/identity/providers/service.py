from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.foreign.service import link
from gateway.identity.providers.models import ForeignIdentity, IdentityProvider
from gateway.identity.providers.repository import (
    all_providers,
    end_sessions_by,
    find_identity,
    find_provider,
    identities_of,
    remove_identity,
    remove_provider,
)
from gateway.identity.providers.schemas import ProviderInput
from gateway.identity.users.service import existing
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import Conflict, Invalid, NotFound
from kernel.principal import Principal
from kernel.secrets import SecretBox

BLUEKING = "blueking"
CLIENT_SECRET = "gateway identity provider client secret"  # noqa: S105  a purpose, not a secret


class ProviderService:
    """The identity providers people may sign in with, kept by administrators."""

    def __init__(self, authorizer: Authorizer, secrets: SecretBox, clock: Clock, *, blueking_issuer: str) -> None:
        self._authorizer = authorizer
        self._secrets = secrets
        self._clock = clock
        self._blueking_issuer = blueking_issuer

    async def browse(self, session: AsyncSession, principal: Principal) -> list[IdentityProvider]:
        await self._require(session, principal)
        return await all_providers(session)

    async def offered(self, session: AsyncSession) -> list[IdentityProvider]:
        """Those on the sign-in page: everybody sees them."""
        return [provider for provider in await all_providers(session) if provider.is_enabled]

    async def find(self, session: AsyncSession, principal: Principal, name: str) -> IdentityProvider:
        await self._require(session, principal)
        return await self._existing(session, name)

    async def put(
        self, session: AsyncSession, principal: Principal, name: str, order: ProviderInput
    ) -> IdentityProvider:
        """Makes the provider, or changes it.

        Raises:
            Conflict: another one has this issuer.
        """
        await self._require(session, principal)
        if name == BLUEKING:
            raise Invalid.field(
                "name", f"{name} is BlueKing's login service, which the settings name", "Choose another"
            )
        provider = await find_provider(session, name)
        before = described(provider) if provider is not None else None
        if provider is None:
            provider = IdentityProvider.model_validate({"name": name, **_columns(order)})
        was_issuer = provider.issuer
        for column, value in _columns(order).items():
            setattr(provider, column, value)
        if "client_secret" in order.model_fields_set:
            secret = order.client_secret
            provider.client_secret = (
                self._secrets.seal(secret.get_secret_value().encode(), CLIENT_SECRET) if secret is not None else None
            )
        provider.updated_at = self._clock.now()
        session.add(provider)
        try:
            await session.flush()
        except IntegrityError as error:
            raise Conflict(f"Another identity provider has the issuer {order.issuer}") from error
        if not provider.is_enabled or provider.issuer != was_issuer:
            await end_sessions_by(session, name)
        record(session, principal, "identity_provider.put", "platform", name, before=before, after=described(provider))
        return provider

    async def remove(self, session: AsyncSession, principal: Principal, name: str) -> None:
        await self._require(session, principal)
        provider = await self._existing(session, name)
        await remove_provider(session, provider)
        record(session, principal, "identity_provider.removed", "platform", name, before=described(provider))

    def client_secret(self, provider: IdentityProvider) -> str | None:
        if provider.client_secret is None:
            return None
        return self._secrets.open(provider.client_secret, CLIENT_SECRET).decode()

    async def identities(self, session: AsyncSession, principal: Principal, username: str) -> list[ForeignIdentity]:
        """Who the person is elsewhere: he sees it himself, and administrators."""
        if username != principal.id:
            await self._require(session, principal)
        return await identities_of(session, username)

    async def link(
        self, session: AsyncSession, principal: Principal, username: str, provider_name: str, subject: str
    ) -> ForeignIdentity:
        """As `blueking` the provider is BlueKing's login service, whose subjects are user names.

        Raises:
            Conflict: somebody is linked to that subject already.
        """
        await self._require(session, principal)
        await existing(session, username)
        issuer = await self._issuer(session, provider_name)
        known = await find_identity(session, issuer, subject)
        if known is not None:
            raise Conflict(f"{subject} of {provider_name} is {known.username} here")
        identity = link(session, principal, issuer, subject, username)
        await session.flush()
        return identity

    async def unlink(self, session: AsyncSession, principal: Principal, username: str, identity_id: str) -> None:
        await self._require(session, principal)
        identity = await remove_identity(session, username, identity_id)
        if identity is None:
            raise NotFound(f"{username} has no identity {identity_id}")
        before = {"issuer": identity.issuer, "subject": identity.subject}
        record(session, principal, "user.identity_unlinked", "user", username, before=before)

    async def _issuer(self, session: AsyncSession, provider_name: str) -> str:
        if provider_name == BLUEKING and self._blueking_issuer:
            return self._blueking_issuer
        return (await self._existing(session, provider_name)).issuer

    async def _existing(self, session: AsyncSession, name: str) -> IdentityProvider:
        provider = await find_provider(session, name)
        if provider is None:
            raise NotFound(f"There is no identity provider {name}")
        return provider

    async def _require(self, session: AsyncSession, principal: Principal) -> None:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)


def described(provider: IdentityProvider) -> dict[str, object]:
    return {
        "title": provider.title,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "scopes": provider.scopes,
        "username_claim": provider.username_claim,
        "role_rules": provider.role_rules,
        "creates_users": provider.creates_users,
        "is_enabled": provider.is_enabled,
    }


def _columns(order: ProviderInput) -> dict[str, object]:
    columns = order.model_dump(exclude={"client_secret"}, mode="json")
    return columns | {"scopes": list(dict.fromkeys(["openid", *order.scopes]))}
