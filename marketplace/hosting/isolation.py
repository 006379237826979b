"""What this machine enforces on hosted plugins, told as it is."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Final

from marketplace.hosting.sandbox.cgroup_places import Cgroups, NoCgroups, cgroup_places
from marketplace.hosting.sandbox.cgroups import try_groups
from marketplace.hosting.sandbox.landlock import SIGNALS_FROM
from marketplace.hosting.sandbox.launch import PROBE
from marketplace.hosting.sandbox.spec import Walls

_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Measure:
    """Attributes:
    name: `files`, `network`, `processes`, `user`, `system_calls`, `memory`, `processor`.
    detail: what holds, or why nothing does.
    """

    name: str
    enforced: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Isolation:
    """Attributes:
    cgroups: where plugins get groups of their own, if anywhere.
    """

    walls: Walls
    measures: tuple[Measure, ...]
    cgroups: Cgroups | None = None

    @property
    def own_user(self) -> bool:
        return next(measure.enforced for measure in self.measures if measure.name == "user")


def find_isolation() -> Isolation:
    """Tries it, in a process of its own."""
    is_root = os.geteuid() == 0
    groups = _groups()
    try:
        return isolation_from(_asked(), groups, is_root=is_root)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return isolation_from({"reason": f"it can't be tried: {error}"}, groups, is_root=is_root)


def isolation_from(found: dict[str, object], groups: Cgroups | str, *, is_root: bool) -> Isolation:
    """What follows from what a machine was found to allow.

    Args:
        groups: where control groups can be made, or why they can't.
    """
    landlock, seccomp = int(str(found.get("landlock", 0))), found.get("seccomp") is True
    if found.get("namespaces") is True:
        walls = Walls.NAMESPACES
    elif landlock and seccomp:
        walls = Walls.LANDLOCK
    else:
        walls = Walls.NONE
    why = f"no namespaces here: {found.get('reason', 'not Linux')}"
    apart = walls is Walls.NAMESPACES
    user = found.get("user") is True and apart
    measures = (
        Measure("files", walls is not Walls.NONE, _files(walls, why)),
        Measure("network", walls is not Walls.NONE, _network(walls, why)),
        Measure(
            "processes", apart or (walls is Walls.LANDLOCK and landlock >= SIGNALS_FROM), _processes(walls, landlock)
        ),
        Measure("user", user, "a user of its own" if user else _shared_user(is_root=is_root)),
        Measure(
            "system_calls", seccomp and walls is not Walls.NONE, "seccomp" if seccomp else "no filter for this machine"
        ),
        Measure("memory", True, _memory(groups)),
        Measure("processor", isinstance(groups, Cgroups), _processor(groups)),
    )
    return Isolation(walls, measures, groups if isinstance(groups, Cgroups) else None)


def _memory(groups: Cgroups | str) -> str:
    if isinstance(groups, Cgroups):
        return f"all processes together by a control group (version {groups.version}), and a limit for each"
    return "a limit for each process, and all together are measured and ended beyond it"


def _processor(groups: Cgroups | str) -> str:
    if isinstance(groups, Cgroups):
        return f"all processes together by a control group (version {groups.version})"
    return f"comes after everything else (nice), no share is set: {groups}"


def _files(walls: Walls, why: str) -> str:
    return {
        Walls.NAMESPACES: "a root of its own: the interpreter, its code, its data",
        Walls.LANDLOCK: f"Landlock: the interpreter, its code, its data; {why}",
        Walls.NONE: why,
    }[walls]


def _network(walls: Walls, why: str) -> str:
    return {
        Walls.NAMESPACES: "the gateway alone",
        Walls.LANDLOCK: f"none at all, the gateway neither; {why}",
        Walls.NONE: why,
    }[walls]


def _processes(walls: Walls, landlock: int) -> str:
    if walls is Walls.NAMESPACES:
        return "it sees and signals its own alone"
    if walls is Walls.LANDLOCK and landlock >= SIGNALS_FROM:
        return "it signals its own alone"
    return "it may signal other processes of the same user"


def _shared_user(*, is_root: bool) -> str:
    if is_root:
        return "root without capabilities: another user couldn't reach its folder without a root of its own"
    return "the server's: only root may change to another"


def _groups() -> Cgroups | str:
    try:
        found = cgroup_places()
        try_groups(found)
    except NoCgroups as error:
        return str(error)
    except OSError as error:
        return f"no control group can be made: {error}"
    return found


def _asked() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-I", "-m", "marketplace.hosting.sandbox.launch", PROBE],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
            env={"PROBE_ROOT": folder},
        )
    found: dict[str, object] = json.loads(ran.stdout)
    return found
