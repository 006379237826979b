"""Whom BlueKing's login service knows a ``bk_token`` to be."""

import asyncio
import hashlib

from gateway.dataplane.call import Call
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.login_service import LONGEST_TOKEN, LoginService, LoginServiceAway
from gateway.wire.credentials import CredentialsMalformed, from_header

REMEMBERED_SECONDS = 60.0

_REMEMBERED = 10_000


class Logins:
    """Asks ``url`` (``…/login/api/v2/is_login/``) and remembers each answer for a minute, up to a bound.

    An empty ``url`` means that there is no login service: then no ``bk_token`` is believed.
    """

    __slots__ = ("_asking", "_remembered", "_service")

    def __init__(self, url: str) -> None:
        self._service = LoginService(url)
        self._asking: dict[bytes, asyncio.Task[str | None]] = {}
        self._remembered: dict[bytes, tuple[float, str | None]] = {}

    async def aclose(self) -> None:
        await self._service.aclose()

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
        if not self._service.url:
            call.user_problem = "bk_token cannot be checked: no login service is configured here"
            return
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = self._remembered.get(digest)
        if found is None or found[0] <= call.now:
            try:
                user = await self._ask_once(digest, token)
            except LoginServiceAway as away:
                call.user_problem = f"bk_token cannot be checked: {away}"
                return
            found = self._remember(digest, (call.now + REMEMBERED_SECONDS, user))
        call.signed_in = found[1]
        if call.signed_in is None:
            call.user_problem = "bk_token is not valid, or has expired"

    async def _ask_once(self, digest: bytes, token: str) -> str | None:
        """Calls with the same token at the same time wait for one question."""
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._service.user_of(token))
            asking.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(asking)

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
