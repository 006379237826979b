from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.identity.authorization.models import IDENTITY_PROVIDER
from gateway.identity.foreign.service import Arrival, ForeignIdentityService
from gateway.identity.providers.attempts import Attempt, new_attempt, opened, safe_redirect
from gateway.identity.providers.discovery import Metadata, ProviderDocuments
from gateway.identity.providers.exchange import authorization_address, fetch_tokens, with_userinfo
from gateway.identity.providers.id_token import Expected, verified_claims
from gateway.identity.providers.models import IdentityProvider
from gateway.identity.providers.repository import find_provider
from gateway.identity.providers.role_rules import mapped_roles
from gateway.identity.providers.service import ProviderService
from gateway.identity.sessions.service import Browser, SessionService, SignedIn
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import NotAuthenticated, NotFound, Unavailable
from kernel.oidc.claims import IdTokenRefused, KeyUnknown
from kernel.oidc.provider_http import ProviderHttp, ProviderUnusable
from kernel.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class Callback:
    """What came back from the provider's page.

    Attributes:
        iss: who says that it answers (RFC 9207); empty when it doesn't say.
    """

    state: str = ""
    code: str = ""
    iss: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """Attributes:
    address: the provider's page.
    attempt: what the browser keeps meanwhile.
    """

    address: str
    attempt: str


class OidcSignIn:
    """Signing in with an identity provider: authorization code flow with PKCE, state, nonce and `iss`.

    Each provider has an address of its own to come back to, and the browser knows at which it began: an answer of one
    provider is never taken for another's (RFC 9700 §4.4.2).
    """

    def __init__(
        self,
        database: Database,
        providers: ProviderService,
        foreign: ForeignIdentityService,
        sessions: SessionService,
        http: ProviderHttp,
        secrets: SecretBox,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._database = database
        self._providers = providers
        self._foreign = foreign
        self._sessions = sessions
        self._http = http
        self._documents = ProviderDocuments(http)
        self._secrets = secrets
        self._clock = clock
        self._public_url = public_url

    def redirect_uri(self, name: str) -> str:
        """What has to be registered at the provider."""
        return f"{self._public_url}/v1/sign-in/oidc/{name}/callback"

    async def begin(self, name: str, redirect: str) -> Begun:
        """Raises NotFound, and Unavailable when the provider can't be asked."""
        provider = await self._provider(name)
        metadata = await self._metadata(provider)
        attempt = new_attempt(name, provider.issuer, safe_redirect(redirect), self._clock.now())
        address = authorization_address(provider, metadata, attempt, self.redirect_uri(name))
        return Begun(address, attempt.sealed(self._secrets))

    async def finish(self, name: str, callback: Callback, sealed: str, browser: Browser) -> tuple[SignedIn, str]:
        """A session, and the page to go on to.

        Raises:
            NotAuthenticated: the answer is not the one to this browser's request, or proves nothing.
            PermissionDenied: whoever it is may not come in.
            Unavailable: the provider can't be asked.
        """
        provider = await self._provider(name)
        metadata = await self._metadata(provider)
        attempt = self._attempt_of(provider, metadata, callback, sealed)
        try:
            secret = self._providers.client_secret(provider)
            id_token, access_token = await fetch_tokens(
                self._http, provider, secret, metadata, attempt, callback.code, self.redirect_uri(name)
            )
            claims = await self._claims(provider, metadata, attempt, id_token)
            claims = await with_userinfo(self._http, metadata, access_token, claims)
        except (ProviderUnusable, IdTokenRefused) as error:
            raise _refused(f"The sign-in with {provider.title} failed: {error}") from error
        arrival = arrival_of(provider, claims)
        async with self._database.unit_of_work() as session:
            user = await self._foreign.admit(session, arrival, ip=browser.ip, request_id=browser.request_id)
            signed_in = await self._sessions.open(session, user, browser, f"oidc:{name}")
        return signed_in, attempt.redirect

    def _attempt_of(self, provider: IdentityProvider, metadata: Metadata, callback: Callback, sealed: str) -> Attempt:
        attempt = opened(sealed, self._secrets, self._clock.now())
        if attempt is None or attempt.provider != provider.name or attempt.issuer != provider.issuer:
            raise _refused("This browser began no sign-in here, or too long ago; begin again")
        if callback.state != attempt.state:
            raise _refused("The answer belongs to another sign-in; begin again")
        if (callback.iss or metadata.sends_issuer) and callback.iss != provider.issuer:
            raise _refused("The answer comes from another identity provider than was asked")
        if callback.error or not callback.code:
            raise _refused(f"{provider.title} did not sign you in: {callback.error or 'no code came'}")
        return attempt

    async def _claims(
        self, provider: IdentityProvider, metadata: Metadata, attempt: Attempt, id_token: str
    ) -> Mapping[str, Any]:
        expected = Expected(provider.issuer, provider.client_id, attempt.nonce)
        now = int(self._clock.now().timestamp())
        try:
            return verified_claims(id_token, await self._documents.keys(metadata), expected, now)
        except KeyUnknown:
            return verified_claims(id_token, await self._documents.keys(metadata, renewed=True), expected, now)

    async def _provider(self, name: str) -> IdentityProvider:
        async with self._database.reading() as session:
            provider = await find_provider(session, name)
        if provider is None or not provider.is_enabled:
            raise NotFound(f"There is no identity provider {name}")
        return provider

    async def _metadata(self, provider: IdentityProvider) -> Metadata:
        try:
            return await self._documents.metadata(provider.issuer)
        except ProviderUnusable as error:
            raise Unavailable(f"{provider.title} can't be asked: {error}", code="identity_provider_away") from error


def arrival_of(provider: IdentityProvider, claims: Mapping[str, Any]) -> Arrival:
    return Arrival(
        issuer=provider.issuer,
        subject=claims["sub"],
        username=_text(claims, provider.username_claim),
        display_name=_text(claims, "name"),
        email=_text(claims, "email"),
        creates_user=provider.creates_users,
        origin=IDENTITY_PROVIDER + provider.name,
        roles=mapped_roles(provider.role_rules, claims),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and value.isprintable() else ""


def _refused(detail: str) -> NotAuthenticated:
    return NotAuthenticated(detail, code="sign_in_refused")
