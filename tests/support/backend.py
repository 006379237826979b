"""A backend of somebody else's: a small HTTP server that keeps what it is sent and answers what a test sets."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class BackendRequest:
    """Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Backend:
    """Attributes:
    status, body: what is answered, as JSON unless `content_type` says otherwise.
    """

    url: str
    status: int = 200
    body: bytes = b'{"from": "backend"}'
    content_type: str = "application/json"
    received: list[BackendRequest] = field(default_factory=list)

    def reset(self) -> None:
        self.status, self.body, self.content_type = 200, b'{"from": "backend"}', "application/json"
        self.received.clear()


@contextmanager
def serving_backend() -> Iterator[Backend]:
    backend = Backend("")

    def answer(request: BackendRequest) -> tuple[int, str, bytes]:
        backend.received.append(request)
        return backend.status, backend.content_type, backend.body

    with serving_http(answer) as url:
        backend.url = url
        yield backend


@contextmanager
def serving_http(answer: Callable[[BackendRequest], tuple[int, str, bytes]]) -> Iterator[str]:
    """Serves `answer` (status, content type, body) from a thread of its own; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content_type, written = answer(BackendRequest(self.command, self.path, headers, body))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
