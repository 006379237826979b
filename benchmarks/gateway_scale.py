"""20,000 components, 2,000 apps and 1,000,000 grants: what a call costs beside a configuration of one of each, and
what changes to the configuration do to calls.

Both gateways are one process with the real loader on SQLite. CPU per call is taken in interleaved rounds. Then, under
load, single systems and apps are published anew, and at last everything is read anew, as after a restored backup. Told
are the time from the commit until it is served, the longest hold of the event loop, calls that failed, and memory.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.support import scale
from benchmarks.support.processes import cpu_seconds, free_port, running, wait_for_port
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from benchmarks.support.scale_gateway import create_tables
from benchmarks.support.secured import request_bytes

CONNECTIONS = 32
_STARTING_SECONDS = 120.0
MEGABYTE = 1024 * 1024


@dataclass
class Gateway:
    size: scale.Size
    database: Path
    process: "subprocess.Popen[str]"
    load: "subprocess.Popen[str]"
    micros: list[float] = field(default_factory=list)

    def run(self, calls: int) -> float:
        """CPU microseconds per call."""
        before = cpu_seconds(self.process.pid)
        self.start_load(calls)
        self.end_load()
        return (cpu_seconds(self.process.pid) - before) / calls * 1e6

    def start_load(self, calls: int) -> None:
        _tell(self.load, {"calls": calls})

    def end_load(self) -> int:
        """Waits for the load; calls that failed."""
        return int(_hear(self.load)["errors"])

    def status(self) -> dict[str, Any]:
        _tell(self.process, {})
        return _hear(self.process)

    def published(self, revision: int) -> float:
        """Seconds until a revision that was committed just now is served."""
        started = time.perf_counter()
        while self.held(self.status()) < revision:
            time.sleep(0.005)
        return time.perf_counter() - started

    longest_hold: float = 0.0

    def held(self, status: dict[str, Any]) -> int:
        self.longest_hold = max(self.longest_hold, status["held"])
        return int(status["revision"])


def _tell(process: "subprocess.Popen[str]", message: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def _hear(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


@contextmanager
def started(folder: Path, size: scale.Size, upstream: int) -> Iterator[Gateway]:
    name, port = f"{size.components}", free_port()
    database = folder / f"{name}.db"
    create_tables(database)
    scale.fill(database, size, f"http://127.0.0.1:{upstream}")
    command = [
        sys.executable, "-m", "benchmarks.support.scale_gateway", str(port), str(database),
        f"http://127.0.0.1:{upstream}",
    ]  # fmt: skip
    request = folder / f"{name}.request"
    request.write_bytes(request_bytes(port, "system0"))
    caller = [sys.executable, "-m", "benchmarks.support.load", str(port), str(CONNECTIONS), str(request)]
    with ExitStack() as stack:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = stack.enter_context(subprocess.Popen(command, **pipes))
        stack.callback(process.kill)
        wait_for_port(port, process, _STARTING_SECONDS)
        load = stack.enter_context(subprocess.Popen(caller, **pipes))
        stack.callback(load.kill)
        yield Gateway(size, database, process, load)


def calls(small: Gateway, large: Gateway, options: Options) -> None:
    rounds, number = (5, 2000) if options.quick else (15, 5000)
    for gateway in (small, large):
        gateway.run(number)
    for turn in range(rounds):
        for gateway in (small, large) if turn % 2 else (large, small):
            gateway.micros.append(gateway.run(number))
    ratio = Spread.of([big / little for little, big in zip(small.micros, large.micros, strict=True)])
    rows = [(f"{gateway.size.components}", str(Spread.of(gateway.micros))) for gateway in (small, large)]
    print_table(("components", "CPU µs a call: median (quartiles)"), rows)
    print(f"large ÷ small: {ratio}")
    append_line(
        options.json_file, bench="gateway_scale", case="CPU per call", metric="ratio, large to small", unit="1",
        ours=ratio.median, peers={},
    )  # fmt: skip


def changes(gateway: Gateway, options: Options) -> None:
    """Each kind of change under load; at most so many at once as the load goes on."""
    number = 5 if options.quick else 20
    kinds: dict[str, Callable[[int], int]] = {
        "one system": lambda at: scale.publish(gateway.database, f"system:system{at}"),
        "one app": lambda at: scale.publish(gateway.database, f"app:app{at + 1}"),
        "everything": lambda _: scale.restore(gateway.database),
    }
    rows = []
    for name, change in kinds.items():
        gateway.status()
        gateway.longest_hold = 0.0
        gateway.start_load(3000 * number)
        times = number if name != "everything" else 2
        seconds = Spread.of([gateway.published(change(at)) for at in range(times)])
        gateway.held(gateway.status())
        failed = gateway.end_load()
        held = gateway.longest_hold * 1000
        rows.append(
            (name, f"{seconds.median:.2f} ({seconds.low:.2f} … {seconds.high:.2f})", f"{held:.1f}", str(failed))
        )
        for metric, unit, figure in (("until served", "s", seconds.median), ("longest hold", "ms", held)):
            append_line(
                options.json_file, bench="gateway_scale", case=name, metric=metric, unit=unit, ours=figure, peers={}
            )
    print()
    print_table(("published under load", "s until served", "loop held at most, ms", "calls failed"), rows)


def main() -> None:
    options = parse_options(__doc__ or "")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trunkline-bench-")))
        upstream = free_port()
        command = [sys.executable, "-m", "benchmarks.support.upstream", str(upstream)]
        stack.enter_context(running(command, upstream, folder / "servers.log"))
        small = stack.enter_context(started(folder, scale.SMALL, upstream))
        large = stack.enter_context(started(folder, scale.LARGE, upstream))
        calls(small, large, options)
        changes(large, options)
        sizes = [psutil.Process(gateway.process.pid).memory_info().rss / MEGABYTE for gateway in (small, large)]
        print(f"\nmemory: {sizes[0]:.0f} MB with one component, {sizes[1]:.0f} MB with {scale.LARGE.components}")
        append_line(
            options.json_file, bench="gateway_scale", case="memory", metric="resident", unit="MB", ours=sizes[1],
            peers={"one component": sizes[0]},
        )  # fmt: skip


if __name__ == "__main__":
    main()
