"""Who may speak to an MCP server (authorization of the MCP specification: RFC 6750, RFC 8707, RFC 9728).

A token must be meant for this very server. At BlueKing's addresses an app may prove itself by its secret
instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.datastructures import Headers

from gateway.mcp.serving.caller import ToolCaller
from gateway.oauth.tokens.possession import USE_NONCE, Possession, SentToken, challenges, error_of
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.credentials import CredentialsMalformed, from_header
from kernel.clock import Clock
from kernel.signing.access_token import AccessClaims, verify_access_token
from kernel.signing.errors import TokenInvalid

_MAX_SCOPE = 2000


@dataclass(frozen=True, slots=True)
class Resource:
    """An MCP server as OAuth sees it: `address` is the audience of its tokens."""

    address: str
    metadata: str

    @classmethod
    def at(cls, issuer: str, path: str) -> "Resource":
        """The server at a path of ours; its metadata stands where RFC 9728 §3.1 puts it."""
        return cls(issuer + path, f"{issuer}/.well-known/oauth-protected-resource{path}")


class Refused(Exception):
    """A request is refused before a word of the protocol is read."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


class ServerAccess:
    def __init__(self, snapshots: SnapshotHolder, possession: Possession, clock: Clock) -> None:
        self._snapshots = snapshots
        self._possession = possession
        self._clock = clock

    async def caller(
        self, headers: Headers, resource: Resource, scopes: Iterable[str], address: str, request_id: str
    ) -> ToolCaller:
        """Who a token speaks for, proven where it is bound to a key.

        Args:
            scopes: of the server's tools, told to whom comes without a token.

        Raises:
            Refused: no token, or one that doesn't hold here.
        """
        sent = SentToken.read({name: ", ".join(headers.getlist(name)) for name in headers})
        if sent is None:
            raise _unauthorized(resource, "Send an access token for this server", "", scopes)
        try:
            claims = await self._claims(sent, resource)
        except TokenInvalid as problem:
            error = error_of(problem)
            nonce = self._possession.nonce_headers(self._clock.now().timestamp()) if error == USE_NONCE else {}
            raise _unauthorized(resource, str(problem), error, scopes, sent, nonce) from problem
        return ToolCaller(
            app_code=claims.client_id,
            user=claims.user,
            scopes=claims.scopes,
            expires_at=claims.expires_at,
            address=address,
            request_id=request_id,
            authorization_id=claims.authorization_id,
        )

    async def blueking_caller(
        self,
        headers: Headers,
        resource: Resource,
        scopes: Iterable[str],
        address: str,
        request_id: str,
    ) -> ToolCaller:
        """As `caller`; `X-Bkapi-Authorization` with an app's code and secret counts too.

        Raises:
            Refused: as `caller`.
        """
        told = headers.get("x-bkapi-authorization")
        if told is None:
            return await self.caller(headers, resource, scopes, address, request_id)
        return self._by_secret(told, resource, address, request_id)

    def _by_secret(self, told: str, resource: Resource, address: str, request_id: str) -> ToolCaller:
        try:
            credentials = from_header(told.encode("latin-1"))
        except CredentialsMalformed as error:
            raise _unauthorized(resource, str(error), "invalid_token", ()) from error
        app = self._snapshots.current.apps.get(credentials.app_code)
        now = self._clock.now().timestamp()
        if app is None or not app.enabled or not app.verifies(credentials.app_secret, now):
            raise _unauthorized(resource, "bk_app_code or bk_app_secret is incorrect", "invalid_token", ())
        return ToolCaller(app.app_code, None, None, float("inf"), address, request_id)

    async def _claims(self, sent: SentToken, resource: Resource) -> AccessClaims:
        """Raises TokenInvalid for a token that does not hold here now, or is not proven."""
        snapshot = self._snapshots.current
        now = self._clock.now().timestamp()
        claims = verify_access_token(
            sent.value,
            snapshot.keys.keys,
            issuer=snapshot.keys.issuer,
            audience=resource.address,
            now=now,
            takes_bound=True,
        )
        if snapshot.revocations.covers(
            claims.token_id,
            claims.client_id,
            claims.issued_at,
            claims.authorization_id or "",
            claims.user,
            claims.origins,
        ):
            raise TokenInvalid("the token was revoked")
        app = snapshot.apps.get(claims.client_id)
        if app is None or not app.enabled:
            raise TokenInvalid("the app does not exist or is disabled")
        addresses = (resource.address, f"{resource.address}/")
        await self._possession.require(sent, claims, method="POST", addresses=addresses, now=now)
        return claims


def lacking_scope(resource: Resource, needed: Iterable[str]) -> Refused:
    """The step-up challenge: what a new token must carry."""
    scope = " ".join(sorted(needed))
    reason = f"the tool needs the scope {scope}"
    return Refused(403, reason, _challenge(resource, reason, "insufficient_scope", scope))


def _unauthorized(
    resource: Resource,
    reason: str,
    error: str,
    scopes: Iterable[str],
    sent: SentToken | None = None,
    further: Mapping[str, str] = MappingProxyType({}),
) -> Refused:
    scope = " ".join(sorted(scopes))
    challenge = _challenge(resource, reason, error, scope if len(scope) <= _MAX_SCOPE else "", sent)
    return Refused(401, reason, {**challenge, **further})


def _challenge(
    resource: Resource, reason: str, error: str, scope: str, sent: SentToken | None = None
) -> dict[str, str]:
    """RFC 6750 §3 and RFC 9728 §5.1."""
    told = [f'resource_metadata="{resource.metadata}"', *([f'scope="{scope}"'] if scope else [])]
    return {"WWW-Authenticate": challenges(sent, error, reason, *told)}
