"""People from the command line, against a real server."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.stand import Stand
from trunkline.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    token = (stand.server.data_dir / "cli-token").read_text().strip()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--url", stand.url, "--token", token])

    return invoke


def test_an_account_from_its_making_to_its_end(run: Run, stand: Stand) -> None:
    made = run("user", "create", "dora", "--name", "Dora")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith(f"{stand.url}/set-password#")
    assert run("user", "create", "dora").exit_code == 1
    reset = json.loads(run("user", "reset-password", "dora", "--temporary", "--json").stdout)
    assert (reset["url"], len(reset["password"]) > 10) == (None, True)
    roles = run("user", "set-roles", "dora", "registrar", "publisher")
    assert roles.stdout.strip() == "dora\tpublisher (by admin), registrar (by admin)"
    assert "dora\tpublisher (by admin)" in run("user", "roles").stdout
    assert run("user", "set-roles", "dora", "emperor").exit_code == 1
    assert run("user", "set-roles", "dora").stdout.strip() == "dora\tno roles"
    assert run("user", "sessions", "dora").stdout == ""
    assert run("user", "sessions", "dora", "--end").stdout == "0 ended\n"
    assert run("user", "disable", "dora").exit_code == 0
    assert run("user", "list", "dora").stdout == "dora\tDora\tdisabled\n"
    assert run("user", "enable", "dora").exit_code == 0
