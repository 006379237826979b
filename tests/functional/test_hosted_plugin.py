"""A plugin in Python that is uploaded, installed and run by a real server of two processes: driven, attacked."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.forking import Nursery
from tests.support.hosted_plugin import hosted_package
from tests.support.one_node_tasks import OneNodeTasks
from tests.support.patience import eventually
from tests.support.project import publish_flow
from tests.support.server import ServerProcess, free_port, migrated

MOST_PROCESSES = 200
FIRST_USER = 62_000


@dataclass(slots=True)
class Place(OneNodeTasks):
    server: ServerProcess

    def hosted(self) -> dict[str, Any]:
        found = self.admin.get("/hosted-plugins")["items"]
        return found[0] if found else {"state": "none"}

    def until(self, state: str) -> dict[str, Any]:
        for _ in range(600):
            if self.hosted()["state"] == state:
                return self.hosted()
            time.sleep(0.1)
        raise AssertionError(self.hosted())

    def kill_all(self) -> None:
        """All processes of the server at once, so that none ends anything in good order."""
        assert self.server.process is not None
        pid = self.server.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        self.server.kill()
        for child in map(int, children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        eventually(lambda: not any(state_of(int(child)) in "RSD" for child in children))
        # The kernel may take a moment longer to give the port back.
        eventually(lambda: not is_listened_on(self.server.port))

    def running(self) -> int:
        """The number of its process, which is started if there is none."""
        self.ask()
        pid: int = self.until("running")["pid"]
        return pid

    def ask(self, **data: Any) -> Any:
        """Choices for its form, from the plugin's own data API; on a connection of its own."""
        body = {"url": "/bk_plugin/plugin_api/choices/hosts/", "method": "POST", "data": data}
        api = self.server.admin()
        try:
            return api.post("/projects/shop/plugins/greet/versions/1.0.0/form-data", body)["data"]
        finally:
            api.close()


