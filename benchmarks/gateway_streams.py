"""Large bodies and event streams through the gateway, beside nginx; how memory grows; what a call waits at half load.

Ours checks token, scope and grant and adds `X-Bkapi-JWT`; nginx only forwards, without buffering to disk. One client,
one call after the other, over one connection; rounds are interleaved, and ratios are taken within a round. Memory is
the resident size of the gateway's process after bodies of 64 MB beside its size before them. Latency is measured at
half of the rate that our process reaches, from the moment each call was due, beside the same load without a gateway,
and through Envoy and nginx: client, gateway and upstream share the machine. Ours is compiled where that can be done.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.support.compiled import environment
from benchmarks.support.processes import free_port, running
from benchmarks.support.proxies import envoy_command, nginx_command
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from benchmarks.support.secured import head_bytes, request_bytes
from benchmarks.support.timed import TimedClient

OURS, NGINX, ENVOY = "ours", "nginx", "envoy (same work)"
MEGABYTE = 1024 * 1024
LARGE = 64
EVENTS = 10_000
DOWN, UP, STREAM = "1 MB down", "1 MB up", f"{EVENTS} events"
SAMPLES = {DOWN: 20, UP: 20, STREAM: 1}
CONNECTIONS = 32


@dataclass
class Gateway:
    """``seconds`` of an exchange by case, one figure a round."""

    name: str
    pid: int
    client: TimedClient
    port: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: {DOWN: [], UP: [], STREAM: []})

    def run(self, case: str) -> float:
        if case == UP:
            head, body = head_bytes(self.port, "POST", "/api/files/prod/in/0", MEGABYTE), b"x" * MEGABYTE
        elif case == DOWN:
            head, body = head_bytes(self.port, "GET", f"/api/files/prod/out/{MEGABYTE}"), b""
        else:
            head, body = head_bytes(self.port, "GET", f"/api/files/prod/events/{EVENTS}"), b""
        return statistics.median(self.client.exchange(head, body) for _ in range(SAMPLES[case]))

    def growth(self) -> float:
        """Megabytes the process grew by during bodies of ``LARGE`` megabytes, both ways."""
        process = psutil.Process(self.pid)
        before = process.memory_info().rss
        length = LARGE * MEGABYTE
        self.client.exchange(head_bytes(self.port, "GET", f"/api/files/prod/out/{length}"))
        self.client.exchange(head_bytes(self.port, "POST", "/api/files/prod/in/0", length), b"x" * MEGABYTE, LARGE)
        return (process.memory_info().rss - before) / MEGABYTE


@contextmanager
def started(folder: Path) -> Iterator[tuple[list[Gateway], list[str]]]:
    with ExitStack() as stack:
        upstream = free_port()
        command = [sys.executable, "-m", "benchmarks.support.stream_server", str(upstream)]
        stack.enter_context(running(command, upstream, folder / "servers.log"))
        gateways: list[Gateway] = []
        missing: list[str] = []
        for name in (OURS, NGINX):
            port = free_port()
            our_command = [
                sys.executable,
                "-m",
                "benchmarks.support.our_gateway",
                str(port),
                f"http://127.0.0.1:{upstream}",
            ]
            command_or_none = our_command if name == OURS else nginx_command(folder, port, upstream)
            if command_or_none is None:
                missing.append(name)
                continue
            env = environment() if name == OURS else None
            pid = stack.enter_context(running(command_or_none, port, folder / "servers.log", env))
            worker = (psutil.Process(pid).children() or [psutil.Process(pid)])[0].pid
            gateways.append(Gateway(name, worker, stack.enter_context(TimedClient(port)), port))
        yield gateways, missing


def streams(options: Options, folder: Path, rounds: int) -> None:
    with started(folder) as (gateways, missing):
        for gateway in gateways:
            for case in SAMPLES:
                gateway.run(case)
        for turn in range(rounds):
            for gateway in gateways if turn % 2 else reversed(gateways):
                for case in SAMPLES:
                    gateway.seconds[case].append(gateway.run(case))
        grown = [gateway.growth() for gateway in gateways]
        rows = [row for case in SAMPLES for row in _compared(case, gateways, missing, options)]
        print_table(("case", "gateway", "ms: median (quartiles)", "ours ÷ this: median (quartiles)"), rows)
        for gateway, megabytes in zip(gateways, grown, strict=True):
            print(f"{gateway.name}: grew by {megabytes:.1f} MB during bodies of {LARGE} MB")
        for name in missing:
            print(f"missing here: {name}")
        append_line(
            options.json_file, bench="gateway_streams", case=f"bodies of {LARGE} MB", metric="growth", unit="MB",
            ours=grown[0], peers={gateway.name: size for gateway, size in zip(gateways[1:], grown[1:], strict=True)},
        )  # fmt: skip


def _compared(
    case: str, gateways: list[Gateway], missing: list[str], options: Options
) -> Iterator[tuple[str, str, str, str]]:
    ours = gateways[0].seconds[case]
    ratios: dict[str, float | None] = dict.fromkeys(missing)
    for gateway in gateways:
        theirs = gateway.seconds[case]
        ratio = Spread.of([mine / other for mine, other in zip(ours, theirs, strict=True)])
        yield case, gateway.name, str(Spread.of([seconds * 1000 for seconds in theirs])), str(ratio)
        if gateway is not gateways[0]:
            ratios[gateway.name] = ratio.median
    append_line(
        options.json_file, bench="gateway_streams", case=case, metric="time ratio, ours to peer", unit="1", ours=1.0,
        peers=ratios,
    )  # fmt: skip


def latency(options: Options, folder: Path, rounds: int, seconds: float) -> None:
    with ExitStack() as stack:
        upstream = free_port()
        command = [sys.executable, "-m", "benchmarks.support.upstream", str(upstream)]
        stack.enter_context(running(command, upstream, folder / "servers.log"))
        direct = folder / "direct.request"
        direct.write_bytes(request_bytes(upstream, "shop").replace(b" /api/shop/prod/", b" /plain/"))
        cases = {name: (port, request) for name, port, request in _at_rate(stack, folder, upstream)}
        rate = _fullest(*cases[OURS]) / 2
        added: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(rounds):
            without = _p99(upstream, direct, rate, seconds)
            for name, case in cases.items():
                added[name].append((_p99(*case, rate, seconds) - without) * 1000)
        print(f"\nat {rate:.0f} calls/s, half of the fullest:")
        print_table(("gateway", "p99 added, ms"), [(name, str(Spread.of(each))) for name, each in added.items()])
        append_line(
            options.json_file, bench="gateway_streams", case="half load", metric="p99 added", unit="ms",
            ours=Spread.of(added.pop(OURS)).median,
            peers={name: Spread.of(each).median for name, each in added.items()},
        )  # fmt: skip


def _at_rate(stack: ExitStack, folder: Path, upstream: int) -> Iterator[tuple[str, int, Path]]:
    """Ours, and the peers that can be had, each with the call it gets."""
    for name in (OURS, ENVOY, NGINX):
        port = free_port()
        url, log = f"http://127.0.0.1:{upstream}", str(folder / "access.log")
        command = {
            OURS: [sys.executable, "-m", "benchmarks.support.our_gateway", str(port), url, log],
            ENVOY: envoy_command(folder, port, upstream, governed=True),
            NGINX: nginx_command(folder, port, upstream),
        }[name]
        if command is None:
            print(f"missing here: {name}")
            continue
        stack.enter_context(running(command, port, folder / "servers.log", environment() if name == OURS else None))
        request = folder / f"{port}.request"
        request.write_bytes(request_bytes(port, "shop"))
        yield name, port, request


def _fullest(port: int, request: Path) -> float:
    """Calls a second with ``CONNECTIONS`` callers that never pause."""
    command = [sys.executable, "-m", "benchmarks.support.load", str(port), str(CONNECTIONS), str(request)]
    lines = "".join(json.dumps({"calls": calls}) + "\n" for calls in (3000, 10_000))
    answers = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    answer = json.loads(answers[-1])
    return float(answer["calls"] / answer["seconds"])


def _p99(port: int, request: Path, rate: float, seconds: float) -> float:
    command = [
        sys.executable, "-m", "benchmarks.support.open_load", str(port), str(request), str(rate), str(seconds),
        str(4 * CONNECTIONS),
    ]  # fmt: skip
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return statistics.quantiles(answer["seconds"], n=100)[98]


def main() -> None:
    options = parse_options(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        folder = Path(name)
        streams(options, folder, 5 if options.quick else 15)
        latency(options, folder, 3 if options.quick else 9, 2.0 if options.quick else 5.0)


if __name__ == "__main__":
    main()
