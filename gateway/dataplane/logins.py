"""Whom BlueKing's login service knows a ``bk_token`` to be."""

import asyncio
import hashlib
import json
from urllib.parse import quote

from gateway.dataplane.call import Call
from gateway.dataplane.headers import InboundHeaders
from gateway.wire.credentials import CredentialsMalformed, from_header
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.origin import parse_url

REMEMBERED_SECONDS = 60.0
LONGEST_TOKEN = 1000

_REMEMBERED = 10_000
_LONGEST_ANSWER = 64 * 1024
_TIMEOUTS = Timeouts(connect=2.0, read=5.0, total=5.0)
_OK = 200


class Logins:
    """Asks ``url`` (``…/login/api/v2/is_login/``) and remembers each answer for a minute, up to a bound.

    An empty ``url`` means that there is no login service: then no ``bk_token`` is believed.
    """

    __slots__ = ("_asking", "_client", "_remembered", "_url")

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = TransportClient(AddressPolicy.allowing([str(parse_url(url)[0])] if url else []))
        self._asking: dict[bytes, asyncio.Task[str | None]] = {}
        self._remembered: dict[bytes, tuple[float, str | None]] = {}

    async def aclose(self) -> None:
        await self._client.aclose()

    async def sign_in_by_headers(self, call: Call) -> None:
        """Looks at the ``bk_token`` of ``X-Bkapi-Authorization``, or in its absence at the cookie of that name."""
        kept = call.headers.kept
        try:
            credentials = from_header(kept[b"x-bkapi-authorization"])
        except CredentialsMalformed:
            return  # the step that identifies the caller refuses it
        if not credentials.access_token:
            await self.sign_in(call, credentials.bk_token or _cookie(kept.get(b"cookie", b"")))

    async def sign_in(self, call: Call, token: str) -> None:
        """Sets ``call.signed_in``, or ``call.user_problem``."""
        if not token:
            return
        if len(token) > LONGEST_TOKEN:
            call.user_problem = f"bk_token is longer than {LONGEST_TOKEN} characters"
            return
        if not self._url:
            call.user_problem = "bk_token cannot be checked: no login service is configured here"
            return
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = self._remembered.get(digest)
        if found is None or found[0] <= call.now:
            try:
                user = await self._ask_once(digest, token)
            except (TransportError, ValueError, RecursionError):
                call.user_problem = "bk_token cannot be checked: the login service does not answer as it should"
                return
            found = self._remember(digest, (call.now + REMEMBERED_SECONDS, user))
        call.signed_in = found[1]
        if call.signed_in is None:
            call.user_problem = "bk_token is not valid, or has expired"

    async def _ask_once(self, digest: bytes, token: str) -> str | None:
        """Calls with the same token at the same time wait for one question."""
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._ask(token))
            asking.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(asking)

    async def _ask(self, token: str) -> str | None:
        response = await self._client.request(
            "GET", f"{self._url}?bk_token={quote(token, safe='')}", timeouts=_TIMEOUTS
        )
        answer = json.loads(await response.read(_LONGEST_ANSWER))
        if response.status != _OK or not isinstance(answer, dict):
            raise ValueError("not an answer of a login service")
        data = answer.get("data")
        if answer.get("result") is not True or not isinstance(data, dict):
            return None
        user = data.get("bk_username") or data.get("username")
        return user if isinstance(user, str) and user else None

    def _remember(self, digest: bytes, answer: tuple[float, str | None]) -> tuple[float, str | None]:
        self._remembered.pop(digest, None)
        if len(self._remembered) >= _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = answer
        return answer


def has_bk_token(headers: InboundHeaders) -> bool:
    """Whether ``sign_in_by_headers`` has something to look at."""
    kept = headers.kept
    return b"bk_token" in kept[b"x-bkapi-authorization"] or b"bk_token=" in kept.get(b"cookie", b"")


def _cookie(header: bytes) -> str:
    for pair in header.split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name == b"bk_token":
            return value.decode("latin-1")
    return ""