def is_listened_on(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("hosted")
    data = migrated(root / "data", sqlite_template)
    settings = {"TRUNKLINE_EMBEDDED_SYSTEMS": "false"}
    server = ServerProcess(data, free_port(), settings, workers=2, nursery=nursery)
    server.start()
    place = Place(server.admin(), server)
    try:
        place.admin.post("/projects", {"code": "shop", "name": "Shop", "description": ""})
        place.admin.upload("/plugins", hosted_package(root / "greet"))
        body = {"plugin": "greet", "version": "1.0.0", "consent_scopes": []}
        place.admin.post("/projects/shop/installs", body)
        yield place
    finally:
        assert server.stop() in {0, -signal.SIGTERM}


@pytest.mark.parametrize(
    ("how", "state", "steps"),
    [
        ("sync", "FINISHED", ["EMPTY"]),
        ("poll", "FINISHED", ["EMPTY", "POLL", "POLL"]),
        ("error", "FAILED", ["EMPTY"]),
    ],
)
def test_an_upload_and_an_install_are_all_it_takes(place, how, state, steps):
    task = place.launch(how)
    assert place.ended(task) == state, place.node(task)["error"]
    node = place.node(task)
    if state == "FINISHED":
        assert (node["outputs"]["steps"], node["outputs"]["who"]) == (steps, "admin")
    else:
        assert "it was told to fail" in node["error"]


def test_both_processes_of_the_server_reach_the_one_that_either_has_started(place):
    """By their own kernel's choice: each call comes on a connection of its own."""
    pid = place.running()
    for asked in range(20):
        assert place.ask(number=asked) == {"kind": "hosts", "who": "admin", "asked": {"number": asked}}
    assert plugin_processes(place) == [pid]
    os.utime(next((place.server.data_dir / "plugins").glob("greet-*")) / "used", (0, 0))
    assert place.until("idle")["pid"] == 0
    assert plugin_processes(place) == []
    assert place.ask(number=20)["asked"] == {"number": 20}
    assert plugin_processes(place) == [place.running()]


def test_a_project_with_much_to_do_keeps_no_other_waiting(place):
    place.admin.post("/projects", {"code": "late", "name": "Late", "description": ""})
    place.admin.post("/projects/late/installs", {"plugin": "greet", "version": "1.0.0", "consent_scopes": []})
    many, one = (publish_flow(place.admin, code, "Busy", busy(nodes)) for code, nodes in (("shop", 150), ("late", 1)))
    task = place.admin.post(f"/flows/{many}/tasks", {"inputs": {}})["id"]

    def left() -> int:
        nodes = place.admin.get(f"/tasks/{task}")["nodes"].values()
        return sum(node["node_id"].startswith("act") and node["state"] != "FINISHED" for node in nodes)

    before = left()
    assert place.ask(number=1)["asked"] == {"number": 1}
    late = place.admin.post(f"/flows/{one}/tasks", {"inputs": {}})["id"]
    assert place.ended(late) == "FINISHED"
    assert left() > before / 2
    assert place.ended(task) == "FINISHED"


def busy(count: int) -> dict[str, Any]:
    """A flow of so many nodes beside each other, each with something to compute."""
    plugin = {"kind": "plugin", "plugin": "greet", "version": "1.0.0", "inputs": {"how": "busy"}}
    acts = [{"id": f"act{number}", **plugin} for number in range(count)]
    around = [("start", "start"), ("fork", "parallel"), ("meet", "join"), ("end", "end")]
    ways = [("start", "fork"), ("meet", "end")]
    ways += [way for act in acts for way in (("fork", act["id"]), (act["id"], "meet"))]
    return {
        "nodes": [*({"id": name, "kind": kind} for name, kind in around), *acts],
        "edges": [{"id": f"e{number}", "source": a, "target": b} for number, (a, b) in enumerate(ways)],
    }


def test_a_callback_comes_in_through_the_gateway_and_the_end_is_told_there(place):
    task = place.launch("callback")
    eventually(lambda: (place.node(task).get("outputs") or {}).get("url"))
    url = place.node(task)["outputs"]["url"]
    assert url.startswith(f"{place.server.url}/api/hosted-plugins/prod/greet/1.0.0/bk_plugin/callback/")
    refused = httpx.post(url, content=b"[" * 10_000 + b"]" * 10_000, headers={"Content-Type": "application/json"})
    assert (refused.status_code, "the body is not valid JSON" in refused.json()["message"]) == (400, True)
    assert httpx.post(url, json={"done": True}).json() == {"result": True, "message": "callback success"}
    assert place.ended(task) == "FINISHED"
    assert place.node(task)["outputs"]["steps"] == ["EMPTY", "CALLBACK"]


def test_the_plugin_of_a_revoked_task_is_told_and_ends_the_run(place):
    node = place.revoked("long")
    assert (node["cancellation"]["state"], node["cancellation"]["reason"]) == ("cancelled", "")
    assert node["error"] == "greet failed: cancelled"


def test_a_crash_fails_the_node_and_the_process_is_started_again(place):
    task = place.launch("crash")
    assert place.ended(task) == "FAILED"
    assert "its process ended while it was asked" in place.node(task)["error"]
    eventually(lambda: place.hosted()["restarts"] >= 1 and place.hosted()["state"] == "running")
    assert place.ended(place.launch("sync")) == "FINISHED"


def test_runs_that_wait_survive_the_server_being_killed_and_nothing_of_it_does(place):
    task = place.launch("patient")
    eventually(lambda: place.node(task).get("outputs"))
    assert plugin_processes(place)
    place.kill_all()
    eventually(lambda: not plugin_processes(place))
    place.server.start()
    assert place.ended(task) == "FINISHED"
    assert place.node(task)["outputs"]["steps"] == ["EMPTY", "POLL"]


def plugin_processes(place):
    """Those whose command names the folder of this server, or that its launcher started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
        except OSError:
            continue
        if b"marketplace.hosting.sandbox.launch" in command and str(place.server.data_dir).encode() in command:
            found.append(int(entry.name))
    return found


def stat_of(pid):
    """The fields of proc(5)'s stat behind the command: the state, the parent."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()


def state_of(pid):
    try:
        return stat_of(pid)[0]
    except OSError:
        return "X"


def owner(pid):
    """The process of the server that has started it."""
    return int(stat_of(pid)[1])


def test_a_process_of_the_server_that_is_killed_takes_it_along_and_another_starts_it_again(place):
    pid, killed = place.running(), owner(place.running())
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: place.hosted()["pid"] not in {0, pid} and place.hosted()["state"] == "running")
    assert plugin_processes(place) == [place.hosted()["pid"]]
    assert owner(place.hosted()["pid"]) != killed
    assert place.ended(place.launch("sync")) == "FINISHED"


def test_what_it_may_not_it_can_not(place):
    told = {each["name"]: each for each in place.admin.get("/plugin-hosting")["measures"]}
    data = place.server.data_dir
    task = place.launch(
        "attack",
        places=[str(data), str(data / "secrets.env"), str(data / "trunkline.db"), "/etc/shadow", str(data.parent)],
        ports=[place.server.port],
    )
    assert place.ended(task) == "FINISHED", place.node(task)
    report = place.node(task)["outputs"]["report"]
    assert report["own_write"]
    assert (report["memory"], report["nice"]) == (0, min(os.nice(0) + 10, 19))
    assert report["children"] < MOST_PROCESSES
    assert not set(report["secrets"]) - {"TRUNKLINE_GATEWAY_URL"}
    if told["files"]["enforced"]:
        assert (report["read"], report["wrote"]) == ([], [])
    if told["network"]["enforced"]:
        assert not report["connected"]
        assert not report["internet"]
        assert not report["udp"]
        assert report["management"] in {None, 403}
    if told["processes"]["enforced"]:
        assert report["sees"] == []
    if told["user"]["enforced"]:
        assert report["user"] >= FIRST_USER
    if told["system_calls"]["enforced"]:
        assert not report["unshared"]
    lines = place.admin.get("/hosted-plugins/greet/versions/1.0.0/log")["lines"]
    assert "hunter22" not in "\n".join(lines)
    assert any("attack says password=********" in line for line in lines)
