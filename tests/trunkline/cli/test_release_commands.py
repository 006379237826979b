"""Releases, stages and systems as files, over a socket, as a person runs them."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from kernel.clock import ManualClock
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.management import Management, document, managing
from tests.support.served_app import served_app
from trunkline.cli import app
from trunkline.cli.manifest_folder import read_folder, write_folder


@dataclass(slots=True)
class Terminal:
    management: Management
    url: str

    async def run(self, *arguments: str, typed: str | None = None) -> Result:
        """A command in a thread of its own: it blocks, while the server lives in this loop."""
        environment = {"TRUNKLINE_URL": self.url, "TRUNKLINE_TOKEN": self.management.admin_token}
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments), env=environment, input=typed))

    async def done(self, *arguments: str) -> str:
        result = await self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": ("http://127.0.0.1:9099",)})


@pytest.fixture
async def terminal(kernel: KernelServices, clock: ManualClock) -> AsyncIterator[Terminal]:
    async with managing(kernel, clock) as management, served_app(management.app) as url:
        await management.import_system(document())
        yield Terminal(management, url)


async def _second_release(terminal: Terminal) -> None:
    racks = {"method": "GET", "path": "/racks"}
    await terminal.management.client.put("/v1/systems/cmdb/draft/components/racks", json=racks)
    assert "cmdb 1.1.0: 4 components, added" in await terminal.done("release", "create", "cmdb", "--comment", "racks")


async def test_a_release_is_made_compared_activated_and_rolled_back(terminal: Terminal) -> None:
    await _second_release(terminal)
    assert (await terminal.done("release", "list", "cmdb")).splitlines()[0].startswith("1.1.0\t4 components")
    assert "+ racks\nNothing breaks callers" in await terminal.done("release", "diff", "cmdb", "1.0.0", "1.1.0")
    back = await terminal.done("release", "diff", "cmdb", "1.1.0", "1.0.0")
    assert "- racks  breaking" in back
    assert "Breaking" in back
    assert "release 1.1.0, live" in await terminal.done("stage", "activate", "cmdb", "prod", "1.1.0")
    back_again = json.loads(await terminal.done("stage", "rollback", "cmdb", "prod", "--comment", "oops", "--json"))
    assert (back_again["release"], back_again["live"]) == ("1.0.0", True)
    history = (await terminal.done("stage", "history", "cmdb", "prod")).splitlines()
    assert [line.split("\t")[1:3] for line in history] == [
        ["1.0.0", "rolled_back"], ["1.1.0", "activated"], ["1.0.0", "activated"],
    ]  # fmt: skip
    nothing = await terminal.run("stage", "rollback", "cmdb", "prod")
    assert nothing.exit_code == 1


async def test_a_document_is_imported_as_people_write_yaml(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text(
        "openapi: 3.0.3\ninfo: {title: Racks}\npaths:\n  /racks:\n    get:\n      operationId: racks\n"
        "      responses:\n"
        "        200: {description: ok, content: {application/json: {schema: {type: string, example: 2026-01-31}}}}\n"
    )
    upstream = ("--upstream", "http://127.0.0.1:9099")
    told = await terminal.done("system", "import", str(file), "--name", "racks", *upstream)
    assert told.startswith("racks: 1 components, release 1.0.0 on stage prod, live (revision ")
    component = (await terminal.management.client.get("/v1/systems/racks/components/racks")).json()
    assert component["response_schema"] == {"type": "string", "examples": ["2026-01-31"]}
    file.write_text("openapi: [")
    assert (await terminal.run("system", "import", str(file), "--name", "racks", *upstream)).exit_code == 2
    file.write_text("x: !!binary aGk=")
    assert "no form for" in (await terminal.run("system", "import", str(file), "--name", "racks", *upstream)).stderr


async def test_a_canary_is_begun_widened_shown_and_promoted(terminal: Terminal) -> None:
    await _second_release(terminal)
    assert "live" in await terminal.done("stage", "canary", "cmdb", "prod", "1.1.0", "--share", "5", "--app", "shop")
    await terminal.done("stage", "canary", "cmdb", "prod", "--share", "50")
    assert "1.1.0 on trial, 50 %, shop" in await terminal.done("stage", "canary", "cmdb", "prod")
    assert "prod\t1.0.0\tcanary 1.1.0 50 % shop" in await terminal.done("stage", "list", "cmdb")
    await terminal.done("stage", "canary", "cmdb", "prod", "--promote")
    assert "prod\t1.1.0\n" in await terminal.done("stage", "list", "cmdb")
    both = await terminal.run("stage", "canary", "cmdb", "prod", "--promote", "--end")
    assert both.exit_code == 2


async def test_a_stage_is_made_with_variables_of_its_own(terminal: Terminal) -> None:
    assert "test: release 1.0.0, live" in await terminal.done(
        "stage", "create", "cmdb", "test", "--variable", "area=eu", "--variable", "zone=1=2"
    )
    assert terminal.management.holder.current.systems["cmdb"].stages["test"].settings.variables == {
        "area": "eu",
        "zone": "1=2",
    }


async def test_a_system_lives_in_files(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "cmdb"
    assert "6 files" in await terminal.done("system", "export", "cmdb", str(folder))
    assert await terminal.done("system", "plan", str(folder)) == "No changes\n"
    component = folder / "components" / "list_hosts.yaml"
    component.write_text(yaml.safe_dump(yaml.safe_load(component.read_text()) | {"timeout": 5.0}))
    stage = folder / "stages" / "prod.yaml"
    stage.write_text(yaml.safe_dump(yaml.safe_load(stage.read_text()) | {"release": "1.0.1"}))
    planned = await terminal.done("system", "plan", str(folder))
    assert planned.splitlines() == [
        "~ component list_hosts", "    timeout: changes", "+ release 1.0.1", "    of the components",
        "~ stage prod", "    release: 1.0.0 becomes 1.0.1", "3 changes",
    ]  # fmt: skip
    refused = await terminal.run("system", "apply", str(folder), typed="n\n")
    assert refused.exit_code == 1
    assert terminal.management.holder.current.systems["cmdb"].stages["prod"].settings.release == "1.0.0"
    agreed = await terminal.run("system", "apply", str(folder), "--json", typed="y\n")
    answered = agreed.stdout[agreed.stdout.index("{") :]  # before it the runner writes what was typed
    assert json.loads(answered)["live"]
    assert "3 changes" in agreed.stderr
    assert terminal.management.holder.current.systems["cmdb"].stages["prod"].settings.release == "1.0.1"
    assert "No changes" in await terminal.done("system", "apply", str(folder))
    assert "cmdb: live" in await terminal.done("system", "apply", str(folder), "--yes")
    shutil.rmtree(folder / "stages")
    broken = await terminal.run("system", "plan", str(folder))
    assert broken.exit_code == 1


def test_a_folder_reads_back_as_it_was_written_without_what_was_there_before(tmp_path: Path) -> None:
    document_ = {
        "name": "cmdb",
        "title": "资产",
        "components": [{"name": "b", "path": "/b"}, {"name": "a", "path": "/a"}],
        "releases": [{"version": "1.0.0", "components": []}],
        "stages": [{"name": "prod"}],
    }
    assert write_folder({**document_, "stages": [{"name": "old"}]}, tmp_path) == 5
    write_folder(document_, tmp_path)
    assert read_folder(tmp_path) == document_
    (tmp_path / "components" / "c.yaml").write_text("name: c\n")
    assert [each["name"] for each in read_folder(tmp_path)["components"]] == ["b", "a", "c"]


@pytest.mark.parametrize("text", ["- a list", "a: [", "name: other", "\xff"])
def test_a_file_that_cannot_be_is_named(tmp_path: Path, text: str) -> None:
    write_folder({"name": "cmdb", "components": [], "releases": [], "stages": []}, tmp_path)
    (tmp_path / "components" / "find.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"find\.yaml"):
        read_folder(tmp_path)
