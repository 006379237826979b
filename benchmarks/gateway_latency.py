"""What a call waits longer for a gateway, at a given rate: 99th percentile, beside the same load without one.

Calls come at their rate whether the earlier ones were answered or not, and are timed from the moment each was due.
Ours checks token, scope, grant and rate, adds `X-Bkapi-JWT`, counts and logs; Envoy does the same; nginx only forwards.
Ours is compiled where that can be done. Half load is half of the highest rate at which calls are answered as they come.

Client, gateway and upstream share the machine. Gateways and upstream are scheduled before the client, and all of them
before everything else, where that is allowed, and the client is written in C: one that must wait for its core, or takes
most of it, would be measured in the gateway's place. A virtual machine also stands still now and then, and what came
due meanwhile comes at once. So two figures are given: of all calls, and of the median tenth of a second, which
standstills move less. Beside them stands how long the machine stood still while every core did nothing but read the
clock.
"""

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.support.compiled import environment
from benchmarks.support.open_load import waited
from benchmarks.support.processes import free_port, running
from benchmarks.support.proxies import envoy_command, nginx_command
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from benchmarks.support.scheduling import SERVERS, prefer
from benchmarks.support.secured import request_bytes

OURS, NGINX, ENVOY, NONE = "ours", "nginx", "envoy (same work)", "no gateway"
CONNECTIONS = 32
RATES = (3000.0, 6000.0, 12_000.0)
WINDOW = 0.1
STEP = 1.1
BACKLOG = 0.05
STANDSTILL = 0.001


@dataclass(frozen=True, slots=True)
class Target:
    port: int
    request: Path


@dataclass(slots=True)
class Percentiles:
    """99th percentiles in milliseconds, one a round: of all calls, and of the median window."""

    overall: list[float] = field(default_factory=list)
    windows: list[float] = field(default_factory=list)


def targets(stack: ExitStack, folder: Path) -> dict[str, Target]:
    """Ours and the peers that can be had, and the upstream itself."""
    upstream = free_port()
    command = [sys.executable, "-m", "benchmarks.support.upstream", str(upstream)]
    prefer(stack.enter_context(running(command, upstream, folder / "servers.log")), SERVERS)
    direct = request_bytes(upstream, "shop").replace(b" /api/shop/prod/", b" /plain/")
    found = {NONE: _target(folder, upstream, direct)}
    for name in (OURS, ENVOY, NGINX):
        port = free_port()
        url, log = f"http://127.0.0.1:{upstream}", str(folder / "access.log")
        server = {
            OURS: [sys.executable, "-m", "benchmarks.support.our_gateway", str(port), url, log],
            ENVOY: envoy_command(folder, port, upstream, governed=True),
            NGINX: nginx_command(folder, port, upstream),
        }[name]
        if server is None:
            print(f"missing here: {name}")
            continue
        env = environment() if name == OURS else None
        prefer(stack.enter_context(running(server, port, folder / "servers.log", env)), SERVERS)
        found[name] = _target(folder, port, request_bytes(port, "shop"))
    return found


def _target(folder: Path, port: int, request: bytes) -> Target:
    file = folder / f"{port}.request"
    file.write_bytes(request)
    return Target(port, file)


def fullest(target: Target, seconds: float) -> float:
    """The highest rate, in calls a second, at which calls that come at their own time are answered as they come.

    Searched upwards in steps of a tenth; a rate is carried if one of two tries leaves no more than ``BACKLOG`` seconds
    of calls at its end.
    """
    rate = 8000.0
    while any(_lag(target, rate * STEP, seconds) < BACKLOG for _ in range(2)):
        rate *= STEP
    return rate


def _lag(target: Target, rate: float, seconds: float) -> float:
    """By how much the median call of the last tenth of a second waited."""
    taken = _calls(target, rate, seconds)
    return statistics.median(taken[-round(rate * WINDOW) :])


def measure(target: Target, rate: float, seconds: float, into: Percentiles) -> None:
    taken = _calls(target, rate, seconds)
    into.overall.append(p99(taken) * 1000)
    into.windows.append(statistics.median(map(p99, _windows(taken, round(rate * WINDOW)))) * 1000)


def _calls(target: Target, rate: float, seconds: float) -> list[float]:
    return waited(target.port, target.request, rate, seconds, 4 * CONNECTIONS)


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _windows(seconds: list[float], size: int) -> Iterator[list[float]]:
    """Whole windows in the order of the answers."""
    return (seconds[begin : begin + size] for begin in range(0, len(seconds) - size + 1, size))


def standstill_share(seconds: float) -> float:
    """Share of the time in which a core that only reads the clock did not run, in pieces over ``STANDSTILL``."""
    cores = sorted(os.sched_getaffinity(0))
    with multiprocessing.get_context("spawn").Pool(len(cores)) as pool:
        return statistics.mean(pool.starmap(_stood_still, [(core, seconds) for core in cores])) / seconds


def _stood_still(core: int, seconds: float) -> float:
    os.sched_setaffinity(0, {core})
    last = time.perf_counter()
    end, lost = last + seconds, 0.0
    while last < end:
        now = time.perf_counter()
        if now - last > STANDSTILL:
            lost += now - last
        last = now
    return lost


def latency(options: Options, folder: Path, rounds: int, seconds: float) -> None:
    with ExitStack() as stack:
        found = targets(stack, folder)
        half = fullest(found[OURS], seconds) / 2
        rows = []
        for rate in (*RATES, half):
            measured = {name: Percentiles() for name in found}
            for _ in range(rounds):
                for name, target in found.items():
                    measure(target, rate, seconds, measured[name])
            none = measured.pop(NONE)
            for name, figures in measured.items():
                windows = _added(figures.windows, none.windows)
                rows.append((f"{rate:.0f}", name, str(windows), str(_added(figures.overall, none.overall))))
                if name == OURS:
                    ours = windows
            append_line(
                options.json_file, bench="gateway_latency", case=f"{rate:.0f} calls/s", metric="p99 added", unit="ms",
                ours=ours.median,
                peers={
                    name: _added(figures.windows, none.windows).median
                    for name, figures in measured.items()
                    if name != OURS
                },
            )  # fmt: skip
    print_table(("calls/s", "gateway", "p99 added, ms, median tenth of a second", "of all calls"), rows)
    share = standstill_share(seconds)
    print(f"\n{half:.0f} calls/s are half load; busy cores stood still for {share:.1%} of the time, without any load")


def _added(through: list[float], without: list[float]) -> Spread:
    return Spread.of([mine - bare for mine, bare in zip(through, without, strict=True)])


def main() -> None:
    options = parse_options(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        latency(options, Path(name), 3 if options.quick else 9, 2.0 if options.quick else 5.0)


if __name__ == "__main__":
    main()
