"""The commands against a served orchestrator: over a socket, as a person runs them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from kernel.contracts.plugin_invoker import CancelResult, CancelState
from kernel.services import KernelServices
from orchestrator.flow.blueking.archive import read_archive
from tests.orchestrator.flow.blueking.test_files import exported
from tests.orchestrator.flow.blueking.test_tree import activity, tree
from tests.support.orchestrator import OrchestratorHouse, flow_of, plugin_node, working_house
from tests.support.patience import until
from tests.support.served_app import served_app
from trunkline.cli import app

FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string"}, "n": {"type": "integer"}}}}
FLOW = flow_of(plugin_node("echo", name="Say it", inputs={"ip": "${inputs.ip}", "n": "${inputs.n}"}), form=FORM)


@dataclass(slots=True)
class Terminal:
    house: OrchestratorHouse
    url: str

    async def run(self, *arguments: str) -> Result:
        """A command in a thread of its own: it blocks, while the server lives in this loop."""
        environment = {"TRUNKLINE_URL": self.url, "TRUNKLINE_TOKEN": "admin"}
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments), env=environment))


@pytest.fixture
async def terminal(kernel: KernelServices) -> AsyncIterator[Terminal]:
    async with working_house(kernel) as house, served_app(house.app) as url:
        yield Terminal(house, url)


async def _imported(terminal: Terminal, folder: Path, *options: str) -> str:
    file = folder / "check.json"
    file.write_text(json.dumps(FLOW), encoding="utf-8")
    done = await terminal.run("flow", "import", "shop", str(file), "--json", *options)
    assert done.exit_code == 0, done.output
    flow: str = json.loads(done.stdout)["flow_id"]
    return flow


async def test_a_flow_is_imported_published_and_run_to_its_end(terminal: Terminal, tmp_path: Path) -> None:
    flow = await _imported(terminal, tmp_path, "--publish", "--name", "Check")
    ran = await terminal.run("flow", "run", flow, "-i", "ip=10.0.0.1", "-i", "n=7")
    assert ran.exit_code == 0, ran.output
    assert "FINISHED  Say it" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "FINISHED  Check"
    (call,) = (call for _, call in terminal.house.invoker.calls)
    assert call.inputs == {"ip": "10.0.0.1", "n": 7}


async def test_an_exported_flow_can_be_imported_again(terminal: Terminal, tmp_path: Path) -> None:
    flow = await _imported(terminal, tmp_path)
    file = tmp_path / "out.yaml"
    assert (await terminal.run("flow", "export", flow, "--output", str(file))).exit_code == 0
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert (written["format"], written["name"]) == ("trunkline-flow/1", "check")
    again = await terminal.run("flow", "import", "shop", str(file), "--flow", flow, "--json")
    assert json.loads(again.stdout)["flow_id"] == flow
    exported = json.loads((await terminal.run("flow", "export", flow)).stdout)
    assert exported == written


async def test_validation_names_each_problem_and_fails(terminal: Terminal) -> None:
    sound = await terminal.house.make_flow(FLOW)
    broken = await terminal.house.make_flow(flow_of(plugin_node("find", "gone")))
    assert (await terminal.run("flow", "validate", sound)).exit_code == 0
    refused = await terminal.run("flow", "validate", broken)
    assert refused.exit_code == 1
    assert "find.plugin: gone 1.0.0 is not installed" in refused.stdout


async def test_a_failing_task_is_followed_to_the_failure_then_retried(terminal: Terminal) -> None:
    flow = await terminal.house.publish(flow_of(plugin_node("look", "check", inputs={"ok": False})))
    started = json.loads((await terminal.run("task", "start", flow, "--json")).stdout)
    watched = await terminal.run("task", "watch", started["id"])
    assert watched.exit_code == 1
    assert "FAILED    look  not ok" in watched.stdout
    retried = await terminal.run("task", "retry", started["id"], "look", "-i", "ok=true")
    assert (retried.exit_code, "attempt 2" in retried.stdout) == (0, True)
    lines = (await terminal.run("task", "watch", started["id"], "--json")).stdout.splitlines()
    assert [node["state"] for node in map(json.loads, lines) if node["node_id"] == "look"] == ["FINISHED"]
    listed = json.loads((await terminal.run("task", "list", "shop", "--state", "FINISHED", "--json")).stdout)
    assert [task["id"] for task in listed] == [started["id"]]


async def test_a_task_is_paused_resumed_and_revoked(terminal: Terminal) -> None:
    task = await terminal.house.launch(flow_of(plugin_node("now", "hold"), plugin_node("look", "check")))
    await terminal.house.until(task, "RUNNING")
    assert "SUSPENDED" in (await terminal.run("task", "pause", task)).stdout
    assert "RUNNING" in (await terminal.run("task", "resume", task)).stdout
    refused = await terminal.run("task", "resume", task)
    assert (refused.exit_code, "cannot resume" in refused.stderr) == (1, True)
    terminal.house.invoker.release.set()
    await terminal.house.until(task, "FAILED")
    assert "SKIPPED" in (await terminal.run("task", "skip", task, "look")).stdout
    await terminal.house.until(task, "FINISHED")
    assert (await terminal.run("task", "revoke", task)).exit_code == 1


async def test_a_plugin_that_was_not_reached_after_a_revocation_is_told(terminal: Terminal) -> None:
    terminal.house.invoker.cancelled = CancelResult(CancelState.NOT_REACHED, "it would not stop")
    task = await terminal.house.launch(flow_of(plugin_node("act", "wait")))
    await terminal.house.until(task, "WAITING_CALLBACK", "act")
    assert (await terminal.run("task", "cancellations", task)).exit_code == 0
    assert (await terminal.run("task", "revoke", task)).exit_code == 0

    async def settled() -> bool:
        return "waiting" not in (await terminal.run("task", "cancellations", task)).stdout

    await until(settled)
    told = await terminal.run("task", "cancellations", task)
    assert (told.exit_code, told.stdout) == (1, "act\tnot_reached\tit would not stop\n")


async def test_wrong_inputs_are_told_and_start_nothing(terminal: Terminal) -> None:
    flow = await terminal.house.publish(FLOW)
    refused = await terminal.run("flow", "run", flow, "-i", "n=many")
    assert (refused.exit_code, "/inputs/n" in refused.stderr) == (1, True)
    assert (await terminal.run("flow", "run", flow, "-i", "n")).exit_code == 2
    assert (await terminal.run("task", "watch", "0" * 32)).exit_code == 1


async def test_an_export_of_standard_ops_becomes_flows_with_a_report(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "ops.dat"
    file.write_text(exported(), encoding="utf-8")
    done = await terminal.run("flow", "import", "shop", str(file), "--publish", "--json")
    assert done.exit_code == 0, done.output
    inner, outer = json.loads(done.stdout)["flows"]
    assert (inner["template"], outer["template"], outer["revision"], outer["remarks"]) == ("t2", "t1", 1, [])
    ran = await terminal.run("flow", "run", outer["flow_id"])
    assert ran.exit_code == 0, ran.output


async def test_a_pipeline_tree_is_imported_with_what_stands_for_its_components(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "tree.json"
    file.write_text(json.dumps(tree(activity("say_it", {"x": "${gone}"}))), encoding="utf-8")
    done = await terminal.run("flow", "import", "shop", str(file), "--plugin", "say_it=echo@1.0.0")
    assert done.exit_code == 0, done.output
    flow, remark = done.stdout.splitlines()
    assert flow.endswith("\ttree")
    assert remark == ("  open  activities.a.component.data.x: there is no variable 'gone' (character 1 of '${gone}')")
    assert (await terminal.run("flow", "import", "shop", str(file), "--plugin", "x")).exit_code == 2
    assert (await terminal.run("flow", "import", "shop", str(file), "--flow", "x")).exit_code == 2


async def test_a_flow_is_exported_for_standard_ops_with_what_it_runs_inside(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "two.dat"
    file.write_text(exported(), encoding="utf-8")
    inner, outer = json.loads((await terminal.run("flow", "import", "shop", str(file), "--json")).stdout)["flows"]
    done = await terminal.run("flow", "export", outer["flow_id"], "--format", "dat")
    assert done.exit_code == 0, done.output
    archive = read_archive(done.stdout)
    assert [template.id for template in archive.templates] == [inner["flow_id"], outer["flow_id"]]
    assert archive.intact
    one = await terminal.run("flow", "export", inner["flow_id"], "--format", "blueking")
    assert json.loads(one.stdout)["activities"]["a"]["component"]["code"] == "sleep_timer"
    written = await terminal.run("flow", "export", outer["flow_id"], "--format", "yaml", "--output", str(file))
    assert written.exit_code == 0, written.output
    documents = list(yaml.safe_load_all(file.read_text()))
    assert [document["meta"]["name"] for document in documents] == ["Inner", "Outer a/b"]
