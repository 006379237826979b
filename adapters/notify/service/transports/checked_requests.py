"""What stands in for `requests` in Apprise's services: every request goes out by our own client.

Apprise has no seam for its HTTP client; each of its services calls the module `requests` by name. The services that
are used here get this module under that name instead. With it no address is dialled that the product's rule forbids,
no redirect is followed, TLS is always verified, and what the service answered is known.
"""

import asyncio
import io
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

_TIMEOUTS: Final = Timeouts(connect=5.0, read=15.0, total=20.0)
_LARGEST_ANSWER: Final = 1024 * 1024
_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that the client writes itself."""
_here = threading.local()


@dataclass(slots=True)
class Exchange:
    """The last request of an attempt.

    Attributes:
        status: 0 when no answer came.
        failure: why none came.
    """

    status: int = 0
    body: bytes = b""
    failure: TransportError | None = None


@dataclass(slots=True)
class Line:
    """The way out for one thread; see `use`."""

    loop: asyncio.AbstractEventLoop
    policy: AddressPolicy
    last: Exchange | None = field(default=None)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """As `requests.request`, but without redirects and with our own way of dialling."""
        options = {**options, "allow_redirects": False, "verify": True, "timeout": None, "proxies": None}
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Accept-Encoding"] = "identity"
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(self))
            return session.request(method, url, **options)

    def exchange(self, request: requests.PreparedRequest) -> requests.Response:
        self.last = done = Exchange()
        try:
            done.status, headers, done.body = self._wait(self._send(request))
        except TransportError as error:
            done.failure = error
            raise requests.ConnectionError(str(error)) from error
        return _response(request, done, headers)

    def _wait(self, sending: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(sending, self.loop).result()

    async def _send(self, request: requests.PreparedRequest) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        client = TransportClient(self.policy)
        try:
            answer = await client.request(
                request.method or "GET",
                request.url or "",
                headers=_headers(request),
                body=_body(request),
                timeouts=_TIMEOUTS,
            )
            return answer.status, answer.headers, await answer.read(_LARGEST_ANSWER)
        finally:
            await client.aclose()


class _Adapter(BaseAdapter):
    """A transport adapter of `requests` (its documented seam)."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        return self._line.exchange(request)

    def close(self) -> None:
        """Nothing is kept open."""


class _CheckedRequests(ModuleType):
    """`requests`, except that it sends by the thread's `Line`; without one nothing is sent."""

    def __getattr__(self, name: str) -> Any:
        if name == "request":
            return _request
        if name in {"get", "post", "put", "patch", "delete", "head", "options"}:
            return _method(name.upper())
        if name in {"Session", "session"}:
            raise AttributeError(f"{name} is not offered here")
        return getattr(requests, name)


_CHECKED: Final = _CheckedRequests("checked_requests")


def use(line: Line, service: type) -> None:
    """Has an Apprise service send by `line` in this thread from now on."""
    module = sys.modules[service.__module__]
    if vars(module).get("requests") not in {requests, _CHECKED}:
        raise RuntimeError(f"{service.__module__} does not send by requests")
    vars(module)["requests"] = _CHECKED
    _here.line = line


def _request(method: str, url: str, **options: Any) -> requests.Response:
    line: Line = _here.line
    return line.request(method, url, **options)


def _method(method: str) -> Callable[..., requests.Response]:
    def send(url: str, data: Any = None, **options: Any) -> requests.Response:
        if method == "GET":
            return _request(method, url, params=data, **options)
        return _request(method, url, data=data, **options)

    return send


def _headers(request: requests.PreparedRequest) -> list[tuple[bytes, bytes]]:
    return [(_bytes(name), _bytes(value)) for name, value in request.headers.items() if name.lower() not in _OURS]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", errors="replace")


def _body(request: requests.PreparedRequest) -> bytes:
    body = request.body
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    raise TypeError("the body is a stream, which no message needs")


def _response(
    request: requests.PreparedRequest, exchange: Exchange, headers: list[tuple[bytes, bytes]]
) -> requests.Response:
    response = requests.Response()
    response.status_code = exchange.status
    response.headers = CaseInsensitiveDict({name.decode("latin-1"): value.decode("latin-1") for name, value in headers})
    response.raw = io.BytesIO(exchange.body)
    response.url = request.url or ""
    response.request = request
    return response
