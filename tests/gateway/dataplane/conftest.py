"""A served data plane before a real upstream that keeps what it received."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey

from gateway.dataplane.app import DataPlane
from gateway.dataplane.server import GatewayProtocol
from gateway.snapshot.model.snapshot import Snapshot, SnapshotHolder, compile_shard
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from tests.support.own_time import OwnTimeLoop

SECRET = "s" * 40
HMAC_KEY = b"0123456789abcdef0123456789abcdef"
TOKEN_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
ISSUER, AUDIENCE = "https://gw.example", "https://gw.example/api"
_BY_THEIR_OWN_TIME = frozenset(
    {
        "test_bounds.py",
        "test_gateway_shape.py",
        "test_server.py",
        "test_several_servers.py",
        "test_upstream_failures.py",
        "test_websocket.py",
    }
)
"""Files with short time limits in them, and nothing outside the loop."""


def private_pem(key: Any) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Any) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def token(app: str = "shop", scope: str = "cmdb:read", **claims: Any) -> str:
    now = int(time.time())
    body = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": app, "client_id": app, "jti": "t1", "iat": now, "exp": now + 60,
        "scope": scope, **claims,
    }  # fmt: skip
    header = {"alg": "ES256", "kid": "k1", "typ": "at+jwt"}
    return jws.serialize_compact(header, json.dumps(body), ECKey.import_key(private_pem(TOKEN_KEY)))


@dataclass
class Received:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    scope: dict[str, Any]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass
class Upstream:
    """Answers JSON; a test sets what."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [(b"content-type", b"application/json")])
    pieces: list[bytes] = field(
        default_factory=lambda: [b'{"result":true,"code":0,"data":{"id":12345678901234567890}}']
    )
    gate: asyncio.Event | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode()
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        target = scope["raw_path"].decode() + (f"?{query}" if query else "")
        self.received.append(Received(scope["method"], target, headers, body, scope))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for piece in self.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self.gate is not None:
            gone = asyncio.create_task(_gone(receive))
            waiting = asyncio.create_task(self.gate.wait())
            await asyncio.wait([gone, waiting], return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            waiting.cancel()
            self.ended.set()
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Served:
    """uvicorn in this event loop, on a free port."""

    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(
            app, port=0, log_level="critical", lifespan="off", access_log=False, http=GatewayProtocol
        )
        config.server_header = config.date_header = False
        config.load()
        self.server = uvicorn.Server(config)
        self.server.lifespan = config.lifespan_class(config)

    async def __aenter__(self) -> str:
        await self.server.startup()
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        for connection in tuple(self.server.server_state.connections):
            connection.transport.close()
        for listening in self.server.servers:
            listening.close()
            await listening.wait_closed()


def component(name: str, method: str = "POST", **more: Any) -> dict[str, Any]:
    return {"name": name, "method": method, "path": f"/{name}", "scopes": ["cmdb:read"], **more}


class LateClock:
    """The time, some seconds later."""

    def __init__(self) -> None:
        self.late = 0.0

    def __call__(self) -> float:
        return time.time() + self.late


class Gateway:
    """The data plane under test, its configuration and its upstream."""

    def __init__(
        self, url: str, upstream: Upstream, holder: SnapshotHolder, plane: DataPlane, clock: LateClock | None = None
    ) -> None:
        self.url = url
        self.clock = clock or LateClock()
        self.upstream = upstream
        self.holder = holder
        self.plane = plane
        self.http = httpx.AsyncClient(base_url=url, trust_env=False)

    def apply(self, *documents: dict[str, Any]) -> None:
        shards = [compile_shard(document, _open_secret) for document in documents]
        self.holder.swap(self.holder.current.with_shards(self.holder.current.revision + 1, shards))

    def system(self, *components: dict[str, Any], name: str = "cmdb", **stage: Any) -> None:
        prod = {
            "release": "1.0.0", "upstream": {"base_url": f"{self.upstream.url}/systems/cmdb"},
            "signing": {"profile": "http-message-signature", "key_id": name, "secret": "hmac"},
            "components": list(components), **stage,
        }  # fmt: skip
        self.apply({"kind": "system", "name": name, "aliases": ["cc"], "stages": {"prod": prod, "test": prod}})

    def app(self, *grants: dict[str, Any], code: str = "shop", **more: Any) -> None:
        secrets = [{"sha256": hashlib.sha256(SECRET.encode()).hexdigest()}]
        self.apply({"kind": "app", "app_code": code, "grants": list(grants), "secrets": secrets, **more})

    async def call(self, path: str, method: str = "POST", *, bearer: str | None = None, **more: Any) -> httpx.Response:
        headers = httpx.Headers(more.pop("headers", None))
        headers["authorization"] = f"Bearer {bearer or token()}"
        return await self.http.request(method, path, headers=headers, **more)


def _open_secret(sealed: str, _purpose: str = "") -> bytes:
    """A key by its name, or what stands after `sealed:`."""
    if sealed.startswith("sealed:"):
        return sealed.removeprefix("sealed:").encode()
    return {"hmac": HMAC_KEY, "rsa": private_pem(RSA_KEY), "broken": b"short", "app": SECRET.encode()}[sealed]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    upstream = Upstream()
    async with Served(upstream) as upstream_url:
        upstream.url = upstream_url
        holder, clock = SnapshotHolder(Snapshot()), LateClock()
        plane = DataPlane(
            holder,
            TransportClient(AddressPolicy.allowing([upstream_url])),
            public_url="https://gw.example",
            max_body=1000,
            clock=clock,
        )
        async with Served(plane) as url:
            served = Gateway(url, upstream, holder, plane, clock)
            keys = {"kid": "k1", "alg": "ES256", "public_key": public_pem(TOKEN_KEY)}
            served.apply({"kind": "keys", "issuer": ISSUER, "audience": AUDIENCE, "keys": [keys]})
            served.system(component("search"), component("find_host", "GET", path="/hosts/{id}"))
            served.app({"system": "cmdb", "component": None})
            yield served
            await served.http.aclose()
            await plane.aclose()


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.path.name in _BY_THEIR_OWN_TIME:
        return {"own time": OwnTimeLoop}
    return {"usual": asyncio.SelectorEventLoop}
