"""The whole product as its users meet it: a real server process, its three systems registered, an app with a token."""

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.forking import Nursery
from tests.support.server import Api, ServerProcess, free_port, migrated

SYSTEMS = {"cmdb": ["cc"], "job": ["jobv3"], "notify": ["cmsi"]}
_ALIASES = {**SYSTEMS, "sops": ["bk-sops"], "hosts": []}
_PLACES = {"hosts": "coded/hosts"}
_MOVING_TABLES = frozenset(
    {
        "gateway_call_day",
        "gateway_session",
        "gateway_sign_in_failures",
        "gateway_worker",
        "kernel_nonce",
        "orchestrator_counted_task",
        "orchestrator_flow_day",
        "orchestrator_node_day",
    }
)


@dataclass(frozen=True, slots=True)
class Stand:
    """A server with everything a caller needs.

    Attributes:
        token: of an app that may call the whole inventory.
    """

    server: ServerProcess
    api: Api
    app_code: str
    app_secret: str
    token: str

    @property
    def url(self) -> str:
        return self.server.url

    def row_counts(self) -> dict[str, int]:
        """Rows per table, without the tables that move by themselves."""
        connection = sqlite3.connect(f"file:{self.server.data_dir / 'trunkline.db'}?mode=ro", uri=True)
        try:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            kept = [name for name in names if name not in _MOVING_TABLES and not name.startswith("sqlite_")]
            return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in kept}  # noqa: S608  names from the schema itself
        finally:
            connection.close()


def import_system(server: ServerProcess, api: Api, name: str) -> None:
    address = f"{server.url}/systems/{_PLACES.get(name, name)}"
    document = httpx.get(f"{address}/openapi.json").json()
    body = {
        "document": document,
        "name": name,
        "aliases": _ALIASES[name],
        "upstream_url": address,
        "signing": "http-message-signature",
    }
    api.until_live(api.post("/systems:import", body))


def approved_grant(api: Api, app_code: str, system: str) -> None:
    applied = api.post("/grants", {"app_code": app_code, "system": system, "components": None, "reason": "test"})
    for grant in applied["items"]:
        decided = api.post(f"/grants/{grant['id']}:approve", {"comment": ""})
        assert decided["state"] == "approved"
        api.until_live(decided)


def fetch_token(url: str, app_code: str, secret: str, scope: str = "") -> str:
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    answer = httpx.post(f"{url}/oauth/token", data=form, auth=(app_code, secret))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Forks servers: to load one takes longer than most tests."""
    made = Nursery()
    yield made
    made.close()


@dataclass(frozen=True, slots=True)
class Furnished:
    """What each stand begins with: a stopped server's data.

    Attributes:
        port: of that server; its systems are registered there, so the next ones listen there again.
    """

    data_dir: Path
    port: int
    app_secret: str


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Furnished:
    data = migrated(tmp_path_factory.mktemp("furnished") / "data", sqlite_template)
    server = ServerProcess(data, free_port(), nursery=nursery)
    server.start()
    api = server.admin()
    for name in SYSTEMS:
        import_system(server, api, name)
    secret = api.post("/apps", {"app_code": "caller", "name": "Caller", "description": ""})["app_secret"]
    approved_grant(api, "caller", "cmdb")
    api.close()
    _stop(server)
    return Furnished(data, server.port, secret)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, furnished: Furnished) -> Iterator[Stand]:
    data = shutil.copytree(furnished.data_dir, tmp_path_factory.mktemp("stand") / "data")
    server = ServerProcess(data, furnished.port, nursery=nursery)
    server.start()
    api = server.admin()
    secret = furnished.app_secret
    yield Stand(server, api, "caller", secret, fetch_token(server.url, "caller", secret))
    api.close()
    _stop(server)


def _stop(server: ServerProcess) -> None:
    # uvicorn ends by the signal it was told to stop with, once it has shut down in order.
    assert server.stop() in {0, -signal.SIGTERM}
