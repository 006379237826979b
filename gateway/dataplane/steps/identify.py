"""Who calls: an access token, a BlueKing credential, or another gateway's word where that gateway is trusted."""

from dataclasses import dataclass

from gateway.dataplane.call import Call, Identity, make_identity
from gateway.dataplane.steps.app_credentials import AppCredentials, SignedRequest
from gateway.snapshot.model.keys import KeysShard
from gateway.wire.codes import CREDENTIALS_INVALID, JWT_VERIFY_FAILED, UNAUTHORIZED
from gateway.wire.credentials import Credentials, CredentialsMalformed, from_header
from gateway.wire.refusal import Refusal
from kernel.signing.access_token import verify_access_token
from kernel.signing.errors import TokenInvalid
from kernel.signing.jwt import BackendIdentity, verify_jwt

REMEMBERED_TOKENS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    identity: Identity
    keys: KeysShard
    expires_at: float


class Identify:
    """Verified tokens are remembered until they expire or the keys change, up to a bound.

    ``challenge`` is the value of ``WWW-Authenticate`` without its error (RFC 9728 §5.1).
    """

    __slots__ = ("_apps", "_challenge", "_remembered")

    def __init__(self, challenge: str) -> None:
        self._apps = AppCredentials()
        self._challenge = challenge
        self._remembered: dict[bytes, _Remembered] = {}

    def __call__(self, call: Call) -> None:
        kept = call.headers.kept
        if b"x-bkapi-jwt" in kept:
            call.identity = self._trusted(call, kept[b"x-bkapi-jwt"], "X-Bkapi-JWT")
            return
        value = kept.get(b"authorization")
        if value is not None and (value.startswith(b"Bearer ") or value[:7].lower() == b"bearer "):
            token = value[7:]
            found = self._remembered.get(token)
            if found is not None and found.keys is call.snapshot.keys and found.expires_at > call.now:
                call.identity = found.identity
            else:
                call.identity = self._bearer(call, token.strip())
            return
        header = kept.get(b"x-bkapi-authorization")
        if header is not None:
            try:
                credentials = from_header(header)
            except CredentialsMalformed as problem:
                raise Refusal(CREDENTIALS_INVALID, str(problem)) from problem
            if not credentials.is_empty:
                call.identity = self.by_credentials(call, credentials)
                return
        if call.identity is None and call.route.app_required:
            raise self._unauthorized("no credential was given")

    def by_credentials(self, call: Call, credentials: Credentials, signed: SignedRequest | None = None) -> Identity:
        """The identity that BlueKing credentials prove, the strongest of them first; raises Refusal.

        ``signed`` is the request where its parameters may carry a signature.
        """
        if credentials.access_token:
            try:
                identity = self._by_token(call, credentials.access_token.encode("utf-8", "replace"))
            except TokenInvalid as problem:
                raise Refusal(CREDENTIALS_INVALID, f"access_token is invalid, {problem}") from problem
            return self._with_user_of(call, identity, credentials.jwt) if credentials.jwt else identity
        if credentials.inner_jwt:
            return self._trusted(call, credentials.inner_jwt.encode("utf-8", "replace"), "inner_jwt")
        return self._apps.identity(call, credentials, signed)

    def _with_user_of(self, call: Call, identity: Identity, token: str) -> Identity:
        """The app of an access token with the user another gateway vouches for."""
        user = self._told(call, token.encode("utf-8", "replace"), "jwt").username
        if user is None:
            raise Refusal(JWT_VERIFY_FAILED, "jwt is not accepted: it verifies no user")
        return make_identity(
            identity.app_code,
            user=user,
            project_id=identity.project_id,
            scopes=identity.scopes,
            token_id=identity.token_id,
            issued_at=identity.issued_at,
        )

    def _bearer(self, call: Call, token: bytes) -> Identity:
        try:
            return self._by_token(call, token)
        except TokenInvalid as problem:
            raise self._unauthorized(str(problem), "invalid_token") from problem

    def _by_token(self, call: Call, token: bytes) -> Identity:
        keys = call.snapshot.keys
        found = self._remembered.get(token)
        if found is not None and found.keys is keys and found.expires_at > call.now:
            return found.identity
        claims = verify_access_token(
            token.decode("latin-1"), keys.keys, issuer=keys.issuer, audience=keys.audience, now=call.now
        )
        identity = make_identity(
            claims.client_id,
            user=claims.user,
            project_id=claims.project_id,
            task_id=claims.task_id,
            scopes=claims.scopes,
            token_id=claims.token_id,
            issued_at=claims.issued_at,
        )
        self._remember(token, _Remembered(identity, keys, claims.expires_at))
        return identity

    def _remember(self, token: bytes, entry: _Remembered) -> None:
        remembered = self._remembered
        remembered.pop(token, None)
        if len(remembered) >= REMEMBERED_TOKENS:
            del remembered[next(iter(remembered))]
        remembered[token] = entry

    def _trusted(self, call: Call, token: bytes, name: str) -> Identity:
        told = self._told(call, token, name)
        if told.app_code is None:
            raise Refusal(JWT_VERIFY_FAILED, f"{name} is not accepted: it verifies no app")
        return make_identity(told.app_code, user=told.username)

    def _told(self, call: Call, token: bytes, name: str) -> BackendIdentity:
        try:
            return verify_jwt(token.decode("latin-1"), call.snapshot.keys.trusted_gateways, now=call.now)
        except TokenInvalid as problem:
            raise Refusal(JWT_VERIFY_FAILED, f"{name} is not accepted: {problem}") from problem

    def _unauthorized(self, reason: str, error: str = "") -> Refusal:
        challenge = self._challenge + (f', error="{error}", error_description="{_quotable(reason)}"' if error else "")
        return Refusal(UNAUTHORIZED, reason, ((b"www-authenticate", challenge.encode("latin-1", "replace")),))


def _quotable(text: str) -> str:
    return text.replace("\\", "").replace('"', "'")
