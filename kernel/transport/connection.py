"""One connection to an upstream: writes a request, parses the answer, and knows whether it may be used again.

Traps of the parser (llhttp) that are handled here: an answer to HEAD announces a body that never comes; 1xx answers
come before the answer; a body without length ends with the connection; bytes after the end belong to nobody.
"""

import asyncio
from collections.abc import AsyncIterable, Callable
from typing import Final, Protocol, cast

import httptools

from kernel.transport.coalescing import CoalescingTransport, Outbox
from kernel.transport.errors import (
    ExchangeError,
    HeadersTooLarge,
    InvalidRequest,
    ProtocolViolation,
    ReadTimeout,
    TotalTimeout,
    TransportError,
    UpstreamClosed,
)
from kernel.transport.limits import Limits
from kernel.transport.patience import Patience
from kernel.transport.request import LAST_CHUNK, Body, chunk
from kernel.transport.response import Response

_SMALL_BODY: Final = 64 * 1024
_INFORMATIONAL_COST: Final = 64
_FIELD_COST: Final = 4


class Owner(Protocol):
    """Who keeps the connection: the pool."""

    patience: Patience

    def on_free(self, connection: "Connection") -> None: ...

    def on_lost(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Serves one exchange at a time: ``start`` it and watch the response.

    It goes back to its owner only when the whole request was sent, the whole answer was read, the upstream keeps the
    connection, and not one byte came that does not belong to the answer. In every other case it is closed.
    ``transport`` is None before and after the connection's life.
    """

    __slots__ = (
        "_chunked", "_done", "_drained", "_fields", "_framed", "_head_bytes", "_head_fed", "_head_only",
        "_headers_done", "_informational", "_limits", "_loop", "_may_switch", "_outbox", "_owner", "_parser", "_pump",
        "_reading_paused", "_request_sent", "_reusable", "deadline", "heard", "last_activity", "read_timeout",
        "response", "served", "transport",
    )  # fmt: skip

    def __init__(self, owner: Owner, limits: Limits, loop: asyncio.AbstractEventLoop, outbox: Outbox) -> None:
        self.response: Response | None = None
        self.served = 0
        self.heard = False
        self.last_activity = loop.time()
        self.deadline: float | None = None
        self.read_timeout: float | None = None
        self._owner = owner
        self._limits = limits
        self._loop = loop
        self._outbox = outbox
        self._parser = httptools.HttpResponseParser(self)
        self.transport: CoalescingTransport | None = None
        self._pump: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._request_sent = False
        self._may_switch = False

    # The exchange, as the client drives it.

    def start(
        self,
        head: bytes,
        body: Body,
        *,
        now: float,
        head_only: bool,
        deadline: float | None,
        read_timeout: float | None,
        watcher: Callable[[Response], None] | None = None,
    ) -> Response:
        """Writes the request and expects its answer. ``now`` and ``deadline`` are in the loop's time."""
        transport = cast("CoalescingTransport", self.transport)
        self.response = response = Response(self, watcher)
        self.last_activity = now
        self.deadline = deadline
        self.read_timeout = read_timeout
        self._head_only = head_only
        self._headers_done = self._done = self._framed = self._chunked = self._informational = False
        self._reusable = self.heard = False
        self._head_bytes = self._head_fed = 0
        self._fields = response.headers
        if isinstance(body, bytes):
            self._request_sent = True
            if len(body) <= _SMALL_BODY:
                transport.write(head + body)
            else:
                transport.write(head)
                transport.write(body)
        else:
            self._request_sent = False
            transport.write(head)
            self._pump = self._loop.create_task(self._send_body(transport, body.pieces, body.length))
        return response

    def offer_switch(self) -> None:
        """Before ``start``: the request offers another protocol (RFC 9110 §7.8). The connection then serves nothing
        else, whatever the answer is.
        """
        self._may_switch = True

    def detach(self, response: Response) -> tuple[asyncio.Transport, bytes]:
        """After an answer of 101: the transport, paused, and what the upstream sent in the new protocol already."""
        transport = self.transport
        if transport is None or self.response is not response:
            raise UpstreamClosed("the upstream ended the connection")
        self.response = self.transport = None
        self._owner.on_lost(self)
        return transport, response.take()

    async def _send_body(self, transport: asyncio.Transport, pieces: AsyncIterable[bytes], length: int | None) -> None:
        sent = 0
        try:
            async for piece in pieces:
                sent += len(piece)
                if length is not None and sent > length:
                    break
                transport.write(piece if length is not None else chunk(piece))
                self.last_activity = self._loop.time()
                if self._drained is not None:
                    await self._drained
            if length is None:
                transport.write(LAST_CHUNK)
            elif sent != length:
                raise InvalidRequest("the body is not as long as was announced")  # noqa: TRY301 - one way out below
        except Exception as problem:  # noqa: BLE001 - whatever the caller's body raises is handed to the caller
            self.fail(problem)
        else:
            self._request_sent = True
        finally:
            self._pump = None

    def body_was_taken(self, response: Response) -> None:
        """The reader took what was buffered: let more come."""
        if self._reading_paused and self.response is response and self.transport is not None:
            self._reading_paused = False
            self.transport.resume_reading()

    def abandon(self, response: Response) -> None:
        """The reader gives up the rest; what is on its way would poison the next exchange, so the connection ends."""
        if self.response is response:
            self.fail(UpstreamClosed("the answer was given up"))

    def check_time(self, now: float) -> None:
        """Fails the exchange whose time is over."""
        if self.response is None:
            return
        if self.deadline is not None and now > self.deadline:
            self.fail(TotalTimeout("the exchange took longer than allowed"))
        elif (
            self.read_timeout is not None
            and now - self.last_activity > self.read_timeout
            and not self._reading_paused
            and self._drained is None
        ):
            self.fail(ReadTimeout("nothing came from the upstream for too long"))

    @property
    def descriptor(self) -> int:
        """The socket's file descriptor, or -1."""
        sock = self.transport.get_extra_info("socket") if self.transport is not None else None
        return sock.fileno() if sock is not None else -1

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def fail(self, problem: Exception) -> None:
        """Ends the exchange with an error, and the connection with it."""
        response, self.response = self.response, None
        self._stop_pump()
        if self.transport is not None:
            self.transport.abort()
        if response is not None:
            response.failure = problem
            response.notify()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = CoalescingTransport(cast("asyncio.Transport", transport), self._outbox)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if exc is not None:
            self._tell_of_end()
        if self.response is not None:
            if exc is None and self._ends_with_connection():
                self._finish()
            else:
                self.fail(UpstreamClosed("the upstream ended the connection before its answer was complete"))
        self._stop_pump()
        self.resume_writing()
        self._owner.on_lost(self)

    def eof_received(self) -> None:
        self._tell_of_end()
        if self.response is not None:
            if self._ends_with_connection():
                self._finish()
            else:
                self.fail(UpstreamClosed("the upstream ended the connection before its answer was complete"))

    def _tell_of_end(self) -> None:
        if self.response is None or (self.served and not self.heard):
            now = self._loop.time()
            self._owner.patience.saw_ended(now - self.last_activity, now)

    def pause_writing(self) -> None:
        if self._drained is None:
            self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._drained is not None:
            drained, self._drained = self._drained, None
            if not drained.done():
                drained.set_result(None)

    def data_received(self, data: bytes) -> None:
        response = self.response
        if response is None:
            self.close()
            return
        self.heard = True
        self.last_activity = self._loop.time()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as problem:
            if not self._done:
                self.fail(_violation(problem))
                return
            self._reusable = False
        except httptools.HttpParserUpgrade as switch:
            self._switch(response, data[switch.args[0] :])
            return
        if self._done:
            self._finish()
        elif self._headers_done:
            response.notify()
        else:
            self._check_head(len(data))

    # httptools callbacks; what they raise comes out of feed_data as HttpParserCallbackError

    def on_message_begin(self) -> None:
        if self._done:
            raise ProtocolViolation("bytes came after the end of the answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._headers_done:
            self._on_trailer(name, value)
        else:
            self._fields.append((name, value))

    def _on_trailer(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value) + _FIELD_COST
        if self._head_bytes > self._limits.response_head:
            raise HeadersTooLarge("the answer's trailers are longer than the limit")
        if self.response is not None:
            self.response.trailers.append((name, value))

    def on_headers_complete(self) -> None:
        response = self.response
        if response is None:
            return
        self._look_at(response)
        parser = self._parser
        status = parser.get_status_code()
        if 100 <= status < 200 and status != 101:  # noqa: PLR2004 - RFC 9110 §15.2
            self._informational = True
            return
        if status == 101 and self._may_switch:  # noqa: PLR2004 - RFC 9110 §15.2.2
            response.status = status
            return
        if not 200 <= status < 600:  # noqa: PLR2004 - RFC 9110 §15; 101 was never asked for
            raise ProtocolViolation("the answer's status cannot be an answer")
        version = parser.get_http_version()
        if version != "1.1" and (version != "1.0" or self._chunked):
            raise ProtocolViolation("the answer is not HTTP/1.1")
        response.status = status
        self._headers_done = True
        if self._head_only:
            self._done = True
            self._reusable = parser.should_keep_alive()

    def _look_at(self, response: Response) -> None:
        """Bounds the head, and finds what frames the body; the length of a name is looked at first, it is cheap."""
        total = self._head_bytes
        for name, value in self._fields:
            size = len(name)
            total += size + len(value) + _FIELD_COST
            if size == 17 and name.lower() == b"transfer-encoding":  # noqa: PLR2004 - as above
                if self._chunked or value.strip().lower() != b"chunked":
                    raise ProtocolViolation("the answer has a transfer encoding that is not understood")
                self._framed = self._chunked = True
            elif size == 14 and name.lower() == b"content-length":  # noqa: PLR2004 - as above
                self._framed = True
                response.content_length = value
            elif size == 10 and name.lower() == b"keep-alive":  # noqa: PLR2004 - as above
                self._owner.patience.told(value)
        if total > self._limits.response_head:
            raise HeadersTooLarge("the answer's head is longer than the limit")
        self._head_bytes = total

    def on_body(self, data: bytes) -> None:
        response = self.response
        if self._done or response is None:
            raise ProtocolViolation("bytes came after the end of the answer")
        if response.add(data) > self._limits.response_buffer and not self._reading_paused:
            self._reading_paused = True
            if self.transport is not None:
                self.transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._informational:
            self._informational = self._framed = self._chunked = False
            self._head_bytes += _INFORMATIONAL_COST
            if self.response is not None:
                self.response.headers.clear()
                self.response.content_length = None
        elif not self._done:
            self._done = True
            self._reusable = self._parser.should_keep_alive()

    # Endings

    def _finish(self) -> None:
        response, self.response = self.response, None
        if response is None:
            return
        response.complete = True
        transport = self.transport
        if (
            self._reusable
            and not self._may_switch
            and self._request_sent
            and self._drained is None
            and transport is not None
            and not transport.is_closing()
        ):
            if self._head_only:
                self._parser = httptools.HttpResponseParser(self)
            if self._reading_paused:
                self._reading_paused = False
                transport.resume_reading()
            self.served += 1
            self._owner.on_free(self)
        else:
            self._stop_pump()
            self.close()
        watcher = response.watcher
        if watcher is not None:
            watcher(response)  # last: whoever watches may use this very connection again at once

    def _switch(self, response: Response, rest: bytes) -> None:
        if response.status != 101 or self.transport is None:  # noqa: PLR2004 - RFC 9110 §15.2.2
            self.fail(ProtocolViolation("the upstream switched to a protocol nobody asked for"))
            return
        self.transport.pause_reading()
        if rest:
            response.add(rest)
        response.notify()

    def _stop_pump(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None and pump is not asyncio.current_task(self._loop):
            pump.cancel()

    def _check_head(self, fed: int) -> None:
        """Bounds a head that never ends: the parser keeps an unfinished field to itself."""
        self._head_fed += fed
        if self._head_fed > self._limits.response_head:
            self.fail(HeadersTooLarge("the answer's head is longer than the limit"))

    def _ends_with_connection(self) -> bool:
        return self._headers_done and not self._framed


def _violation(problem: httptools.HttpParserError) -> TransportError:
    cause = problem.__context__
    return cause if isinstance(cause, ExchangeError) else ProtocolViolation(f"not a valid HTTP answer: {problem}")
