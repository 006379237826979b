"""Schedules and triggers, as a person keeps them from a terminal."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.services import KernelServices
from tests.support.orchestrator import working_house
from tests.support.served_app import served_app
from tests.trunkline.cli.test_flow_and_task import FLOW, Terminal

HOOK = {"kind": "webhook", "name": "alarms", "mapping": {"ip": "${payload.ip}"}}


@pytest.fixture
async def terminal(kernel: KernelServices) -> AsyncIterator[Terminal]:
    async with working_house(kernel) as house, served_app(house.app) as url:
        yield Terminal(house, url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_schedules_and_triggers_are_kept_by_commands(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(FLOW)
    made = await terminal.run("schedule", "create", flow, "nightly", "--cron", "0 3 * * *", "-i", "n=3", "--json")
    assert made.exit_code == 0, made.output
    schedule = json.loads(made.output)
    assert (schedule["inputs"], schedule["overlap"]) == ({"n": 3}, "skip")
    listed = await terminal.run("schedule", "list", "shop")
    assert f"{schedule['id']}\t0 3 * * * UTC" in listed.output
    # The owner is no administrator by a role here: his start is refused, and the command says so.
    run = await terminal.run("schedule", "run", schedule["id"])
    assert (run.exit_code, "refused" in run.output) == (1, True)
    off = await terminal.run("schedule", "disable", schedule["id"])
    assert "\toff\t" in off.output
    shown = await terminal.run("schedule", "show", schedule["id"])
    assert "admin lacks flow.launch" in shown.output
    preview = await terminal.run("schedule", "preview", "0 3 * * *", "--zone", "Asia/Shanghai", "--count", "2")
    assert [line[10:] for line in preview.output.split()] == ["T19:00:00Z", "T19:00:00Z"]
    assert (await terminal.run("schedule", "create", flow, "nothing")).exit_code == 2
    wrong = await terminal.run("schedule", "preview", "nonsense")
    assert (wrong.exit_code, "cron" in wrong.output) == (1, True)
    file = tmp_path / "hook.json"
    file.write_text(json.dumps(HOOK))
    trigger = await terminal.run("trigger", "create", flow, str(file))
    assert "/v1/hooks/" in trigger.output
    assert "whsec_" in trigger.output
    identifier = trigger.output.split("\t")[0]
    assert "whsec_" in (await terminal.run("trigger", "rotate-secret", identifier)).output
    assert "\toff\t" in (await terminal.run("trigger", "disable", identifier)).output
    assert identifier in (await terminal.run("trigger", "list", "shop")).output
    for kind, each in (("schedule", schedule["id"]), ("trigger", identifier)):
        assert (await terminal.run(kind, "delete", each)).exit_code == 0
