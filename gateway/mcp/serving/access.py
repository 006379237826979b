"""Who may speak to an MCP server (authorization of the MCP specification: RFC 6750, RFC 8707, RFC 9728).

A bearer token must be meant for this very server. At BlueKing's addresses an app may prove itself by its secret
instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import Headers

from gateway.mcp.serving.caller import ToolCaller
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
    def __init__(self, snapshots: SnapshotHolder, clock: Clock) -> None:
        self._snapshots = snapshots
        self._clock = clock

    def caller(
        self, headers: Headers, resource: Resource, scopes: Iterable[str], address: str, request_id: str
    ) -> ToolCaller:
        """Who a bearer token speaks for.

        Args:
            scopes: of the server's tools, told to whom comes without a token.

        Raises:
            Refused: no token, or one that doesn't hold here.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unauthorized(resource, "Send an access token for this server", "", scopes)
        claims = self._claims(token.strip(), resource, scopes)
        snapshot = self._snapshots.current
        if snapshot.revocations.covers(
            claims.token_id, claims.client_id, claims.issued_at, claims.authorization_id or "", claims.user
        ):
            raise _unauthorized(resource, "the token was revoked", "invalid_token", scopes)
        app = snapshot.apps.get(claims.client_id)
        if app is None or not app.enabled:
            raise _unauthorized(resource, "the app does not exist or is disabled", "invalid_token", scopes)
        return ToolCaller(
            app_code=claims.client_id,
            user=claims.user,
            scopes=claims.scopes,
            expires_at=claims.expires_at,
            address=address,
            request_id=request_id,
            authorization_id=claims.authorization_id,
        )

    def blueking_caller(
        self,
        headers: Headers,
        resource: Resource,
        scopes: Iterable[str],
        address: str,
        request_id: str,
        *,
        passed_headers: tuple[tuple[str, str], ...],
        timeout: float | None,
    ) -> ToolCaller:
        """As `caller`; `X-Bkapi-Authorization` with an app's code and secret counts too.

        Raises:
            Refused: as `caller`.
        """
        told = headers.get("x-bkapi-authorization")
        if told is None:
            found = self.caller(headers, resource, scopes, address, request_id)
        else:
            found = self._by_secret(told, resource, address, request_id)
        return replace(found, passed_headers=passed_headers, timeout=timeout)

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

    def _claims(self, token: str, resource: Resource, scopes: Iterable[str]) -> AccessClaims:
        keys = self._snapshots.current.keys
        try:
            return verify_access_token(
                token,
                keys.keys,
                issuer=keys.issuer,
                audience=resource.address,
                now=self._clock.now().timestamp(),
            )
        except TokenInvalid as problem:
            raise _unauthorized(resource, str(problem), "invalid_token", scopes) from problem


def lacking_scope(resource: Resource, needed: Iterable[str]) -> Refused:
    """The step-up challenge: what a new token must carry."""
    scope = " ".join(sorted(needed))
    reason = f"the tool needs the scope {scope}"
    return Refused(403, reason, _challenge(resource, reason, "insufficient_scope", scope))


def _unauthorized(resource: Resource, reason: str, error: str, scopes: Iterable[str]) -> Refused:
    scope = " ".join(sorted(scopes))
    return Refused(401, reason, _challenge(resource, reason, error, scope if len(scope) <= _MAX_SCOPE else ""))


def _challenge(resource: Resource, reason: str, error: str, scope: str) -> dict[str, str]:
    """RFC 6750 §3 and RFC 9728 §5.1."""
    parts = [f'resource_metadata="{resource.metadata}"']
    if error:
        parts += [f'error="{error}"', f'error_description="{_quotable(reason)}"']
    if scope:
        parts.append(f'scope="{scope}"')
    return {"WWW-Authenticate": f"Bearer {', '.join(parts)}"}


def _quotable(text: str) -> str:
    return "".join(sign if " " <= sign <= "~" and sign not in '"\\' else "'" for sign in text)
