"""A new root key in a running installation: nothing that was sealed is lost, and the old key can go."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from tests.support.forking import Nursery
from tests.support.server import ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token, import_system
from trunkline.cli import app


@pytest.fixture
def server(tmp_path: Path, nursery: Nursery, sqlite_template: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(migrated(tmp_path / "data", sqlite_template), free_port(), nursery=nursery)
    server.start()
    yield server
    server.stop()


def command(server: ServerProcess, *arguments: str) -> Result:
    environment = {"TRUNKLINE_DATA_DIR": str(server.data_dir), "TRUNKLINE_PUBLIC_URL": server.url}
    return CliRunner().invoke(app, ["secret", *arguments], env=environment)


def call(server: ServerProcess, secret: str) -> bool:
    """Asks the inventory, which answers only what the gateway signed with the key it keeps sealed."""
    headers = {"Authorization": f"Bearer {fetch_token(server.url, 'shop', secret)}"}
    answer = httpx.post(f"{server.url}/api/c/compapi/v2/cc/search_business/", headers=headers, json={})
    result: bool = answer.json()["result"]
    return result


def test_the_root_key_is_changed_and_the_old_one_forgotten(server: ServerProcess) -> None:
    api = server.admin()
    import_system(server, api, "cmdb")
    secret = api.post("/apps", {"app_code": "shop", "name": "shop"})["app_secret"]
    approved_grant(api, "shop", "cmdb")
    assert call(server, secret)
    first = json.loads(command(server, "status", "--json").output)

    assert command(server, "new-root").exit_code == 0
    early = command(server, "rewrap")
    assert early.exit_code == 1
    assert "start them again" in early.output

    server.stop()
    server.start()
    assert call(server, secret)
    assert command(server, "forget-roots").exit_code == 1
    done = json.loads(command(server, "rewrap", "--json").output)
    assert (done["rewrapped"], done["unreadable"]) == (first["secrets"][first["root"]], [])
    assert done["shards"] >= 1
    second = json.loads(command(server, "status", "--json").output)
    assert second["secrets"] == {second["root"]: done["rewrapped"]}
    assert command(server, "forget-roots").exit_code == 0

    server.stop()
    assert "PREVIOUS" not in (server.data_dir / "secrets.env").read_text()
    server.start()
    assert call(server, secret)
    assert first["root"] not in (server.data_dir / "snapshot.json").read_text()
