"""Becomes a plugin's process: gives up what a plugin may not have, then executes it.

Run by the supervisor as `python -I -m marketplace.hosting.sandbox.launch SPEC`. Whoever started it is its parent: when
that ends, however it does, so does the plugin.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from marketplace.hosting.sandbox import seccomp
from marketplace.hosting.sandbox.landlock import allow_only, landlock_version
from marketplace.hosting.sandbox.namespaces import change_root, enter_namespaces, raise_loopback
from marketplace.hosting.sandbox.spec import Limits, Spec, Walls
from marketplace.hosting.sandbox.system_calls import PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, prctl

PROBE: Final = "probe"
FIRST_USER: Final = 62_000
"""Of those that hosted plugins run as, where the server is root."""
_PR_CAPBSET_DROP: Final = 24
_NO_USER: Final = 3
_MOST_CAPABILITIES: Final = 64
_STACK: Final = 2 * 1024 * 1024
_FAMILIES: Final = {
    Walls.NAMESPACES: (seccomp.AF_UNIX, seccomp.AF_INET, seccomp.AF_INET6),
    Walls.LANDLOCK: (seccomp.AF_UNIX,),
}


def main(arguments: list[str]) -> NoReturn:
    if arguments == [PROBE]:
        sys.stdout.write(json.dumps(_probe()))
        sys.exit(0)
    spec = Spec.load(arguments[0])
    _end_with_parent(os.getppid())
    for entry in spec.groups:
        Path(entry).write_text("0", encoding="ascii")
    if spec.walls is Walls.NAMESPACES:
        _launch_apart(spec)
    _execute(spec)


def _launch_apart(spec: Spec) -> NoReturn:
    """The plugin is the first process of its namespace: with it all others there end."""
    enter_namespaces()
    raise_loopback()
    if spec.channel is not None:
        _hand_over_gateway(spec.channel, spec.gateway_port)
    child = os.fork()
    if child == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        change_root(spec.root, spec.binds, spec.links)
        _execute(spec)
    _wait_for(child)


def _hand_over_gateway(channel: int, port: int) -> None:
    """A socket stays in the network it was made in: what answers there may live outside."""
    with socket.socket(fileno=channel) as to_parent, socket.create_server(("127.0.0.1", port)) as listener:
        socket.send_fds(to_parent, [b"."], [listener.fileno()])


def _wait_for(child: int) -> NoReturn:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _execute(spec: Spec) -> NoReturn:
    os.umask(0o077)
    os.nice(spec.limits.nice)
    _limit(spec.limits)
    if spec.user is not None:
        os.setgroups([])
        os.setresgid(spec.user, spec.user, spec.user)
        os.setresuid(spec.user, spec.user, spec.user)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # changing the user has forgotten it
    elif os.geteuid() == 0:
        _drop_capabilities()
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if spec.walls is Walls.LANDLOCK:
        allow_only(spec.binds)
    if spec.walls is not Walls.NONE and seccomp.is_known():
        seccomp.filter_calls(_FAMILIES[spec.walls])
    os.chdir(spec.cwd)
    os.execve(spec.argv[0], spec.argv, spec.env)  # noqa: S606


def _limit(limits: Limits) -> None:
    wanted = (
        (resource.RLIMIT_DATA, limits.data),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_STACK, _STACK),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    )
    for which, value in wanted:
        resource.setrlimit(which, (value, value))


def _drop_capabilities() -> None:
    """Root without them: executing a program would give them all back, but for those out of bounds."""
    for number in range(_MOST_CAPABILITIES):
        with contextlib.suppress(OSError):
            prctl(_PR_CAPBSET_DROP, number)


def _end_with_parent(parent: int) -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be asked for
        sys.exit(1)


def _probe() -> dict[str, object]:
    """What this machine allows: tried, since no setting of it tells for certain."""
    found: dict[str, object] = {"landlock": landlock_version(), "seccomp": seccomp.is_known(), "namespaces": True}
    try:
        enter_namespaces()
        raise_loopback()
        child = os.fork()
        if child == 0:
            _probe_inside()
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        found["user"] = code == 0
        if code not in (0, _NO_USER):
            found |= {"namespaces": False, "reason": "a root of its own can't be mounted"}
    except OSError as error:
        found |= {"namespaces": False, "reason": str(error)}
    return found


def _probe_inside() -> NoReturn:
    with contextlib.suppress(BaseException):
        change_root(os.environ["PROBE_ROOT"], (), {})
        if os.geteuid() != 0:
            os._exit(_NO_USER)
        with contextlib.suppress(OSError):
            os.setresuid(FIRST_USER, FIRST_USER, FIRST_USER)
            os._exit(0)
        os._exit(_NO_USER)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
