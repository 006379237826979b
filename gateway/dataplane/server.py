"""The server half of the hot road: uvicorn's HTTP/1.1 protocol, with a short way to the data plane.

What is asked under ``/api/`` becomes an ``Exchange`` and goes to the data plane at once: no scope, no events, no task.
Everything else, the whole life of a connection included, is uvicorn's own. Answers keep the order of the requests.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.dataplane.deadline import FOREVER, DeadlineTimer
from gateway.dataplane.exchange import Exchange, Successor
from gateway.dataplane.hosts import SystemHosts
from gateway.dataplane.kept_exchange import KeptExchange
from gateway.dataplane.lingering import Lingering
from gateway.dataplane.strict_head import MalformedHead, check_head, is_origin_form
from kernel.transport.coalescing import CoalescingTransport, Outbox

PREFIX: Final = b"/api/"
REGISTRATION: Final = b"/api/bk-apigateway/"
"""Below it the management half answers: BlueKing's clients keep their gateways there."""

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a head; a longer one is answered with 431. Longer trailers end the connection."""

LONGEST_TARGET: Final = 65_535
"""Bytes of a target that the parser of addresses can count; a longer one that came whole is answered with 400."""

HEAD_SECONDS = 30.0
"""From the first byte of a head to its last, and from the connection to the first head."""

BODY_SECONDS = 60.0
"""Between two pieces of a body."""

_VERSIONS: Final = ("1.1", "1.0")

_MALFORMED: Final = "Invalid HTTP request received."
_TOO_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

_HTTP_2: Final = b"PRI * HTTP/2.0\r\n"
"""How a client that takes HTTP/2 for granted begins, gRPC's among them (RFC 9113 §3.4)."""
_NOT_SPOKEN: Final = (
    b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-type: text/plain\r\ncontent-length: 60\r\n"
    b"connection: close\r\n\r\nThis gateway speaks HTTP/1.1; gRPC does not pass through it\n"
)


class ServesExchanges(Protocol):
    """The data plane, as this protocol sees it.

    ``hosts``: the host names by which systems are called, where there are any. ``listens``: whether this process takes
    connections, and what is served in it can be reached. ``own_calls``: those of this process that are under way.
    """

    listens: bool
    own_calls: set[KeptExchange]

    @property
    def hosts(self) -> SystemHosts | None: ...

    @property
    def outbox(self) -> Outbox: ...

    def serve(self, exchange: Exchange) -> None:
        """Answers the exchange, now or later. Raises nothing."""


