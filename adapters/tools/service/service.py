"""HTTP requests to addresses that an operator listed: dialled as checked, redirects not followed, answers bounded."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.tools.service.errors import NotListed, NotReached, ParameterWrong
from adapters.tools.service.expectations import Expectation
from adapters.tools.service.models import ToolsIdempotency
from adapters.tools.service.schemas import Display, HttpRequest
from kernel.audit.log import record
from kernel.db.database import Database
from kernel.db.idempotency import IdempotencyLedger
from kernel.envelope import success
from kernel.http.component_app import Call
from kernel.http.signed_only import SignedCaller
from kernel.transport.client import TransportClient
from kernel.transport.errors import InvalidRequest, TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.origin import Origin, parse_url

ANY: Final = "*"
"""Listed in place of an origin: all that are public."""
_MOST_BYTES: Final = 1024 * 1024
_CONNECT_SECONDS: Final = 5.0
_KEY: Final = "idempotency-key"
_OURS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", _KEY}
)
"""Written by the client; a caller's would frame another request than the one that was checked."""
_UNSTORABLE: Final = re.compile(r"\\u(0000|[dD][89a-fA-F])|\b(NaN|Infinity)\b")
_BODILESS: Final = frozenset({"GET", "HEAD"})


class ToolsService:
    """Args:
    origins: that may be called, or `ANY`.
    """

    def __init__(
        self,
        database: Database,
        ledger: IdempotencyLedger[ToolsIdempotency],
        client: TransportClient,
        origins: Iterable[str],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._client = client
        listed = frozenset(origins)
        self._any = ANY in listed
        self._origins = frozenset(parse_url(origin)[0] for origin in listed - {ANY})

    async def display(self, _session: AsyncSession, _caller: SignedCaller, asked: Display) -> Any:
        return {"message": asked.message}

    async def http_request(self, call: Call[HttpRequest]) -> dict[str, Any]:
        """A repeat of its key gets the first answer; one whose process died before it had any is sent again, under
        the same `Idempotency-Key`, by which its receiver may know it.
        """
        asked, keyed = call.params, call.keyed
        expectation = Expectation.of(asked)
        origin = self._origin(asked.url)
        headers = _headers(asked, keyed.key if keyed is not None else "")
        if keyed is not None:
            async with self._database.unit_of_work() as session:
                earlier = await self._ledger.claim(session, keyed)
            if earlier is not None and earlier.answer is not None:
                return earlier.answer
        answer = await self._sent(asked, origin, headers)
        expectation.check(answer["status_code"], answer["data"])
        kept = success(answer)
        async with self._database.unit_of_work() as session:
            if keyed is not None:
                await self._ledger.keep(session, keyed, kept)
            about = {"method": asked.method, "status_code": answer["status_code"]}
            record(session, call.caller.principal, "http_request.sent", "origin", str(origin), after=about)
        return kept

    def _origin(self, url: str) -> Origin:
        try:
            origin, _ = parse_url(url.strip())
        except InvalidRequest as error:
            raise ParameterWrong("url", str(error)) from None
        if not self._any and origin not in self._origins:
            raise NotListed(str(origin))
        return origin

    async def _sent(self, asked: HttpRequest, origin: Origin, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
        timeouts = Timeouts(min(_CONNECT_SECONDS, asked.timeout), asked.timeout, asked.timeout)
        body = b"" if asked.method in _BODILESS else asked.body.encode()
        try:
            response = await self._client.request(
                asked.method, asked.url.strip(), headers=headers, body=body, timeouts=timeouts
            )
            content = await response.read(_MOST_BYTES)
        except InvalidRequest as error:
            raise ParameterWrong("headers", str(error)) from None
        except TransportError as error:
            raise NotReached(str(origin), str(error)) from None
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return {"status_code": response.status, "headers": found, "data": _data(content)}


def _headers(asked: HttpRequest, key: str) -> list[tuple[bytes, bytes]]:
    if bool(asked.secret_header) != bool(asked.secret):
        raise ParameterWrong("secret_header", "and secret go together")
    given = {header.name.lower(): header.value for header in asked.headers}
    if asked.secret_header:
        given[asked.secret_header.lower()] = asked.secret
    refused = sorted(given.keys() & _OURS)
    if refused:
        raise ParameterWrong("headers", f"{refused[0]} is not a caller's to set")
    usual = {} if asked.method in _BODILESS else {"content-type": "application/json"}
    sent = {"accept-encoding": "identity", **usual, **given}
    if key:
        sent[_KEY] = key
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
    except UnicodeError:
        raise ParameterWrong("headers", "hold a character that headers can't have") from None


def _data(content: bytes) -> Any:
    """JSON with characters that no database keeps stays text, in which they are written out."""
    text = content.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if _UNSTORABLE.search(text):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
