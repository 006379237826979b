"""A command on many hosts over SSH: the job system beside `ansible` ad hoc, on the same simulated hosts.

Ansible runs with 50 forks, pipelining and a known interpreter, by its default module `command` and by `raw`, which runs
nothing but the command. Hosts are processes of their own, whose work is not counted; they share the machine, so the
time that passes has it in it. CPU is that of the process that commands and of its children, `ssh` among them.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.processes import free_port
from benchmarks.support.report import Options, append_line, print_table
from benchmarks.support.ssh_fleet import USER, address, write_keys

_FLEETS = 2
_COMMAND = "echo ok"
_LONG = "sleep 5; echo ok"
_MODULES = ("command", "raw")
_ANSIBLE = """[defaults]
forks = 50
host_key_checking = False
interpreter_python = {python}
inventory = {folder}/hosts
private_key_file = {folder}/client_key
remote_user = {user}
remote_port = {port}
[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Attributes:
    wall, cpu: seconds. memory: MiB at most, where it was measured.
    """

    wall: float
    cpu: float
    memory: float | None = None


def run_commands(folder: Path, options: Options) -> None:
    count = 200 if options.quick else 1000
    write_keys(folder)
    port = free_port()
    with ExitStack() as stack:
        for number in range(_FLEETS):
            size = count // _FLEETS
            stack.enter_context(_fleet(port, number * size, size, folder))
        ours = _ours(port, count, folder, _COMMAND)
        long = _ours(port, count, folder, _LONG)
        peers = {f"ansible -m {module}": _ansible(module, port, count, folder) for module in _MODULES}
    rows = [_row("ours", ours, ours), _row(f"ours, {_LONG}", long, None)]
    rows += [_row(name, cost, ours) for name, cost in peers.items()]
    print_table((f"a command on {count} hosts", "s", "CPU s", "memory MiB", "time / ours", "CPU / ours"), rows)
    for metric, unit in (("wall", "s"), ("cpu", "s")):
        append_line(
            options.json_file, bench="adapters", case=f"a command on {count} hosts", metric=metric, unit=unit,
            ours=getattr(ours, metric),
            peers={name: getattr(cost, metric) if cost is not None else None for name, cost in peers.items()},
        )  # fmt: skip


def _row(name: str, cost: Cost | None, ours: Cost | None) -> tuple[str, ...]:
    if cost is None:
        return name, "missing", "", "", "", ""
    memory = f"{cost.memory:.0f}" if cost.memory is not None else ""
    ratios = ("", "") if ours is None else (f"{cost.wall / ours.wall:.1f}", f"{cost.cpu / ours.cpu:.1f}")
    return name, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", memory, *ratios


@contextmanager
def _fleet(port: int, first: int, count: int, folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.support.ssh_fleet", str(port), str(first), str(count), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the simulated hosts don't listen")
        yield
    finally:
        process.terminate()
        process.wait()


def _ours(port: int, count: int, folder: Path, script: str) -> Cost:
    """In a process of its own, so that its memory is that of this work."""
    own = folder / f"ours-{time.monotonic_ns()}"
    shutil.copytree(folder, own, ignore=lambda _at, names: [name for name in names if "_key" not in name])
    command = [sys.executable, "-m", "benchmarks.support.ssh_ours", str(port), str(count), str(own), script]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Cost(**json.loads(answer.splitlines()[-1]))


def _ansible(module: str, port: int, count: int, folder: Path) -> Cost | None:
    program = shutil.which("ansible", path=str(Path(sys.executable).parent))
    if program is None or shutil.which("ssh") is None:
        return None
    (folder / "hosts").write_text("\n".join(address(number) for number in range(count)))
    python = Path(sys.executable).resolve()
    (folder / "ansible.cfg").write_text(_ANSIBLE.format(folder=folder, user=USER, port=port, python=python))
    environment = {**os.environ, "ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_HOME": str(folder / "ansible")}
    before, began = _children_seconds(), time.perf_counter()
    command = [program, "all", "-m", module, "-a", _COMMAND]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    wall, cpu = time.perf_counter() - began, _children_seconds() - before
    if answer.stdout.count("rc=0") != count:
        raise RuntimeError(f"ansible -m {module} failed: {answer.stderr[-2000:]}")
    return Cost(wall, cpu)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
