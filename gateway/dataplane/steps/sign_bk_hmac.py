"""The profile ``bk-hmac``: a call as an app of BlueKing's ESB makes it, signed with the app's secret.

The ESB reads parameters from the query of a GET, else from the body; it signs both, unescaped. What claims an app or a
user there is ours to say: it replaces the client's.
"""

import json
import random
from urllib.parse import parse_qsl, unquote, urlencode

from gateway.dataplane.call import Call
from gateway.snapshot.model.routes import Signing
from gateway.wire.codes import INVALID_ARGS
from gateway.wire.credentials import CREDENTIAL_PARAMETERS
from gateway.wire.json_members import members_of, object_of
from gateway.wire.refusal import Refusal
from kernel.signing.bk_hmac import sign

_BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")


class SignBkHmac:
    __slots__ = ("_app_code", "_secret")

    needs_body = True

    def __init__(self, signing: Signing) -> None:
        self._app_code = signing.parameters.get("app_code", "")
        self._secret = signing.secret.decode()

    def __call__(self, call: Call) -> None:
        claims = {"bk_app_code": self._app_code}
        if call.identity is not None and call.identity.user is not None:
            claims["bk_username"] = call.identity.user
        path, _, query = call.target.partition("?")
        pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in CREDENTIAL_PARAMETERS]
        pairs += [("bk_nonce", str(_nonce())), ("bk_timestamp", str(int(call.now)))]
        body: bytes | None = None
        if call.method in _BODILESS and not call.body:
            pairs += claims.items()
        else:
            body = call.body = _with_claims(call.body or b"", claims)
            call.headers.kept[b"content-type"] = b"application/json"
        signature = sign(self._secret, call.method, unquote(path), dict(pairs), body)
        call.target = f"{path}?{urlencode([*pairs, ('bk_signature', signature)])}"


def _with_claims(body: bytes, claims: dict[str, str]) -> bytes:
    try:
        members = members_of(body.decode()) if body else []
    except ValueError as problem:
        raise Refusal(INVALID_ARGS, "the backend takes a JSON object as its body, and nothing else") from problem
    kept = [(name, value) for name, value in members if name not in CREDENTIAL_PARAMETERS]
    return object_of([*kept, *((name, json.dumps(value)) for name, value in claims.items())]).encode()


def _nonce() -> int:
    """Unique, not secret: what keeps the signature from being made is the app's secret."""
    return random.getrandbits(31) or 1
