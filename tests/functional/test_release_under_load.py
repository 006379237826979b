"""Releasing and rolling back under load: no call fails, and no call is served by parts of two releases."""

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from kernel.signing.http_message_signature import RequestMessage
from kernel.signing.request_signature import verify_request
from tests.support.forking import Nursery
from tests.support.listening import listening
from tests.support.patience import PATIENCE_SECONDS
from tests.support.server import ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token

ROUNDS = 100
CALLERS = 4
PAUSE_SECONDS = 0.005
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Load", "version": "1"},
    "paths": {"/find": {"get": {"operationId": "find"}}},
}


@dataclass
class Upstream:
    """Answers what it was asked; refuses a call whose signature doesn't hold."""

    port: int = 0
    keys: dict[str, bytes] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            status, body = self._answer(head.decode("latin-1"))
            writer.write(
                b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                % (status, len(body), body)
            )

    def _answer(self, head: str) -> tuple[int, bytes]:
        line, *lines = head.strip().split("\r\n")
        method, target, _ = line.split(" ")
        headers = [(name.lower(), value) for name, value in (each.split(": ", 1) for each in lines)]
        told = dict(headers)
        try:
            verify_request(
                RequestMessage(method, f"http://{told['host']}{target}", headers),
                b"", keys=self.keys, now=time.time(), nonce_seen=lambda _nonce, _expires: False,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, the test must see it
            return 401, json.dumps({"refused": str(error)}).encode()
        return 200, json.dumps(
            {"target": target, "release": told.get("x-made-for"), "area": told.get("x-area")}
        ).encode()


def component(release: str) -> dict[str, Any]:
    """Every place of it that reaches the upstream tells the release, and the stage's variable twice."""
    return {
        "method": "GET",
        "path": "/find",
        "upstream_path": f"/{{env.area}}/{release}",
        "mapping": [
            {"to": {"in": "header", "name": "x-made-for"}, "from": {"constant": release}},
            {"to": {"in": "header", "name": "x-area"}, "from": {"variable": "area"}},
        ],
    }


class Caller:
    """Calls without end, and keeps what was wrong with an answer."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        )
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def call_until(self, done: asyncio.Event) -> None:
        async with self._http as http:
            while not done.is_set():
                answer = await http.get("/api/load/prod/find")
                if answer.status_code != 200:
                    self.wrong.append(f"{answer.status_code} {answer.text}")
                    continue
                release, told = answer.headers["x-trunkline-release"], answer.json()
                if told["release"] != release or told["target"] != f"/up/{told['area']}/{release}":
                    self.wrong.append(f"{release}: {told}")
                self.seen[release] += 1
                await asyncio.sleep(PAUSE_SECONDS)  # the server shares its processors with this test


async def _release_and_roll_back(management: httpx.AsyncClient) -> None:
    """Each round is one release that goes live and one rollback; now and then the stage's variable changes too."""

    async def done(method: str, path: str, body: dict[str, Any]) -> Any:
        answer = await management.request(method, f"/systems/load{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def until_live(changed: dict[str, Any]) -> None:
        """Told live at once, or acknowledged by every process a little later on a busy machine."""
        while not changed["live"]:
            await asyncio.sleep(0.05)
            workers = (await management.get("/gateway/snapshot")).json()["workers"]
            changed = {**changed, "live": all(each["revision"] >= changed["revision"] for each in workers)}

    for number in range(1, ROUNDS + 1):
        version = f"1.{number}.0"
        await done("PUT", "/draft/components/find", component(version))
        await done("POST", "/releases", {"version": version})
        await until_live(await done("POST", "/stages/prod:activate", {"release": version}))
        if number % 10 == 0:
            await done("PATCH", "/stages/prod", {"variables": {"area": f"area{number}"}})
        back = await done("POST", "/stages/prod:rollback", {})
        assert back["release"] == "1.0.1"
        await until_live(back)


@pytest.fixture
def server(tmp_path: Path, nursery: Nursery, sqlite_template: Path) -> Iterator[ServerProcess]:
    started = ServerProcess(migrated(tmp_path / "data", sqlite_template), free_port(), nursery=nursery)
    yield started
    started.stop()


async def test_200_releases_and_rollbacks_under_load_fail_no_call_and_mix_nothing(server: ServerProcess) -> None:
    upstream = Upstream()
    async with listening(upstream.serve) as upstream.port:
        server.environment = {"TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": f"http://127.0.0.1:{upstream.port}"}
        await asyncio.to_thread(server.start)
        token = await asyncio.to_thread(_prepare, server, upstream)
        admin = {"Authorization": f"Bearer {(server.data_dir / 'cli-token').read_text().strip()}"}
        callers = [Caller(server.url, token) for _ in range(CALLERS)]
        done = asyncio.Event()
        load = [asyncio.create_task(caller.call_until(done)) for caller in callers]
        try:
            async with httpx.AsyncClient(
                base_url=f"{server.url}/v1", headers=admin, timeout=PATIENCE_SECONDS
            ) as management:
                await _release_and_roll_back(management)
        finally:
            done.set()
            await asyncio.gather(*load)
    seen = sum((caller.seen for caller in callers), Counter())
    assert [wrong for caller in callers for wrong in caller.wrong] == []
    assert seen.total() > ROUNDS
    assert len(seen) > ROUNDS / 4, seen


def _prepare(server: ServerProcess, upstream: Upstream) -> str:
    api = server.admin()
    order = {"document": DOCUMENT, "name": "load", "upstream_url": f"http://127.0.0.1:{upstream.port}/up"}
    api.until_live(api.post("/systems:import", order))
    (key,) = api.post("/systems/load:reveal-keys")["items"]
    upstream.keys = {key["key_id"]: base64.b64decode(key["secret"])}
    api.patch("/systems/load/stages/prod", {"variables": {"area": "area0"}})
    api.put("/systems/load/draft/components/find", component("1.0.1"))
    api.post("/systems/load/releases", {"version": "1.0.1"})
    api.until_live(api.post("/systems/load/stages/prod:activate", {"release": "1.0.1"}))
    secret = api.post("/apps", {"app_code": "caller", "name": "Caller"})["app_secret"]
    approved_grant(api, "caller", "load")
    api.close()
    return fetch_token(server.url, "caller", secret)
