"""`X-Bkapi-JWT`: who calls, as the gateway says it and signs for it."""

import json
import logging
import threading
import time
import urllib.request
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry

from trunkline_plugin.settings import Settings

logger = logging.getLogger("trunkline_plugin")
# The gateway's header has members (`iat`, `iss`) that are none of JWS.
_REGISTRY = JWSRegistry(algorithms=["RS256", "RS512"], strict_check_header=False)
_REMEMBERED = 1000
_ASK_AGAIN_AFTER = 30.0
_LONGEST_JWKS = 1_000_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. Names are empty where the gateway did not verify them."""

    app_code: str = ""
    username: str = ""
    token: str = ""


class TokenInvalid(Exception):
    """The token is missing, expired, or not signed by a key we know."""


class GatewayTokens:
    """Reads tokens. A gateway sends one with several calls, so what was read is remembered until it expires."""

    def __init__(self, settings: Settings) -> None:
        self._keys = [RSAKey.import_key(pem) for pem in settings.public_keys]
        self._url = settings.public_key_url
        self._asked_at = float("-inf")
        self._fetched = KeySet([])
        self._read: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._fetching = threading.Lock()

    def remembered(self, token: str) -> Caller | None:
        """The caller, if this token has been read before and has not expired."""
        found = self._read.get(token)
        return found[0] if found is not None and time.time() < found[1] else None

    def read(self, token: str) -> Caller:
        """Checks a token; may ask the gateway for its keys, and wait.

        Raises:
            TokenInvalid: see there.
        """
        claims = self._claims(token)
        now = time.time()
        expires = claims.get("exp")
        if not isinstance(expires, (int, float)) or not claims.get("nbf", 0) <= now < expires:
            raise TokenInvalid("expired, or not valid yet")
        app, user = claims.get("app") or {}, claims.get("user") or {}
        caller = Caller(_verified(app, "app_code"), _verified(user, "username"), token)
        with self._lock:
            self._read[token] = (caller, expires)
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        return caller

    def _claims(self, token: str) -> dict[str, object]:
        for key in self._candidates():
            try:
                return dict(jwt.decode(token, key, registry=_REGISTRY).claims)
            except (JoseError, ValueError, TypeError):
                continue
        raise TokenInvalid("not signed by a key of the gateway's")

    def _candidates(self):  # noqa: ANN202  two kinds of keys
        yield from self._keys
        if not self._url:
            return
        known = self._fetched
        yield known
        # Calls that come together wait for the one that asks, and then read with what it was told.
        with self._fetching:
            if time.monotonic() - self._asked_at > _ASK_AGAIN_AFTER:
                self._fetch()
                self._asked_at = time.monotonic()
        if self._fetched is not known:
            yield self._fetched

    def _fetch(self) -> None:
        if urlsplit(self._url).scheme not in {"http", "https"}:
            raise TokenInvalid("the address of the gateway's keys is neither http nor https")
        try:
            with urllib.request.urlopen(self._url, timeout=5) as answer:  # noqa: S310  the scheme was looked at
                self._fetched = KeySet.import_key_set(json.loads(answer.read(_LONGEST_JWKS)))
        except (OSError, ValueError, JoseError) as error:
            logger.warning("the gateway's keys can't be read from %s: %s", self._url, error)


def _verified(party: dict[str, object], name: str) -> str:
    if party.get("verified") is not True:
        return ""
    return str(party.get(name) or party.get(f"bk_{name}") or "")
