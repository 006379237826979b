"""NetBox as its API describes it: devices and virtual machines in pages, for whoever has the token."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_PATHS = {"/api/dcim/devices/": "devices", "/api/virtualization/virtual-machines/": "machines"}


@dataclass
class NetBox:
    """Attributes:
    redirects: answers a redirect to itself. broken_after: answers 500 from this offset on.
    queries: what was asked for, one a request.
    """

    url: str = ""
    token: str = "netbox-token"
    devices: list[dict[str, Any]] = field(default_factory=list)
    machines: list[dict[str, Any]] = field(default_factory=list)
    redirects: bool = False
    broken_after: int | None = None
    queries: list[dict[str, str]] = field(default_factory=list)

    def answer(self, target: str, authorization: str) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.queries.append(query)
        start, limit = int(query["offset"]), int(query["limit"])
        if self.redirects:
            return 302, {}
        if authorization != f"Token {self.token}":
            return 403, {"detail": "Invalid token"}
        if self.broken_after is not None and start >= self.broken_after:
            return 500, {}
        objects = getattr(self, _PATHS[parts.path])
        following = f"http://169.254.169.254/?offset={start + limit}" if start + limit < len(objects) else None
        return 200, {"count": len(objects), "next": following, "results": objects[start : start + limit]}


def device(number: int, **more: Any) -> dict[str, Any]:
    address = f"10.20.{number >> 8}.{number & 255}/24"
    return {
        "id": number, "name": f"rack-{number}", "serial": f"SN{number}", "primary_ip4": {"address": address},
        "platform": {"name": "Debian"}, "site": {"name": "east"}, "role": {"name": "web"}, "comments": "", **more,
    }  # fmt: skip


@contextmanager
def serving_netbox() -> Iterator[NetBox]:
    netbox = NetBox()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, found = netbox.answer(self.path, self.headers.get("authorization", ""))
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Location", netbox.url)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    netbox.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield netbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
