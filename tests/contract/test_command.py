"""`trunkline system backend`, against the server with BlueKing's systems behind it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.contract.conftest import House
from tests.support.blueking_systems.doors import APP_CODE, APP_SECRET
from trunkline.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    token = (house.server.data_dir / "cli-token").read_text().strip()

    def invoke(*arguments: str, said: str | None = None) -> Result:
        whole = ["system", "backend", *arguments, "--url", house.server.url, "--token", token]
        return CliRunner().invoke(app, whole, input=said)

    return invoke


def test_a_stage_is_shown_sent_there_and_brought_back(run: Run, house: House) -> None:
    house.api.post("/systems/cmdb/stages", {"name": "command", "like": "prod"})
    assert run("cmdb", "--stage", "command").stdout.startswith("cmdb command: embedded, release 1.0.0, http://")
    there = ["--through", "esb", "--address", house.blueking.url, "--app-code", APP_CODE, "--username", "robot"]
    sent = run("cmdb", "blueking", "--stage", "command", *there, said=f"{APP_SECRET}\n")
    assert sent.exit_code == 0, sent.output
    assert sent.stdout.startswith("cmdb command: blueking through esb, release ")
    assert "refused\tcount_hosts_by_topo\tthat system has none like it" in sent.stdout
    assert "live (revision " in sent.stdout
    assert APP_SECRET not in sent.output
    headers = {"Authorization": f"Bearer {house.token}"}
    answer = house.http.post("/api/cmdb/command/search_business", json={"page": {"limit": 1}}, headers=headers).json()
    assert answer["data"]["count"] == 3, answer
    shown = json.loads(run("cmdb", "--stage", "command", "--json").stdout)
    assert (shown["back_end"], [way["through"] for way in shown["ways"]]) == ("blueking", ["esb", "apigw", "direct"])
    assert "command: embedded, release 1.0.0" in run("cmdb", "embedded", "--stage", "command").stdout
    house.api.delete("/systems/cmdb/stages/command")


def test_what_is_wrong_is_told(run: Run) -> None:
    assert run("cmdb", "mars").exit_code == 2
    assert run("cmdb", "blueking", "--variable", "no pair").exit_code == 2
    refused = run("cmdb", "blueking", "--through", "pigeon", "--stage", "test")
    assert (refused.exit_code, "cmdb has no way pigeon" in refused.output) == (1, True)
