"""A caller that signs as the gateway does, and the keys it signs with."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from kernel.clock import Clock
from kernel.http.component_app import EmbeddedSystem
from kernel.signing.content_digest import content_digest
from kernel.signing.request_signature import RequestSigner

ORIGIN = "http://systems.test"
KEY = b"k" * 32


class OneKey:
    """`SystemKeys` of a system with one key."""

    def __init__(self, key: bytes = KEY) -> None:
        self._key = key

    async def verification_keys(self, system: str) -> dict[str, bytes]:
        return {system: self._key}


@dataclass(frozen=True, slots=True)
class Gateway:
    """Calls one embedded system."""

    system: EmbeddedSystem
    clock: Clock
    key: bytes = KEY
    identity: dict[str, str] = field(
        default_factory=lambda: {"x-trunkline-app": "demo-app", "x-trunkline-user": "ada", "x-trunkline-project": "p1"}
    )

    async def call(self, component: str, params: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """POST; the answer's body, whatever `result` says."""
        body = json.dumps(params).encode()
        answer = await self.send(self.signed("POST", f"/{component}", body, key=key))
        return dict(answer.json())

    async def get(self, component: str, params: dict[str, Any]) -> dict[str, Any]:
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        answer = await self.send(self.signed("GET", f"/{component}{query}", b""))
        return dict(answer.json())

    async def data(self, component: str, params: dict[str, Any], key: str | None = None) -> Any:
        """POST; `data` of an answer that must be a success."""
        answer = await self.call(component, params, key)
        assert answer["result"] is True, answer
        return answer["data"]

    def signed(self, method: str, target: str, body: bytes, *, key: str | None = None) -> httpx.Request:
        covered = list(self.identity.items())
        if body:
            covered.append(("content-digest", content_digest(body)))
        if key is not None:
            covered.append(("idempotency-key", key))
        lines = RequestSigner(self.system.name, self.key).sign(
            method, ORIGIN + target, covered, int(self.clock.now().timestamp())
        )
        headers = [*covered, *(line.split(": ", 1) for line in lines.strip().split("\r\n"))]
        return httpx.Request(method, ORIGIN + target, headers=[(str(n), str(v)) for n, v in headers], content=body)

    async def send(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.system.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.send(request)
