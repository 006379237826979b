"""How the upstream knows that the gateway sends the call, and for whom."""

from collections.abc import Callable
from typing import Final

from gateway.dataplane.call import Call
from gateway.snapshot.model.routes import StageSettings
from gateway.wire.codes import INVALID_RESOURCE
from gateway.wire.refusal import Refusal
from kernel.signing.algorithms import load_signing_key
from kernel.signing.content_digest import content_digest
from kernel.signing.jwt import (
    CACHE_SECONDS,
    ESB_SECONDS,
    load_private_key,
    sign_for_esb_shape,
    sign_for_gateway_shape,
)
from kernel.signing.request_signature import RequestSigner

_REMEMBERED_JWTS: Final = 10_000


class SignMessage:
    """The profile ``http-message-signature``: needs the body, for its digest."""

    __slots__ = ("_origin", "_signer")

    needs_body = True

    def __init__(self, settings: StageSettings, origin: str) -> None:
        try:
            self._signer = RequestSigner(settings.signing.key_id, load_signing_key(settings.signing.secret))
        except ValueError as problem:
            raise Refusal(INVALID_RESOURCE, "the stage's signing key cannot be used") from problem
        self._origin = origin

    def __call__(self, call: Call) -> None:
        identity, body = call.identity, call.body
        covered = [*identity.headers] if identity is not None else []
        covered.append(("x-request-id", call.request_id))
        key = call.headers.kept.get(b"idempotency-key")
        if key is not None:
            covered.append(("idempotency-key", key.decode("latin-1")))
        digest = ""
        if body:
            digest = content_digest(body)
            covered.append(("content-digest", digest))
            digest = f"content-digest: {digest}\r\n"
        origin = self._origin if call.server is None else call.server.origin_text
        call.signature = digest + self._signer.sign(call.method, origin + call.target, covered, int(call.now))


class SignJwt:
    """The profile ``jwt``: ``X-Bkapi-JWT``, made once for each identity and shape, and used for ten minutes."""

    __slots__ = ("_by_address", "_esb_key", "_esb_key_id", "_issuer", "_key", "_key_id", "_remembered", "_username")

    needs_body = False

    def __init__(self, settings: StageSettings) -> None:
        signing = settings.signing
        try:
            self._key = load_private_key(signing.secret)
            self._esb_key = load_private_key(signing.esb_secret) if signing.esb_secret else None
        except ValueError as problem:
            raise Refusal(INVALID_RESOURCE, "the stage's signing key cannot be used") from problem
        self._key_id = signing.key_id
        self._esb_key_id = signing.esb_key_id
        self._issuer = signing.issuer
        self._by_address = signing.parameters.get("shape") != "gateway"
        self._username = signing.parameters.get("username")
        self._remembered: dict[tuple[str | None, str | None, bool], tuple[float, str]] = {}

    def __call__(self, call: Call) -> None:
        identity = call.identity
        app = identity.app_code if identity is not None else None
        user = identity.user if identity is not None else None
        key = (app, user or self._username, call.is_esb and self._by_address)
        found = self._remembered.get(key)
        if found is None or found[0] <= call.now:
            found = self._make(key, call.now)
        call.signature = found[1]

    def _make(self, key: tuple[str | None, str | None, bool], now: float) -> tuple[float, str]:
        app, user, is_esb = key
        sign: Callable[..., str] = sign_for_esb_shape if is_esb else sign_for_gateway_shape
        with_key, key_id = self._key, self._key_id
        if is_esb and self._esb_key is not None:
            with_key, key_id = self._esb_key, self._esb_key_id
        token = sign(with_key, key_id=key_id, issuer=self._issuer, app_code=app, username=user, now=int(now))
        if len(self._remembered) >= _REMEMBERED_JWTS:
            del self._remembered[next(iter(self._remembered))]
        kept_for = min(CACHE_SECONDS, ESB_SECONDS // 2)
        found = self._remembered[key] = (now + kept_for, f"x-bkapi-jwt: {token}\r\n")
        return found
