"""The guide's component, installed beside a real server, called through the gateway."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.server import Api, ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token, import_system

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "write-a-component.md"

MORE = """
import asyncio


class NotDeclared(BusinessReport):
    name = "not_declared"
    invokes = ()


class Slow(BusinessReport):
    name = "slow"
    seconds = 0.1

    async def handle(self, call):
        await asyncio.sleep(30)


class Crashing(BusinessReport):
    name = "crashing"

    async def handle(self, call):
        raise RuntimeError("secret detail")


class Fetching(BusinessReport):
    name = "fetching"

    async def handle(self, call):
        answer = await call.http.request("GET", call.inputs.prefix)
        return {"names": [str(answer.status)]}
"""
CLASSES = ("BusinessReport", "NotDeclared", "Slow", "Crashing", "Fetching", "Missing")


def install(folder: Path) -> None:
    """As pip leaves a package: a module, and who it is."""
    shown = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (folder / "business_report.py").write_text(shown[0] + MORE)
    about = folder / "business_report-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: business-report\nVersion: 1.0\n")
    points = "\n".join(f"{name.lower()} = business_report:{name}" for name in CLASSES)
    (about / "entry_points.txt").write_text(f"[trunkline.components]\n{points}\n")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[ServerProcess, Api, str]]:
    folder = tmp_path_factory.mktemp("installed")
    install(folder)
    data = migrated(tmp_path_factory.mktemp("coded") / "data", sqlite_template)
    server = ServerProcess(data, free_port(), {"PYTHONPATH": str(folder)})
    server.start()
    api = server.admin()
    import_system(server, api, "cmdb")
    address = f"{server.url}/systems/coded/report"
    order = {"document_url": f"{address}/openapi.json", "name": "report", "upstream_url": address}
    imported = api.post("/systems:import", order)
    assert imported["components"] == 5
    api.until_live(imported)
    secret = api.post("/apps", {"app_code": "caller", "name": "Caller", "description": ""})["app_secret"]
    approved_grant(api, "caller", "report")
    yield server, api, secret
    api.close()
    assert server.stop() in {0, -signal.SIGTERM}


def call(server: ServerProcess, secret: str, component: str, prefix: str = "") -> httpx.Response:
    token = fetch_token(server.url, "caller", secret, "report:read")
    return httpx.post(
        f"{server.url}/api/report/prod/{component}",
        json={"prefix": prefix},
        headers={"Authorization": f"Bearer {token}"},
    )


def test_it_reaches_only_what_its_caller_may_reach(report: tuple[ServerProcess, Api, str]) -> None:
    server, api, secret = report
    refused = call(server, secret, "businesses").json()
    assert (refused["result"], refused["data"]) == (False, None)
    assert "grant" in refused["message"] or "permission" in refused["message"]
    approved_grant(api, "caller", "cmdb")
    answer = call(server, secret, "businesses")
    assert answer.json()["result"] is True, answer.text
    assert isinstance(answer.json()["data"]["names"], list)
    assert call(server, secret, "not_declared").json()["code"] == 1306403


def test_its_inputs_are_validated_and_its_refusals_told(report: tuple[ServerProcess, Api, str]) -> None:
    server, _, secret = report
    assert call(server, secret, "businesses", "x" * 65).status_code == 400
    refused = call(server, secret, "businesses", "_").json()
    assert (refused["code"], refused["message"]) == (4001, "prefix: names don't begin with _")


def test_what_goes_wrong_in_it_is_told_without_detail(report: tuple[ServerProcess, Api, str]) -> None:
    server, _, secret = report
    crashed = call(server, secret, "crashing")
    assert crashed.json()["code"] == 1306000
    assert "secret detail" not in crashed.text
    assert call(server, secret, "slow").json()["code"] == 1306201
    inner = call(server, secret, "fetching", "http://169.254.169.254/latest")
    assert inner.json()["code"] == 1306201
    assert "coded_component_refused" in server.log.read_text()


def test_only_the_gateway_is_answered(report: tuple[ServerProcess, Api, str]) -> None:
    server, _, _ = report
    assert httpx.post(f"{server.url}/systems/coded/report/businesses", json={}).status_code == 401
