"""Who calls: an access token, a BlueKing credential, or another gateway's word where that gateway is trusted."""

from dataclasses import dataclass
from typing import Final

from gateway.dataplane.call import Call, Identity, make_identity
from gateway.dataplane.steps.app_credentials import AppCredentials, SignedRequest
from gateway.dataplane.steps.proofs import Proofs
from gateway.snapshot.model.keys import KeysShard
from gateway.wire.codes import CREDENTIALS_INVALID, JWT_VERIFY_FAILED, UNAUTHORIZED
from gateway.wire.credentials import Credentials, CredentialsMalformed, from_header
from gateway.wire.refusal import Refusal
from kernel.signing.access_token import AccessClaims, verify_access_token
from kernel.signing.dpop import NonceNeeded, ProofInvalid
from kernel.signing.errors import TokenInvalid
from kernel.signing.jwk import CURVES
from kernel.signing.jwt import BackendIdentity, verify_jwt

REMEMBERED_TOKENS: Final = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    identity: Identity
    keys: KeysShard
    expires_at: float
    thumbprint: str | None = None


class Identify:
    """Verified tokens are remembered until they expire or the keys change, up to a bound; those that are bound to a
    key apart, so that they are never taken without its proof.

    ``metadata`` is told in challenges (RFC 9728 §5.1).
    """

    __slots__ = ("_apps", "_bound", "_challenge", "_proof_challenge", "_proofs", "_remembered")

    def __init__(self, metadata: str, proofs: Proofs) -> None:
        self._apps = AppCredentials()
        self._challenge = f"Bearer {metadata}"
        self._proof_challenge = f'DPoP algs="{" ".join(CURVES)}", {metadata}'
        self._proofs = proofs
        self._remembered: dict[bytes, _Remembered] = {}
        self._bound: dict[bytes, _Remembered] = {}

    def __call__(self, call: Call) -> None:
        kept = call.headers.kept
        if b"x-bkapi-jwt" in kept:
            call.identity = self._trusted(call, kept[b"x-bkapi-jwt"], "X-Bkapi-JWT")
            return
        value = kept.get(b"authorization")
        if value is not None:
            if value.startswith(b"Bearer ") or value[:7].lower() == b"bearer ":
                token = value[7:]
                found = self._remembered.get(token)
                if found is not None and found.keys is call.snapshot.keys and found.expires_at > call.now:
                    call.identity = found.identity
                else:
                    call.identity = self._bearer(call, token.strip())
                return
            if value[:5].lower() == b"dpop ":
                if call.identity is None:  # else the same call was asked already, and its proof is used
                    call.identity = self._proven(call, value[5:].strip())
                return
        header = kept.get(b"x-bkapi-authorization")
        if header is not None:
            credentials = _read(header)
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
            authorization_id=identity.authorization_id,
            origins=identity.origins,
            systems=identity.systems,
        )

    def _bearer(self, call: Call, token: bytes) -> Identity:
        try:
            return self._by_token(call, token)
        except TokenInvalid as problem:
            raise self._unauthorized(str(problem), "invalid_token") from problem

    def _proven(self, call: Call, token: bytes) -> Identity:
        """Of a token that is bound to a key, with the proof that the caller holds it (RFC 9449 §7.1)."""
        try:
            found = self._bound_token(call, token)
            if call.exchange is not None:  # else it is only asked who would be served by what
                sent = call.headers.kept.get(b"dpop")
                self._proofs.require(call.exchange, sent, token.decode("latin-1"), found.thumbprint, call.now)
        except NonceNeeded as problem:
            raise self._unproven(call, str(problem), "use_dpop_nonce") from problem
        except ProofInvalid as problem:
            raise self._unproven(call, str(problem), "invalid_dpop_proof") from problem
        except TokenInvalid as problem:
            raise self._unproven(call, str(problem), "invalid_token") from problem
        return found.identity

    def _by_token(self, call: Call, token: bytes) -> Identity:
        keys = call.snapshot.keys
        found = self._remembered.get(token)
        if found is not None and found.keys is keys and found.expires_at > call.now:
            return found.identity
        claims = verify_access_token(
            token.decode("latin-1"), keys.keys, issuer=keys.issuer, audience=None, now=call.now
        )
        entry = _Remembered(_identity_of(claims, keys.audience), keys, claims.expires_at)
        _remember(self._remembered, token, entry)
        return entry.identity

    def _bound_token(self, call: Call, token: bytes) -> _Remembered:
        keys = call.snapshot.keys
        found = self._bound.get(token)
        if found is not None and found.keys is keys and found.expires_at > call.now:
            return found
        claims = verify_access_token(
            token.decode("latin-1"),
            keys.keys,
            issuer=keys.issuer,
            audience=None,
            now=call.now,
            takes_bound=True,
        )
        if claims.key_thumbprint is None:
            raise TokenInvalid("the token is bound to no key; send it as Authorization: Bearer")
        entry = _Remembered(_identity_of(claims, keys.audience), keys, claims.expires_at, claims.key_thumbprint)
        _remember(self._bound, token, entry)
        return entry

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
        challenge = self._challenge + _problem(reason, error)
        return Refusal(UNAUTHORIZED, reason, (_header(challenge), _header(self._proof_challenge)))

    def _unproven(self, call: Call, reason: str, error: str) -> Refusal:
        headers = [_header(self._proof_challenge + _problem(reason, error))]
        if nonce := self._proofs.nonce(call.now):
            headers.append((b"dpop-nonce", nonce.encode("ascii")))
        return Refusal(UNAUTHORIZED, reason, tuple(headers))


def _read(header: bytes) -> Credentials:
    try:
        return from_header(header)
    except CredentialsMalformed as problem:
        raise Refusal(CREDENTIALS_INVALID, str(problem)) from problem


def _identity_of(claims: AccessClaims, audience: str) -> Identity:
    return make_identity(
        claims.client_id,
        user=claims.user,
        project_id=claims.project_id,
        task_id=claims.task_id,
        scopes=claims.scopes,
        token_id=claims.token_id,
        issued_at=claims.issued_at,
        authorization_id=claims.authorization_id or "",
        origins=claims.origins,
        systems=_systems(claims.audiences, audience),
    )


def _systems(audiences: tuple[str, ...], audience: str) -> frozenset[str] | None:
    """The systems a token is for (RFC 8707); None for all."""
    if audience in audiences:
        return None
    below = f"{audience}/api/"
    systems = frozenset(each.removeprefix(below) for each in audiences if each.startswith(below))
    if not systems:
        raise TokenInvalid("the token is for another audience")
    return systems


def _remember(remembered: dict[bytes, _Remembered], token: bytes, entry: _Remembered) -> None:
    remembered.pop(token, None)
    if len(remembered) >= REMEMBERED_TOKENS:
        del remembered[next(iter(remembered))]
    remembered[token] = entry


def _header(challenge: str) -> tuple[bytes, bytes]:
    return b"www-authenticate", challenge.encode("latin-1", "replace")


def _problem(reason: str, error: str) -> str:
    return f', error="{error}", error_description="{_quotable(reason)}"' if error else ""


def _quotable(text: str) -> str:
    return text.replace("\\", "").replace('"', "'")