class GatewayProtocol(HttpToolsProtocol):
    """Give it to uvicorn: ``uvicorn.Config(app, http=GatewayProtocol)``.

    ``app.data_plane`` serves the exchanges; an app without it (and without one inside) is served by uvicorn alone.

    What uvicorn leaves open: a head is bounded, and so is whatever else comes that is no part of a body (trailers,
    sizes of chunks), which the parser would collect without end. Trailers don't become headers (RFC 9110 §6.5.1): a
    proxy in front never saw them, so they could claim what it forbids. A head that two servers could read differently
    is refused with 400, and its connection closed.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._data_plane: ServesExchanges | None = data_plane_behind(self.app)
        self._hosts = self._data_plane.hosts if self._data_plane is not None else None
        self._outbox = self._data_plane.outbox if self._data_plane is not None else Outbox()
        self._peer = "unknown"
        self._receiving: Exchange | None = None
        self._ready: Exchange | None = None
        self._answering: Exchange | None = None
        self._is_serving = False
        self._moved = False
        self._silent_bytes = 0
        self._in_head = False
        self._early = b""
        self._client_timer = DeadlineTimer(self.loop, self._wait_no_longer)
        self._defaults: list[tuple[bytes, bytes]] = []
        self.default_lines = b""

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        self._out = CoalescingTransport(transport, self._outbox)
        super().connection_made(self._out)
        if self.client is not None:
            self._peer = self.client[0]
        self._client_timer.wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        queued = [cycle for cycle, _ in self.pipeline]
        self.pipeline.clear()
        if isinstance(self.cycle, Exchange):
            self.cycle = None  # type: ignore[assignment] # uvicorn's own state before the first request
        super().connection_lost(exc)
        self._client_timer.end()
        for exchange in (self._answering, self._ready, *queued):
            if isinstance(exchange, Exchange):
                exchange.lost()

    def data_received(self, data: bytes) -> None:
        self._moved = False
        if not self._in_head:
            self._client_timer.deadline = FOREVER
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._offered(data[offer.args[0] :])
        except httptools.HttpParserError:
            if data.startswith(_HTTP_2):
                self.transport.write(_NOT_SPOKEN)
                self.transport.close()
            else:
                self._refuse_malformed()
            return
        if self._ready is not None:
            self._serve_ready()
        receiving = self._receiving
        if not self._moved or self._in_head or receiving is None or not receiving.is_complete:
            self._expect_more(len(data))

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._answering is not None and self._answering.owner is not None:
            self._answering.owner.client_writable()

    # The parser's callbacks

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._moved = True
        version = self.parser.get_http_version()
        if self._hosts is not None:
            self.url = self._hosts.address_of(self.url, self.headers)
        is_ours = self.url.startswith(PREFIX) and not self.url.startswith(REGISTRATION)
        if version not in _VERSIONS or not (is_ours or is_origin_form(self.url)) or len(self.url) > LONGEST_TARGET:
            raise MalformedHead
        if is_ours and self._data_plane is not None and self.limit_concurrency is None:
            self._begin_exchange(is_1_0=version == "1.0")
        else:
            self._receiving = None
            self._begin_cycle()
        self._in_head = False  # not before: what is refused while it begins was not begun
        self._silent_bytes = 0
        self.headers = []  # no longer the list of the request: what the parser adds from here on is lost

    def on_body(self, body: bytes) -> None:
        self._moved = True
        if self._receiving is not None:
            self._receiving.add(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._receiving is not None:
            self._receiving.complete()
            if self._receiving.response_complete:
                self._client_timer.wait(self.timeout_keep_alive)  # it was answered early
        else:
            super().on_message_complete()

    def _begin_cycle(self) -> None:
        """Leaves the request to uvicorn, whose own beginning of a message was put off until here."""
        url, headers = self.url, self.headers
        check_head(headers)
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def _begin_exchange(self, *, is_1_0: bool) -> None:
        parser = self.parser
        path, _, query = self.url.partition(b"?")
        exchange = Exchange(
            self,
            parser.get_method().decode("ascii"),
            path,
            query,
            self.headers,
            self._peer,
            keep_alive=not is_1_0 and parser.should_keep_alive(),
        )
        exchange.speaks_1_0 = is_1_0
        self._receiving = exchange
        if self._defaults is not self.server_state.default_headers:
            self._take_defaults()
        before: Any = self.cycle
        self.cycle = exchange  # type: ignore[assignment] # has what uvicorn looks for
        if before is None or before.response_complete:
            self._ready = exchange
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, None))  # type: ignore[arg-type] # as above

    # One answer after the other

    def _serve_ready(self) -> None:
        """Serves what is ready, and what was asked behind it, as long as it is answered at once."""
        self._is_serving = True
        while self._ready is not None and not self.transport.is_closing():
            exchange, self._ready = self._ready, None
            self._answering = exchange
            self._data_plane.serve(exchange)  # type: ignore[union-attr] # no exchange without a data plane
        self._is_serving = False

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._answering = None
        if self.flow.read_paused:
            self.flow.resume_reading()
        if self.pipeline:
            self._go_on()
        else:
            self._client_timer.deadline = self.loop.time() + self.timeout_keep_alive

    def _go_on(self) -> None:
        if self.transport.is_closing():
            return
        cycle, app = self.pipeline.pop()
        if not isinstance(cycle, Exchange):
            self._start_asgi_task(cycle, app)
            return
        self._ready = cycle
        if not self._is_serving:
            self._serve_ready()

    # Another protocol

    def _offered(self, rest: bytes) -> None:
        """The client offers to switch: the parser reads nothing behind that, whether it is taken up or not."""
        self.cycle.keep_alive = False
        exchange = self._receiving
        if exchange is not None:
            exchange.upgrade = next(
                (value for name, value in exchange.headers if name.lower() == b"upgrade"), b""
            ).lower()
            self._early = rest
            self.flow.pause_reading()

    def hand_over(self, head: bytes, successor: Successor) -> tuple[asyncio.Transport, bytes]:
        self._client_timer.end()
        self._answering = None
        self.connections.discard(self)
        self.connections.add(successor)  # type: ignore[arg-type] # has what uvicorn looks for when it stops
        self._out.write(head)
        return self._out, self._early

    def forget(self, successor: Successor) -> None:
        self.connections.discard(successor)

    # Time

    def _expect_more(self, came: int) -> None:
        """More must come, and in time; what is no body must not come without end."""
        if not self._moved:
            self._silent_bytes += came
            if self._silent_bytes > LONGEST_HEAD and not self.transport.is_closing():
                if self._in_head and self._answering is None:  # a head: nothing was answered to it yet
                    self.transport.write(_TOO_LARGE)
                    self._linger()
                else:
                    self.transport.close()
                return
        if self._awaits_body():
            self._client_timer.wait(BODY_SECONDS)
        elif self._in_head and self._client_timer.deadline == FOREVER:
            self._client_timer.wait(HEAD_SECONDS)

    def _linger(self) -> None:
        self._client_timer.end()
        self.connections.discard(self)
        Lingering(self._out)

    def _awaits_body(self) -> bool:
        if self._receiving is not None:
            return not self._receiving.is_complete
        current: Any = self.cycle  # uvicorn's own, or none yet
        return current is not None and current.more_body

    def _wait_no_longer(self) -> None:
        if self.flow.read_paused:
            self._client_timer.wait(BODY_SECONDS)  # the client may not send
            return
        if self._in_head and self._answering is None:
            self.transport.write(_TOO_LATE)
        self.transport.close()

    # Refusals of what is no request

    def _refuse_malformed(self) -> None:
        """400 and the end; only the end where the client would take that 400 for the answer to something else."""
        if self._would_be_misread():
            self.transport.abort()
            return
        self._ready = None
        self.logger.warning(_MALFORMED)
        self.send_400_response(_MALFORMED)

    def _would_be_misread(self) -> bool:
        current: Any = self.cycle
        if self._in_head:
            return current is not None and current is not self._ready and not current.response_complete
        return bool(self.pipeline) or (current.started if isinstance(current, Exchange) else current.response_started)

    # What an exchange needs of its connection

    @property
    def is_writable(self) -> bool:
        return not self.flow.write_paused

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def answer(self, data: bytes, *, keep_alive: bool) -> None:
        self._out.write(data)
        self.exchange_is_over(keep_alive=keep_alive)

    def pause_reading(self) -> None:
        self.flow.pause_reading()

    def resume_reading(self) -> None:
        self.flow.resume_reading()

    def _take_defaults(self) -> None:
        """Uvicorn makes these headers anew each second, for the date in them."""
        self._defaults = self.server_state.default_headers
        self.default_lines = b"".join(b"%b: %b\r\n" % pair for pair in self._defaults)

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def exchange_is_over(self, *, keep_alive: bool) -> None:
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()

    def refuse_malformed(self) -> None:
        self.send_400_response(_MALFORMED)

    def abort(self) -> None:
        self.transport.abort()


def data_plane_behind(app: Any) -> ServesExchanges | None:
    """The one an app serves: uvicorn may have put a middleware of its own around the app."""
    while app is not None:
        found: ServesExchanges | None = getattr(app, "data_plane", None)
        if found is not None:
            return found
        app = getattr(app, "app", None)
    return None
