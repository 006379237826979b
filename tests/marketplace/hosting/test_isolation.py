"""What is told of a machine is what it was found to allow: nothing is called enforced that isn't."""

import pytest

from marketplace.hosting.isolation import isolation_from
from marketplace.hosting.sandbox.seccomp import AF_UNIX, filter_program
from marketplace.hosting.sandbox.spec import Bind, Limits, Spec, Walls

ALL = {"namespaces": True, "user": True, "landlock": 7, "seccomp": True}
USUAL = {"files", "memory", "network", "processes", "system_calls"}


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
    isolation = isolation_from(found, is_root=True)
    assert isolation.walls is walls
    assert {measure.name for measure in isolation.measures if measure.enforced} == enforced
    assert isolation.own_user == ("user" in enforced)
    assert all(measure.detail for measure in isolation.measures)


def test_why_there_are_no_namespaces_is_told():
    isolation = isolation_from({"namespaces": False, "reason": "unshare: not permitted"}, is_root=False)
    files = next(measure for measure in isolation.measures if measure.name == "files")
    assert "unshare: not permitted" in files.detail


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
        [Bind("/a", "/b", writable=True)], {"/bin": "usr/bin"}, 7, 8089,
    )  # fmt: skip
    assert Spec.load(spec.dump()) == spec
