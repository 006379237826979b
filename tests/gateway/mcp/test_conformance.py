"""The specification's own conformance suite (npm's `@modelcontextprotocol/conformance`) against a server of ours.

It needs tools of certain names, which are components and a flow here, and no credentials, which a door of the test's
adds. What fails must be what the documentation says, no more and no less.
"""

import asyncio
import base64
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from gateway.mcp.serving.patience import Patience
from kernel.clock import ManualClock
from kernel.services import KernelServices
from tests.gateway.mcp.test_tasks import published
from tests.support.agents import Agents, serving
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.scripted_gateway import Said
from tests.support.scripted_plugins import scripted_plugins
from tests.support.served_app import served_app
from tests.support.server import free_port

SUITE = Path(__file__).parents[2] / "peers/node_modules/@modelcontextprotocol/conformance/dist/index.js"
REFERENCE = Path(__file__).parents[3] / "docs/reference/mcp.md"
SECONDS = 240
VERSIONS = ("2025-11-25", "2026-07-28")
TOOLS: dict[str, Said] = {
    "test_simple_text": Said(b"This is a simple text response for testing.", headers={"Content-Type": "text/plain"}),
    "test_image_content": Said(
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
        ),
        headers={"Content-Type": "image/png"},
    ),
    "test_audio_content": Said(b"RIFF$\0\0\0WAVEfmt ", headers={"Content-Type": "audio/wav"}),
    "test_error_handling": Said({"message": "This tool intentionally returns an error for testing"}, status=500),
}


COUNTING = flow_of(*(plugin_node(f"part{number}", "count", inputs={"times": 5}) for number in range(4)))


@asynccontextmanager
async def door(agents: Agents, port: int) -> AsyncIterator[str]:
    """Adds the token to each request."""
    token = agents.token("shop", *(f"suite.{name}" for name in TOOLS), aud="/mcp/suite", sub="ann")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*scope["headers"], (b"authorization", f"Bearer {token}".encode())]
        await agents.tools({**scope, "headers": headers}, receive, send)

    async with served_app(app, port):
        yield f"http://localhost:{port}/mcp/suite"


async def failures(url: str, folder: Path, version: str) -> dict[str, list[str]]:
    """Scenario → the checks of it that failed; scenarios without any are there too."""
    node = shutil.which("node", path=str(Path(sys.executable).parent))
    process = await asyncio.create_subprocess_exec(
        str(node), str(SUITE), "server", "--url", url, "--output-dir", str(folder), "--suite", "all",
        "--spec-version", version, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(SECONDS):
        output, _ = await process.communicate()
    found = await asyncio.to_thread(_read, folder)
    assert found, output.decode()[-4000:]
    return found


def _read(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("checks.json")):
        checks: list[dict[str, Any]] = json.loads(file.read_text())
        scenario = re.sub(r"^server-(.*)-\d{4}-\d\d-\d\dT.*$", r"\1", file.parent.name)
        found[scenario] = [check["id"] for check in checks if check["status"] == "FAILURE"]
    return found


def documented() -> set[str]:
    """The scenarios that the documentation says fail."""
    lines = REFERENCE.read_text().partition("## Conformance")[2].splitlines()
    return {name for line in lines if line.startswith("|") for name in re.findall(r"`([a-z0-9-]+)`", line)}


@pytest.fixture
async def suite(kernel: KernelServices, clock: ManualClock, port: int) -> AsyncIterator[str]:
    """The address of a server with the suite's tools."""
    own = free_port()
    settings = kernel.settings.model_copy(update={"mcp_allowed_origins": (f"http://localhost:{own}",)})
    kernel = replace(kernel, settings=settings)
    async with serving(kernel, clock, port, patience=Patience()) as agents:
        await _offer(agents)
        async with door(agents, own) as url:
            yield url


async def _offer(agents: Agents) -> None:
    client = agents.management.client
    paths = {f"/{name}": {"post": {"operationId": name, "description": name}} for name in TOOLS}
    document = {"openapi": "3.1.0", "info": {"title": "Suite", "version": "1"}, "paths": paths}
    body = {"document": document, "name": "suite", "upstream_url": agents.upstream.url, "signing": "none"}
    assert (await client.post("/v1/systems:import", json=body)).is_success
    await agents.management.app_with_secret("shop")
    await agents.management.granted("shop", "suite", None)
    project = (await client.post("/v1/projects", json={"code": "shop", "name": "Shop"})).json()["id"]
    agents.plugins.by_project[project] = scripted_plugins()
    await agents.management.person("ann")
    assert (await client.put("/v1/projects/shop/members/ann", json={"roles": ["operator"]})).is_success
    tools = [{"kind": "component", "target": f"suite.{name}", "name": name} for name in TOOLS]
    counting = {"kind": "flow", "target": await published(agents, "Count", COUNTING), "name": "test_tool_with_progress"}
    made = await client.post("/v1/mcp-servers", json={"name": "suite", "project": "shop", "tools": [*tools, counting]})
    assert made.is_success, made.text
    agents.upstream.answers |= {f"/{name}": said for name, said in TOOLS.items()}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the protocol knows no database
async def test_what_fails_is_what_the_documentation_says(suite: str, tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    for version in VERSIONS:
        for scenario, failed in (await failures(suite, tmp_path / version, version)).items():
            found.setdefault(scenario, []).extend(failed)
    failing = {scenario for scenario, failed in found.items() if failed}
    assert failing == documented(), {scenario: found[scenario] for scenario in failing ^ documented()}
    assert {"server-initialize", "ping", "tools-list", "tools-call-simple-text", "tools-call-with-progress"} <= (
        found.keys() - failing
    )
