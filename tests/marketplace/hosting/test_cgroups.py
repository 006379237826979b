"""Control groups as both versions of the kernel's interface lay them out, and those of this machine if it has any."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.hosting.leftovers import end_groups_of_nobody, remember_group
from marketplace.hosting.sandbox.cgroup_places import Cgroups, NoCgroups, cgroup_places
from marketplace.hosting.sandbox.cgroups import Caps, Group, make_group

CAPS = Caps(0.5, 64 * 1024 * 1024, 9)
FIRST = (
    "30 1 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "31 1 0:29 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)
SECOND = "30 1 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
ROOT = Path("sys/fs/cgroup")


def machine(folder: Path, mounts: str, groups: str) -> Path:
    own = folder / "proc/self"
    own.mkdir(parents=True)
    (own / "mountinfo").write_text(f"29 1 0:27 / /proc rw - proc proc rw\n{mounts}", encoding="utf-8")
    (own / "cgroup").write_text(groups, encoding="utf-8")
    return folder


def second(folder: Path, group: str, inside: str, controllers: str = "cpuset cpu io memory pids") -> Path:
    """A machine of version 2, with two processes in this server's group."""
    place = machine(folder, SECOND, f"0::{group}\n") / ROOT / inside
    place.mkdir(parents=True)
    for name, text in (("controllers", controllers), ("subtree_control", ""), ("procs", "7\n9\n"), ("type", "domain")):
        (place / f"cgroup.{name}").write_text(text, encoding="ascii")
    return place


@pytest.mark.parametrize(
    ("root", "group", "found"),
    [("/", "/", "."), ("/", "/a/b", "a/b"), ("/docker/1", "/docker/1", "."), ("/docker/1", "/docker/1/x", "x")],
)
def test_version_1_has_a_folder_for_each_controller(tmp_path, root, group, found):
    place = machine(tmp_path, FIRST.format(root=root), f"5:memory:{group}\n4:cpu,cpuacct:/\n0::/\n")
    assert cgroup_places(place) == Cgroups(1, place / ROOT / "cpu,cpuacct", place / ROOT / "memory" / found)


def test_version_1_is_capped_by_quota_and_limit(tmp_path):
    place = Cgroups(1, tmp_path / "cpu", tmp_path / "memory", tmp_path / "pids")
    for folder in (place.cpu, place.memory, place.pids):
        folder.mkdir()
    group = make_group(place, "x", CAPS)
    assert group.entries == [str(tmp_path / name / "x/cgroup.procs") for name in ("cpu", "memory", "pids")]
    told = {file.name: file.read_text() for folder in group.folders for file in folder.iterdir()}
    assert told == {
        "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000", "memory.limit_in_bytes": str(CAPS.memory),
        "pids.max": "9",
    }  # fmt: skip


def test_a_container_of_version_2_moves_its_processes_and_hands_controllers_down(tmp_path):
    place = second(tmp_path, "/", ".")
    assert cgroup_places(tmp_path) == Cgroups(2, place, place, place)
    assert (place / "trunkline-server/cgroup.procs").read_text() in {"7", "9"}
    assert (place / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"


def test_a_server_that_has_moved_finds_the_same_place(tmp_path):
    place = second(tmp_path, "/trunkline-server", ".")
    (place / "cgroup.subtree_control").write_text("cpu memory pids", encoding="ascii")
    assert cgroup_places(tmp_path) == Cgroups(2, place, place, place)
    assert not (place / "trunkline-server").exists()


def test_a_unit_of_version_2_is_divided_only_where_it_is_delegated(tmp_path, monkeypatch):
    place = second(tmp_path, "/system.slice/trunkline.service", "system.slice/trunkline.service")
    with pytest.raises(NoCgroups, match="Delegate=yes"):
        cgroup_places(tmp_path)
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"1" if (path, name) == (place, "user.delegate") else b"0")
    assert cgroup_places(tmp_path).cpu == place
    group = make_group(cgroup_places(tmp_path), "x", CAPS)
    told = {file.name: file.read_text() for folder in group.folders for file in folder.iterdir()}
    assert told == {"cpu.max": "50000 100000", "memory.max": str(CAPS.memory), "pids.max": "9"}


@pytest.mark.parametrize(
    ("mounts", "groups", "reason"),
    [
        ("", "0::/\n", "no control groups are mounted"),
        (FIRST.format(root="/").splitlines()[0], "5:memory:/\n4:cpu:/\n", "no group of memory is mounted"),
        (SECOND, "0::/\n", "can't be looked at"),
    ],
)
def test_what_is_missing_is_told(tmp_path, mounts, groups, reason):
    with pytest.raises(NoCgroups, match=reason):
        cgroup_places(machine(tmp_path, mounts, groups))


def test_controllers_that_are_not_given_are_told(tmp_path):
    place = second(tmp_path, "/", ".", controllers="memory pids")
    with pytest.raises(NoCgroups, match="is given no cpu"):
        cgroup_places(tmp_path)
    (place / "cgroup.controllers").write_text("cpu memory", encoding="ascii")
    assert cgroup_places(tmp_path) == Cgroups(2, place, place)


@pytest.mark.parametrize(
    ("file", "text", "ran_out"),
    [
        ("memory.events", "low 0\noom 1\noom_kill 2\n", True),
        ("memory.events", "low 0\noom 1\noom_kill 0\n", False),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", True),
        ("other", "", False),
    ],
)
def test_whom_the_kernel_ended_for_memory_is_known(tmp_path, file, text, ran_out):
    (tmp_path / file).write_text(text, encoding="ascii")
    assert Group((tmp_path,)).ran_out_of_memory() is ran_out


def test_a_group_that_cannot_be_capped_is_not_left(tmp_path):
    (tmp_path / "memory").touch()
    with pytest.raises(OSError, match="memory"):
        make_group(Cgroups(1, tmp_path, tmp_path / "memory"), "x", CAPS)
    assert not (tmp_path / "x").exists()


def test_what_an_earlier_server_left_goes_with_all_that_is_in_it(tmp_path, isolation):
    """On this machine's own groups, where it has any; where it has none, it says why."""
    processor = next(measure for measure in isolation.measures if measure.name == "processor")
    assert processor.enforced is (isolation.cgroups is not None)
    assert isolation.cgroups is not None or "no share is set: " in processor.detail.text
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        places = isolation.cgroups or Cgroups(2, tmp_path, tmp_path)
        group = make_group(places, f"trunkline-test-{os.getpid()}", CAPS)
        if isolation.cgroups is not None:
            for entry in group.entries:
                Path(entry).write_text(str(child.pid), encoding="ascii")
        (tmp_path / "greet").mkdir()
        remember_group(tmp_path / "greet/groups", group)
        if isolation.cgroups is None:
            for folder in group.folders:
                for file in folder.iterdir():
                    file.unlink()  # the kernel's own files go with their folder
        end_groups_of_nobody(tmp_path)
        assert not any(folder.exists() for folder in group.folders)
        assert not (tmp_path / "greet/groups").exists()
        assert isolation.cgroups is None or child.wait(30) == -signal.SIGKILL
    finally:
        child.kill()
        child.wait()
