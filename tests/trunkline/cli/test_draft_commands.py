"""A system's draft from the command line: edited, tried, its samples run."""

import json
from pathlib import Path

import pytest

from tests.support.stand import Stand
from tests.trunkline.cli.conftest import Run

PING = {"method": "GET", "path": "/ping/{name}", "title": "Is it there?", "mock": {"status": 200, "body": "here"}}


@pytest.fixture
def ping(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ping.json"
    file.write_text(json.dumps(PING))
    assert run("draft", "put", "cmdb", "ping", str(file)).stdout == "cmdb.ping is in the draft\n"


@pytest.mark.usefixtures("ping")
def test_a_component_is_made_shown_and_left_out(run: Run, tmp_path: Path) -> None:
    assert "ping\tGET\t/ping/{name}\tIs it there?" in run("draft", "list", "cmdb").stdout
    shown = json.loads(run("draft", "show", "cmdb", "ping").stdout)
    assert {name: shown[name] for name in ("method", "path", "title")} == {
        name: PING[name] for name in ("method", "path", "title")
    }
    again = tmp_path / "again.json"
    again.write_text(json.dumps(shown))
    assert run("draft", "put", "cmdb", "ping", str(again)).exit_code == 0
    assert run("draft", "remove", "cmdb", "ping").exit_code == 0
    assert run("draft", "show", "cmdb", "ping").exit_code == 1
    again.write_text("[]")
    assert run("draft", "put", "cmdb", "ping", str(again)).exit_code == 2


@pytest.mark.usefixtures("ping")
def test_a_component_is_tried_and_its_answer_kept_as_a_sample(run: Run, stand: Stand) -> None:
    tried = run("draft", "try", "cmdb", "ping", "--path", "name=x", "--record", "there")
    assert (tried.exit_code, "here" in tried.stdout) == (0, True)
    assert json.loads(run("draft", "try", "cmdb", "ping", "--path", "name=x", "--json").stdout)["upstream"] is None
    assert run("draft", "try", "cmdb", "ping", "--path", "name=x", "--served").exit_code == 1
    assert run("draft", "try", "cmdb", "ping", "--path", "name").exit_code == 2
    checked = run("draft", "check", "cmdb")
    assert (checked.exit_code, checked.stdout) == (0, "ok   ping  there\n")
    place = "/systems/cmdb/draft/components/ping"
    changed = stand.api.get(place)["component"] | {"mock": {"status": 201, "body": "here"}}
    stand.api.put(place, changed)
    checked = run("draft", "check", "cmdb")
    assert (checked.exit_code, "status 201 instead of 200" in checked.stdout) == (1, True)
    assert run("draft", "remove", "cmdb", "ping").exit_code == 0
