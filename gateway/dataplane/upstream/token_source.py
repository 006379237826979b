"""Access tokens of an upstream's own authorization server: the profile ``oauth2-client-credentials``."""

import asyncio
import json
import logging
from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.snapshot.model.routes import Signing
from gateway.wire.codes import BAD_GATEWAY
from gateway.wire.refusal import Refusal
from kernel.signing.credentials import basic, bearer
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

_TIMEOUTS = Timeouts(connect=5.0, read=10.0, total=15.0)
_LONGEST = 64 * 1024
_USUAL_LIFE = 300.0
_LONGEST_LIFE = 86_400.0
_HEADWAY = 5.0
"""Seconds before its end in which a token is not used: it would end on its way."""
_RENEWED_AFTER = 0.8
_BELIEVED_FOR = 5.0
"""Seconds in which an upstream's 401 says something about the call, not about the new token."""
_PAUSE = 1.0
_OK = 200
_UNAUTHORIZED = 401
_LOG = logging.getLogger(__name__)


class TokenRefused(Exception):
    """The token endpoint gave no token that can be used. The message holds nothing it said."""


class TokenSource:
    """One for a stage: fetched when first needed, renewed ahead of its end, never twice at the same time.

    ``ensure`` waits only while there is no token; ``__call__`` then puts it on the call; ``seen`` forgets a token the
    upstream no longer takes. ``clock`` answers seconds since 1970, as calls have them.
    """

    __slots__ = (
        "_client", "_clock", "_fetched_at", "_fetching", "_good_until", "_line", "_renewed_from", "_rests_until",
        "signing",
    )  # fmt: skip

    needs_body = False

    def __init__(self, client: TransportClient, signing: Signing, clock: Callable[[], float]) -> None:
        self.signing = signing
        self._client = client
        self._clock = clock
        self._line = ""
        self._fetched_at = self._good_until = self._renewed_from = self._rests_until = 0.0
        self._fetching: asyncio.Task[None] | None = None

    async def ensure(self, call: Call) -> None:
        """Raises Refusal when there is no token, and none to be had."""
        if call.now >= self._renewed_from and call.now >= self._rests_until and self._fetching is None:
            self._fetching = asyncio.create_task(self._renew(), name="upstream token")
        if call.now < self._good_until:
            return
        if self._fetching is not None:
            await asyncio.shield(self._fetching)
        if self._clock() >= self._good_until:
            raise Refusal(BAD_GATEWAY, f"system {call.route.settings.system} gives the gateway no access token")

    def __call__(self, call: Call) -> None:
        call.signature = self._line

    def seen(self, call: Call, answer: Answer) -> None:
        """A hook: a token that the upstream refuses may have been revoked, so the next call asks for another one."""
        if (
            answer.status == _UNAUTHORIZED
            and answer.refusal is None
            and call.signature == self._line
            and self._clock() - self._fetched_at > _BELIEVED_FOR
        ):
            self._good_until = self._renewed_from = 0.0

    async def _renew(self) -> None:
        try:
            token, life = await self._fetch()
            line = f"authorization: {bearer(token)}\r\n"
        except (TransportError, TokenRefused, ArithmeticError, RecursionError, ValueError) as problem:
            _LOG.warning("no access token of an upstream: %s", problem)
            self._rests_until = self._clock() + _PAUSE
        else:
            now = self._clock()
            self._line = line
            self._fetched_at, self._good_until, self._renewed_from = now, now + life, now + life * _RENEWED_AFTER
        finally:
            self._fetching = None

    async def _fetch(self) -> tuple[str, float]:
        """A token and the seconds it lives (RFC 6749 §4.4, §5.1)."""
        parameters, secret = self.signing.parameters, self.signing.secret.decode()
        form = {"grant_type": "client_credentials"}
        if parameters.get("scope"):
            form["scope"] = parameters["scope"]
        headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"accept", b"application/json")]
        if parameters.get("authentication") == "body":
            form |= {"client_id": parameters["client_id"], "client_secret": secret}
        else:  # RFC 6749 §2.3.1: both are form-encoded first
            credential = basic(quote_plus(parameters["client_id"]), quote_plus(secret))
            headers.append((b"authorization", credential.encode()))
        body = urlencode(form).encode()
        response = await self._client.request(
            "POST", parameters["token_url"], headers=headers, body=body, timeouts=_TIMEOUTS
        )
        answer = await response.read(_LONGEST)
        if response.status != _OK:
            raise TokenRefused(f"the token endpoint answered {response.status}")
        return _token(answer)


def _token(answer: bytes) -> tuple[str, float]:
    document = json.loads(answer)
    if not isinstance(document, dict) or str(document.get("token_type", "bearer")).lower() != "bearer":
        raise TokenRefused("the token endpoint's answer is no bearer token")
    token, life = document.get("access_token"), document.get("expires_in", _USUAL_LIFE)
    if not isinstance(token, str) or isinstance(life, bool) or not isinstance(life, int | float | str):
        raise TokenRefused("the token endpoint's answer is no bearer token")
    return token, max(1.0, min(float(life) - _HEADWAY, _LONGEST_LIFE))
