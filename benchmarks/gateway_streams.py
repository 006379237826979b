"""Large bodies and event streams through the gateway, beside nginx, and how memory grows.

Ours checks token, scope and grant and adds `X-Bkapi-JWT`; nginx only forwards, without buffering to disk. One client,
one call after the other, over one connection; rounds are interleaved, and ratios are taken within a round. Memory is
the resident size of the gateway's process after bodies of 64 MB beside its size before them. Ours is compiled where
that can be done.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.support.compiled import environment
from benchmarks.support.processes import free_port, running
from benchmarks.support.proxies import nginx_command
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from benchmarks.support.secured import head_bytes
from benchmarks.support.timed import TimedClient

OURS, NGINX = "ours", "nginx"
MEGABYTE = 1024 * 1024
LARGE = 64
EVENTS = 10_000
DOWN, UP, STREAM = "1 MB down", "1 MB up", f"{EVENTS} events"
SAMPLES = {DOWN: 20, UP: 20, STREAM: 1}


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


def main() -> None:
    options = parse_options(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        folder = Path(name)
        streams(options, folder, 5 if options.quick else 15)


if __name__ == "__main__":
    main()
