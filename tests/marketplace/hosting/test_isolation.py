"""What is told of a machine is what it was found to allow: nothing is called enforced that isn't."""

from pathlib import Path

import pytest

from marketplace.hosting.isolation import isolation_from
from marketplace.hosting.sandbox.cgroup_places import Cgroups
from marketplace.hosting.sandbox.seccomp import AF_UNIX, filter_program
from marketplace.hosting.sandbox.spec import Bind, Limits, Spec, Walls

ALL = {"namespaces": True, "user": True, "landlock": 7, "seccomp": True}
USUAL = {"files", "memory", "network", "processes", "system_calls"}
NO_GROUPS = "no control groups are mounted"


@pytest.mark.parametrize(
    ("found", "walls", "enforced"),
    [
        (ALL, Walls.NAMESPACES, {*USUAL, "user"}),
        (ALL | {"user": False}, Walls.NAMESPACES, USUAL),
        (ALL | {"seccomp": False, "landlock": 0}, Walls.NAMESPACES, {*USUAL, "user"} - {"system_calls"}),
        (ALL | {"namespaces": False, "reason": "unshare: not permitted"}, Walls.LANDLOCK, USUAL),
        (ALL | {"namespaces": False, "landlock": 3}, Walls.LANDLOCK, USUAL - {"processes"}),
        (ALL | {"namespaces": False, "seccomp": False}, Walls.NONE, {"memory"}),
        ({"namespaces": False, "landlock": 0, "seccomp": True}, Walls.NONE, {"memory"}),
        ({"reason": "it can't be tried"}, Walls.NONE, {"memory"}),
    ],
)
def test_what_holds_is_told(found, walls, enforced):
    isolation = isolation_from(found, NO_GROUPS, is_root=True)
    assert isolation.walls is walls
    assert {measure.name for measure in isolation.measures if measure.enforced} == enforced
    assert isolation.own_user == ("user" in enforced)
    assert all(measure.detail.text for measure in isolation.measures)


def test_why_there_are_no_namespaces_is_told():
    isolation = isolation_from({"namespaces": False, "reason": "unshare: not permitted"}, NO_GROUPS, is_root=False)
    files = next(measure for measure in isolation.measures if measure.name == "files")
    assert "unshare: not permitted" in files.detail.text


@pytest.mark.parametrize("version", [1, 2])
def test_control_groups_hold_the_processor_and_which_is_told(version):
    groups = Cgroups(version, Path("/cpu"), Path("/memory"))
    isolation = isolation_from(ALL, groups, is_root=True)
    told = {measure.name: measure for measure in isolation.measures}
    assert (isolation.cgroups, told["processor"].enforced) == (groups, True)
    assert all(f"version {version}" in told[name].detail.text for name in ("memory", "processor"))


def test_without_control_groups_nothing_holds_the_processor_and_why_is_told():
    isolation = isolation_from(ALL, NO_GROUPS, is_root=True)
    processor = next(measure for measure in isolation.measures if measure.name == "processor")
    assert (isolation.cgroups, processor.enforced) == (None, False)
    assert NO_GROUPS in processor.detail.text


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_lands_inside_it(machine):
    program = filter_program([AF_UNIX], machine)
    steps = [program[start : start + 8] for start in range(0, len(program), 8)]
    for position, step in enumerate(steps):
        if step[0] & 0x07 == 0x05:  # a jump
            assert position + 1 + max(step[2], step[3]) < len(steps)
    assert steps[-1][0] == 0x06


def test_a_spec_survives_its_way_to_the_launcher():
    spec = Spec(
        Walls.NAMESPACES, ["/bin/true"], {"A": "ü"}, "/", Limits(1, 2, 3, 4, 5), "/root", 62_000,
        [Bind("/a", "/b", writable=True)], {"/bin": "usr/bin"}, 7, 8089, ["/sys/fs/cgroup/x/cgroup.procs"],
    )  # fmt: skip
    assert Spec.load(spec.dump()) == spec
