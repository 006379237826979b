"""What this machine enforces on hosted plugins, told as it is."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Final

from kernel.wording import Said, Wordings
from marketplace.hosting.sandbox.cgroup_places import Cgroups, NoCgroups, cgroup_places
from marketplace.hosting.sandbox.cgroups import try_groups
from marketplace.hosting.sandbox.landlock import SIGNALS_FROM
from marketplace.hosting.sandbox.launch import PROBE
from marketplace.hosting.sandbox.spec import Walls

_SECONDS: Final = 30

MEASURES: Final = Wordings("hosting")
_OWN_USER = MEASURES.add("own_user", "a user of its own")
_ROOT = MEASURES.add(
    "root", "root without capabilities: another user couldn't reach its folder without a root of its own"
)
_SERVERS_USER = MEASURES.add("servers_user", "the server's: only root may change to another")
_SECCOMP = MEASURES.add("seccomp", "seccomp")
_NO_SECCOMP = MEASURES.add("no_seccomp", "no filter for this machine")
_GROUP_AND_LIMITS = MEASURES.add(
    "group_and_limits", "all processes together by a control group (version {version}), and a limit for each"
)
_LIMITS = MEASURES.add("limits", "a limit for each process, and all together are measured and ended beyond it")
_GROUP = MEASURES.add("group", "all processes together by a control group (version {version})")
_NICE = MEASURES.add("nice", "comes after everything else (nice), no share is set: {why}")
_NOTHING = MEASURES.add("nothing", "no namespaces here: {why}")
_OWN_ROOT = MEASURES.add("own_root", "a root of its own: the interpreter, its code, its data")
_LANDLOCK = MEASURES.add("landlock", "Landlock: the interpreter, its code, its data; no namespaces here: {why}")
_GATEWAY_ALONE = MEASURES.add("gateway_alone", "the gateway alone")
_NO_NETWORK = MEASURES.add("no_network", "none at all, the gateway neither; no namespaces here: {why}")
_SEES_OWN = MEASURES.add("sees_own", "it sees and signals its own alone")
_SIGNALS_OWN = MEASURES.add("signals_own", "it signals its own alone")
_SIGNALS_OTHERS = MEASURES.add("signals_others", "it may signal other processes of the same user")


@dataclass(frozen=True, slots=True)
class Measure:
    """Attributes:
    name: `files`, `network`, `processes`, `user`, `system_calls`, `memory`, `processor`.
    detail: what holds, or why nothing does.
    """

    name: str
    enforced: bool
    detail: Said


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
    why = str(found.get("reason", "not Linux"))
    apart = walls is Walls.NAMESPACES
    user = found.get("user") is True and apart
    measures = (
        Measure("files", walls is not Walls.NONE, _files(walls, why)),
        Measure("network", walls is not Walls.NONE, _network(walls, why)),
        Measure(
            "processes", apart or (walls is Walls.LANDLOCK and landlock >= SIGNALS_FROM), _processes(walls, landlock)
        ),
        Measure("user", user, _OWN_USER.said() if user else (_ROOT if is_root else _SERVERS_USER).said()),
        Measure("system_calls", seccomp and walls is not Walls.NONE, (_SECCOMP if seccomp else _NO_SECCOMP).said()),
        Measure("memory", True, _memory(groups)),
        Measure("processor", isinstance(groups, Cgroups), _processor(groups)),
    )
    return Isolation(walls, measures, groups if isinstance(groups, Cgroups) else None)


def _memory(groups: Cgroups | str) -> Said:
    return _GROUP_AND_LIMITS.said(version=groups.version) if isinstance(groups, Cgroups) else _LIMITS.said()


def _processor(groups: Cgroups | str) -> Said:
    return _GROUP.said(version=groups.version) if isinstance(groups, Cgroups) else _NICE.said(why=groups)


def _files(walls: Walls, why: str) -> Said:
    if walls is Walls.NAMESPACES:
        return _OWN_ROOT.said()
    return (_LANDLOCK if walls is Walls.LANDLOCK else _NOTHING).said(why=why)


def _network(walls: Walls, why: str) -> Said:
    if walls is Walls.NAMESPACES:
        return _GATEWAY_ALONE.said()
    return (_NO_NETWORK if walls is Walls.LANDLOCK else _NOTHING).said(why=why)


def _processes(walls: Walls, landlock: int) -> Said:
    if walls is Walls.NAMESPACES:
        return _SEES_OWN.said()
    if walls is Walls.LANDLOCK and landlock >= SIGNALS_FROM:
        return _SIGNALS_OWN.said()
    return _SIGNALS_OTHERS.said()


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
