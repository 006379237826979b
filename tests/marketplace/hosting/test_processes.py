"""A plugin's process behind each kind of walls: it answers, it is held, it ends with all that it began."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from marketplace.hosting.bounded import ask
from marketplace.hosting.environment.folders import HostedFolder
from marketplace.hosting.environment.kit_layer import KIT_NEEDS, kit_layer
from marketplace.hosting.environment.preparing import Preparer, PreparingFailed
from marketplace.hosting.environment.users import user_of
from marketplace.hosting.leftovers import end_leftovers, remember
from marketplace.hosting.log import PluginLog, last_lines
from marketplace.hosting.measuring import all_processes, folder_size, usage_of
from marketplace.hosting.process import HostedProcess, NotStarted, Standing
from marketplace.hosting.sandbox.landlock import landlock_version
from marketplace.hosting.sandbox.spec import Walls
from marketplace.package.archive import read_archive, write_archive
from marketplace.package.limits import REQUIREMENTS
from tests.support.patience import eventually

CALLER = {"x-trunkline-app": "flows", "x-trunkline-user": "admin"}


@pytest.fixture(scope="module")
def folder(hosting, package):
    found = HostedFolder(hosting.base, "greet", "1.0.0", "sha256:" + "0" * 64)
    Preparer().prepare(found, package)
    return found


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("s", encoding="utf-8")
    return path


def with_requirements(package, text):
    return write_archive(read_archive(package) | {REQUIREMENTS: text.encode()})


def process_in(folder, hosting, walls, isolation):
    user = user_of(folder) if walls is Walls.NAMESPACES and isolation.own_user else None
    if user is None:
        subprocess.run(["/bin/chown", "-R", str(os.geteuid()), str(folder.data)], check=True)
    standing = Standing(folder, kit_layer(hosting.base), walls, user, isolation.cgroups)
    return HostedProcess(standing, hosting, PluginLog(folder.log))


async def invoke(process, **inputs: object):
    body = {"inputs": inputs, "context": {"executor": "admin"}}
    headers = CALLER | {"content-type": "application/json"}
    content = json.dumps(body).encode()
    answer = await ask(process.peer, "POST", "/bk_plugin/invoke/1.0.0", most=100_000, content=content, headers=headers)
    return json.loads(answer.content)["data"]


async def test_behind_the_walls_of_this_machine_it_does_its_work(folder, hosting, isolation):
    process = process_in(folder, hosting, isolation.walls, isolation)
    await process.start()
    try:
        done = await invoke(process, how="sync")
        assert (done["state"], done["outputs"]["who"]) == (4, "admin")
        assert await process.waiting() == 0
        await invoke(process, how="patient")
        assert await process.waiting() == 1
        usage = usage_of(process.pid, all_processes())
        assert 10_000_000 < usage.memory < hosting.memory
        assert folder_size(folder.data) > 0
        assert held_by_groups(folder, process.pid) is (isolation.cgroups is not None)
    finally:
        await process.stop()
    assert not process.is_alive
    assert not folder.groups.exists()
    assert any("sync says password=********" in line for line in last_lines(folder.log, 50))


def held_by_groups(folder, pid):
    """Whether its launcher, and with it all that it starts, is in the group that was made for it."""
    if not folder.groups.exists():
        return False
    made = [Path(line) for line in folder.groups.read_text(encoding="utf-8").splitlines()]
    return all(str(pid) in (place / "cgroup.procs").read_text(encoding="ascii").split() for place in made)


async def test_behind_landlock_it_is_held_where_there_is_any(folder, hosting, isolation, secret):
    """Where there is none, it can't be started behind it, and nothing says that it could."""
    process = process_in(folder, hosting, Walls.LANDLOCK, isolation)
    if not landlock_version():
        with pytest.raises(NotStarted, match="its log tells more"):
            await process.start()
        assert isolation.walls is not Walls.LANDLOCK
        return
    report = await attacked(process, secret)
    assert (report["read"], report["wrote"], report["unshared"]) == ([], [], False)
    assert (report["connected"], report["internet"], report["udp"]) == ([], False, False)


async def test_where_nothing_holds_it_limits_do(folder, hosting, isolation, secret):
    process = process_in(folder, hosting, Walls.NONE, isolation)
    report = await attacked(process, secret)
    assert report["read"] == [str(secret), str(secret.parent)]


async def attacked(process, secret):
    await process.start()
    try:
        done = await invoke(process, how="attack", places=[str(secret), str(secret.parent)], ports=[1])
    finally:
        await process.stop()
    report = done["outputs"]["report"]
    assert (report["own_write"], report["memory"], report["nice"], report["secrets"]) == (True, 0, 10, [])
    return report


async def test_code_that_cannot_be_imported_is_told_and_leaves_nothing(hosting, isolation, package):
    folder = HostedFolder(hosting.base, "broken", "1.0.0", "sha256:" + "1" * 64)
    Preparer().prepare(folder, package)
    (folder.code / "bk_plugin/versions/v1_0_0.py").write_text("raise RuntimeError('no')", encoding="utf-8")
    process = process_in(folder, hosting, isolation.walls, isolation)
    with pytest.raises(NotStarted, match="can't be started"):
        await process.start()
    assert not process.is_alive
    assert any("RuntimeError: no" in line for line in last_lines(folder.log, 20))


def test_requirements_that_are_not_pinned_are_refused_before_anything_is_installed(hosting, package):
    folder = HostedFolder(hosting.base, "loose", "1.0.0", "sha256:" + "2" * 64)
    with pytest.raises(PreparingFailed, match="not pinned"):
        Preparer().prepare(folder, with_requirements(package, "six\n"))
    assert not folder.ready.exists()


def test_requirements_come_from_a_folder_of_wheels_where_there_is_one(hosting, package, tmp_path):
    folder = HostedFolder(hosting.base, "wheels", "1.0.0", "sha256:" + "3" * 64)
    pinned = f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n"
    with pytest.raises(PreparingFailed, match="no-such-package"):
        Preparer(tmp_path).prepare(folder, with_requirements(package, pinned))


def test_the_kit_needs_what_its_distribution_says():
    asked = tomllib.loads(Path("marketplace/kit/pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {text.split(">=")[0] for text in asked} == set(KIT_NEEDS)


def test_memory_that_processes_share_counts_once(tmp_path):
    """Forty megabytes that eight processes have in common are no three hundred."""
    script = (
        "import os, time\nheld = b'x' * 40_000_000\n"
        "for _ in range(7):\n    if os.fork() == 0:\n        break\n"
        f"open({str(tmp_path)!r} + f'/{{os.getpid()}}', 'w').close()\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    try:
        eventually(lambda: len(list(tmp_path.iterdir())) == 8)
        roughly = usage_of(parent.pid, all_processes())
        closely = usage_of(parent.pid, all_processes(), suspicious=1)
        assert roughly.memory > 300_000_000
        assert 40_000_000 < closely.memory < 150_000_000
        assert (roughly.processes, closely.processes) == (8, 8)
    finally:
        os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()


def test_what_an_earlier_life_left_is_ended_and_nothing_else(tmp_path):
    script = f"import os, time; os.fork(); open({str(tmp_path / 'up')!r}, 'w').close(); time.sleep(60)"
    leader = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        eventually(lambda: (tmp_path / "up").exists() and usage_of(leader.pid, all_processes()).processes == 2)
        remember(tmp_path / "process", leader.pid)
        leader.kill()
        leader.wait()
        assert end_leftovers(tmp_path / "process") == 1
        assert other.poll() is None
        assert end_leftovers(tmp_path / "process") == 0
    finally:
        other.kill()
        other.wait()
