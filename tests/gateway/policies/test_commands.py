"""`trunkline policy` against the served management API."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from tests.support.management import Management, document
from tests.support.served_app import served_app
from trunkline.cli import app

LIMIT = {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 60, "tokens": 5}]}}}


class Terminal:
    def __init__(self, url: str, token: str) -> None:
        self.environment = {"TRUNKLINE_URL": url, "TRUNKLINE_TOKEN": token}

    async def run(self, *arguments: str) -> Result:
        """A command in a thread of its own: it blocks, while the server lives in this loop."""
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments), env=self.environment))


@pytest.fixture
async def terminal(management: Management) -> AsyncIterator[Terminal]:
    await management.import_system(document())
    await management.app_with_secret("shop")
    async with served_app(management.app) as url:
        yield Terminal(url, management.admin_token)


@pytest.mark.parametrize("place", ["cmdb", "cmdb/prod", "app:shop"])
async def test_what_is_put_is_shown_as_it_can_be_put_again(terminal: Terminal, tmp_path: Path, place: str) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(yaml.safe_dump([LIMIT]))
    put = await terminal.run("policy", "put", place, str(file))
    assert put.exit_code == 0, put.output
    assert put.stdout.startswith(f"{place}: 1 policies, version 1, live (revision ")
    shown = await terminal.run("policy", "show", place)
    assert yaml.safe_load(shown.stdout) == [LIMIT]
    file.write_text(shown.stdout)
    again = await terminal.run("policy", "put", place, str(file), "--version", "1", "--json")
    assert json.loads(again.stdout)["version"] == 1
    late = await terminal.run("policy", "put", place, str(file), "--version", "0")
    assert (late.exit_code, "version 1" in late.stderr) == (1, True)


async def test_a_wrong_policy_is_told_by_its_place(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text("- {kind: body-limit, config: {max_bytes: -1}}")
    wrong = await terminal.run("policy", "put", "cmdb", str(file))
    assert (wrong.exit_code, "policies.0.config.max_bytes" in wrong.stderr) == (1, True)
    file.write_text("{")
    assert (await terminal.run("policy", "put", "cmdb", str(file))).exit_code == 2


async def test_the_kinds_are_listed(terminal: Terminal) -> None:
    listed = await terminal.run("policy", "kinds")
    assert "rate-limit\tsystem, stage, component, app\t" in listed.stdout
