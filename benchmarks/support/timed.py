"""A client on one blocking connection that takes the time of whole exchanges."""

import socket
import time
from types import TracebackType
from typing import Self

import httptools

_BUFFER = 256 * 1024


class TimedClient:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(_BUFFER)
        self._parser = httptools.HttpResponseParser(self)
        self._done = False
        self.body_length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _at: TracebackType | None) -> None:
        self._socket.close()

    def exchange(self, head: bytes, body: bytes = b"", times: int = 1) -> float:
        """Seconds from the first byte of the request to the last of the answer; ``body`` is sent ``times`` times."""
        self._done, self.body_length = False, 0
        view = memoryview(self._buffer)
        started = time.perf_counter()
        self._socket.sendall(head)
        for _ in range(times if body else 0):
            self._socket.sendall(body)
        while not self._done:
            read = self._socket.recv_into(self._buffer)
            if not read:
                raise SystemExit("the connection ended during an exchange")
            self._parser.feed_data(view[:read])
        seconds = time.perf_counter() - started
        if self._parser.get_status_code() != 200:
            raise SystemExit(f"answered {self._parser.get_status_code()}")
        return seconds

    def on_body(self, body: bytes) -> None:
        self.body_length += len(body)

    def on_message_complete(self) -> None:
        self._done = True
