"""Upstreams and signing from the command line, against a real server."""

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


def test_an_upstream_is_put_and_listed(run: Run, stand: Stand, tmp_path: Path) -> None:
    file = tmp_path / "upstream.yaml"
    file.write_text(f"balance: least-connections\ntargets:\n- url: {stand.url}/systems/cmdb\n  weight: 5\n")
    put = run("upstream", "put", "cmdb/prod", "spare", str(file))
    assert put.exit_code == 0, put.output
    assert put.stdout.startswith("cmdb/prod: upstream spare, live")
    listed = json.loads(run("upstream", "list", "cmdb/prod", "--json").stdout)
    assert [(each["name"], each["balance"]) for each in listed] == [
        ("default", "round-robin"),
        ("spare", "least-connections"),
    ]
    assert f"{stand.url}/systems/cmdb (5)" in run("upstream", "list", "cmdb/prod").stdout
    assert run("upstream", "list", "cmdb").exit_code == 2
    file.write_text("- no object")
    assert run("upstream", "put", "cmdb/prod", "spare", str(file)).exit_code == 2


def test_signing_is_put_shown_and_its_key_changed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "signing.yaml"
    file.write_text("profile: api-key\nname: x-key\nkey: hush\n")
    assert run("signing", "put", "notify/prod", str(file)).stdout.startswith("notify/prod: api-key, live")
    shown = run("signing", "show", "notify/prod").stdout
    assert "name: x-key" in shown
    assert "hush" not in shown
    rotated = json.loads(run("signing", "rotate", "job", "--algorithm", "ed25519", "--json").stdout)
    assert (rotated["key"]["key_id"], rotated["key"]["signs"]) == ("job-2", True)
    assert run("signing", "retire", "job", "job").stdout.startswith("job: job retired, live")
    assert run("signing", "retire", "job", "job-2").exit_code == 1
