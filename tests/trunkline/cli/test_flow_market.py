import json
from pathlib import Path

from marketplace.package.package import read_package
from tests.marketplace.package.test_flow_package import packed
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT
from tests.trunkline.cli.test_flow_and_task import FLOW, Terminal, terminal

__all__ = ["terminal"]


async def test_a_flow_is_shared_and_taken_by_another_project(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(FLOW, "Say it")
    (tmp_path / "README.md").write_text("# Say it", encoding="utf-8")
    texts = ("--readme", str(tmp_path / "README.md"), "--changelog", str(tmp_path / "README.md"))
    shared = await terminal.run("flow", "share", flow, "say_it", "1.0.0", "--publisher", "acme", *texts)
    assert (shared.exit_code, "published" in shared.stdout) == (0, True), shared.output
    (wish,) = terminal.house.market.wishes
    assert (wish.name, wish.readme) == ({"en": "Say it", "zh": "Say it"}, "# Say it")
    wanted = ("bank", "say_it", "--version", "1.0.0")
    plan = await terminal.run("flow", "take", *wanted, "--plan")
    assert ("makes\tSay it" in plan.stdout, "needs\techo >=1.0.0 <2.0.0" in plan.stdout) == (True, True), plan.output
    terminal.house.plugins.by_project[OTHER_PROJECT.id] = [plugin("echo")]
    taken = await terminal.run("flow", "take", *wanted, "--publish", "--json")
    (made,) = json.loads(taken.stdout)
    assert (made["name"], made["revision"]) == ("Say it", 1)


async def test_a_flow_is_packed_and_signed_for_whoever_publishes_it(terminal: Terminal, tmp_path: Path) -> None:
    flow = await terminal.house.publish(FLOW, "Say it")
    terminal.house.market.archive = packed().archive
    (tmp_path / "README.md").write_text("# Say it", encoding="utf-8")
    key, out = tmp_path / "mine.pem", tmp_path / "say_it.zip"
    public = (await terminal.run("plugin", "key", str(key))).stdout.strip()
    texts = ("--readme", str(tmp_path / "README.md"), "--changelog", str(tmp_path / "README.md"))
    made = ("flow", "share", flow, "say_it", "1.0.0", "--publisher", "acme", *texts, "--out", str(out))
    done = await terminal.run(*made, "--key", str(key))
    assert (done.exit_code, done.stdout.startswith(str(out))) == (0, True), done.output
    package = read_package(out.read_bytes())
    assert [(each.key, each.holds(package.digest)) for each in package.signatures] == [(public, True)]
    assert (await terminal.run(*made)).exit_code == 0
    assert out.read_bytes() == terminal.house.market.archive, "as it is without a key"
    assert terminal.house.market.packages == {}, "nothing is published"


async def test_a_common_flow_is_run_in_another_project(terminal: Terminal) -> None:
    flow = await terminal.house.publish(FLOW, "Say it")
    await terminal.house.client.put(f"/flows/{flow}/common", json={})
    terminal.house.plugins.by_project[OTHER_PROJECT.id] = [plugin("echo", scopes=("echo:use",))]
    listed = await terminal.run("flow", "common", "bank", "--json")
    assert [each["name"] for each in json.loads(listed.stdout)] == ["Say it"]
    ran = await terminal.run("flow", "run", flow, "--project", "bank", "-i", "ip=x", "-i", "n=1")
    assert ran.exit_code == 0, ran.output
    (task,) = (await terminal.house.client.get("/projects/bank/tasks")).json()["items"]
    assert (task["common"], task["state"]) == (True, "FINISHED")
