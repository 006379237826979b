"""Mock runs, requests, mini-apps and the archive, as a person keeps them from a terminal."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kernel.services import KernelServices
from orchestrator.archive.archiver import Archiver
from tests.support.orchestrator import flow_of, plugin_node, working_house
from tests.support.patience import until
from tests.support.served_app import served_app
from tests.trunkline.cli.test_flow_and_task import FLOW, Terminal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def terminal(kernel: KernelServices) -> AsyncIterator[Terminal]:
    async with working_house(kernel) as house, served_app(house.app) as url:
        yield Terminal(house, url)


async def _json(terminal: Terminal, *arguments: str) -> Any:
    done = await terminal.run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def test_a_draft_is_run_on_recorded_answers(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(FLOW)
    assert (await terminal.run("flow", "run", flow, "-i", "ip=10.0.0.1", "-i", "n=7")).exit_code == 0
    called = len(terminal.house.invoker.calls)
    mocks = tmp_path / "mocks.json"
    mocks.write_text(json.dumps(await _json(terminal, "flow", "recorded", flow)))
    assert json.loads(mocks.read_text()) == {"echo": {"outputs": {"ip": "10.0.0.1", "n": 7}}}
    ran = await terminal.run("flow", "mock-run", flow, "-i", "ip=10.0.0.2", "-i", "n=7", "--mocks", str(mocks))
    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (0, "FINISHED  Check disks")
    assert len(terminal.house.invoker.calls) == called
    assert (await terminal.run("flow", "try-node", flow, "echo", "-i", "n=1")).exit_code == 1
    assert (await terminal.run("flow", "try-node", flow, "echo", "-i", "n=1", "--consent")).exit_code == 0
    assert len(terminal.house.invoker.calls) == called + 1


async def test_a_task_is_asked_for_and_run_by_somebody(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(FLOW)
    asked = await _json(terminal, "request", "submit", flow, "-i", "ip=10.0.0.1", "-i", "n=7", "--note", "soon")
    one = asked["id"]
    assert (await terminal.run("request", "claim", one)).exit_code == 0
    file = tmp_path / "inputs.yaml"
    file.write_text("ip: 10.0.0.2\nn: 7\n")
    adjusted = await terminal.run("request", "adjust", one, str(file))
    assert "  ip: 10.0.0.1 -> 10.0.0.2" in adjusted.stdout
    started = await _json(terminal, "request", "start", one)
    await terminal.house.until(started["task_id"], "FINISHED")
    listed = await terminal.run("request", "list", "shop", "--state", "started")
    assert f"{one}\tstarted\t" in listed.stdout
    assert (await terminal.run("request", "list", "--state", "submitted")).stdout == ""
    other = (await _json(terminal, "request", "submit", flow))["id"]
    refused = await terminal.run("request", "reject", other, "--comment", "not today")
    assert (refused.exit_code, "not today" in refused.stdout) == (0, True)
    assert (await terminal.run("request", "withdraw", other)).exit_code == 1


async def test_a_flow_is_published_as_an_app_and_used(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(FLOW)
    file = tmp_path / "app.yaml"
    file.write_text("name: Say it\nfixed: {ip: 10.0.0.9}\n")
    made = await terminal.run("mini-app", "create", flow, "say-it", str(file))
    assert made.stdout == "say-it\tSay it\tlatest revision\ton\tby role\t/apps/say-it\n"
    file.write_text("name: Say it all\nfixed: {ip: 10.0.0.9}\nopen_to_all: true\n")
    changed = await _json(terminal, "mini-app", "change", "say-it", str(file))
    assert (changed["name"], changed["open_to_all"]) == ("Say it all", True)
    assert "say-it\tSay it all\tlatest" in (await terminal.run("mini-app", "list", "shop")).stdout
    ran = await terminal.run("mini-app", "run", "say-it", "-i", "n=7")
    assert ran.exit_code == 0, ran.output
    (_, call) = terminal.house.invoker.calls[-1]
    assert call.inputs == {"ip": "10.0.0.9", "n": 7}
    (task,) = await _json(terminal, "mini-app", "tasks", "say-it")
    assert task["state"] == "FINISHED"
    assert (await terminal.run("mini-app", "delete", "say-it")).exit_code == 0
    assert (await terminal.run("mini-app", "show", "say-it")).exit_code == 1


async def test_archived_tasks_are_run_anew_and_kept_as_long_as_is_said(terminal: Terminal) -> None:
    house = terminal.house
    task = await house.launch(FLOW, {"ip": "10.0.0.1", "n": 7})
    await house.until(task, "FINISHED")
    kept = await terminal.run("archive", "keep", "shop", "--days", "1")
    assert kept.stdout == "as they are\t1 days\nin the archive\tfor ever\n"
    both = await _json(terminal, "archive", "keep", "shop", "--archive-days", "9")
    assert (both["days"], both["archive_days"]) == (1, 9)
    archiver = Archiver(house.database, house.kernel.clock, 1)
    await until(lambda: archiver.archive(task))
    again = await _json(terminal, "archive", "rerun", task, "--name", "Again")
    assert (again["name"], again["inputs"]) == ("Again", {"ip": "10.0.0.1", "n": 7})
    await house.until(again["id"], "FINISHED")
    assert (await _json(terminal, "archive", "keep", "shop", "--reset"))["own"] is False


async def test_a_trigger_is_tried_on_a_sample(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(flow_of(plugin_node("echo"), form=FLOW["form"]))
    trigger, sample = tmp_path / "trigger.yaml", tmp_path / "sample.json"
    trigger.write_text('kind: webhook\nname: alarms\ncondition: payload.level > 2\nmapping: {ip: "${payload.ip}"}\n')
    sample.write_text('{"level": 3, "ip": "10.0.0.1"}')
    tried = await terminal.run("trigger", "try", flow, str(trigger), str(sample))
    assert (tried.exit_code, "let through" in tried.stdout, "10.0.0.1" in tried.stdout) == (0, True, True)
    sample.write_text('{"level": 1}')
    assert (await terminal.run("trigger", "try", flow, str(trigger), str(sample))).exit_code == 1
