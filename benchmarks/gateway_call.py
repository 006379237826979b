"""CPU time of the gateway process for one secured, governed, forwarded POST, beside Envoy, nginx and a naive gateway.

Ours checks a token, its scope and a grant, drops the caller's credentials, limits the rate, adds `X-Bkapi-JWT`, counts
the call and logs it; the modules of its hot road are compiled where there is a C compiler. Envoy does the same with
`jwt_authn` and its token cache, RBAC on the scope, a local rate limit, a header and an access log. Besides: ours not
compiled; ours with whole requests signed (RFC 9421) instead; a naive gateway of Starlette and httpx that signs so too;
nginx and Envoy as proxies that only forward. Every gateway is one process with one worker before the same upstream,
under the same 32 connections. Rounds are interleaved, so that what disturbs the machine disturbs all of them, and
ratios are taken within a round.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.support.compiled import environment
from benchmarks.support.processes import cpu_seconds, free_port, running
from benchmarks.support.proxies import envoy_command, nginx_command
from benchmarks.support.report import Spread, append_line, parse_options, print_table
from benchmarks.support.secured import request_bytes

CONNECTIONS = 32
OURS, SIGNED, PURE = "ours", "ours (RFC 9421)", "ours (not compiled)"
ENVOY, ENVOY_PLAIN, NGINX = "envoy (same work)", "envoy (plain proxy)", "nginx (plain proxy)"
NAIVE = "starlette+httpx (RFC 9421)"
PROXIES = (ENVOY, ENVOY_PLAIN, NGINX)
PEERS = (PURE, *PROXIES, SIGNED, NAIVE)


@dataclass
class Case:
    """A gateway under load. ``micros`` are its CPU microseconds per call, one figure a round."""

    name: str
    pid: int
    load: "subprocess.Popen[str]"
    calls: int
    micros: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def run(self, calls: int) -> tuple[float, float]:
        """CPU microseconds per call, and calls per second."""
        assert self.load.stdin is not None
        assert self.load.stdout is not None
        before = cpu_seconds(self.pid)
        self.load.stdin.write(json.dumps({"calls": calls}) + "\n")
        self.load.stdin.flush()
        line = self.load.stdout.readline()
        used = cpu_seconds(self.pid) - before
        answer = json.loads(line or "{}")
        if answer.get("errors") != 0:
            raise SystemExit(
                f"{self.name}: {line.strip() or 'the load generator ended'}: not every call was answered 200"
            )
        return used / calls * 1e6, calls / answer["seconds"]


@contextmanager
def loading(port: int, folder: Path, name: str) -> Iterator["subprocess.Popen[str]"]:
    request = folder / f"{port}.request"
    request.write_bytes(request_bytes(port, "shop" if name in (OURS, PURE) else "cmdb"))
    command = [sys.executable, "-m", "benchmarks.support.load", str(port), str(CONNECTIONS), str(request)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def start(stack: ExitStack, folder: Path, upstream: int, calls: int) -> tuple[list[Case], list[str]]:
    """Every gateway that can be had, and the names of those that cannot."""
    url = f"http://127.0.0.1:{upstream}"
    cases: list[Case] = []
    missing: list[str] = []
    compiled = environment()
    for name in (OURS, *PEERS):
        port = free_port()
        log = str(folder / f"{port}.log")
        command = {
            OURS: [sys.executable, "-m", "benchmarks.support.our_gateway", str(port), url, log] if compiled else None,
            PURE: [sys.executable, "-m", "benchmarks.support.our_gateway", str(port), url, log],
            SIGNED: [sys.executable, "-m", "benchmarks.support.our_gateway", str(port), url, log],
            NAIVE: [sys.executable, "-m", "benchmarks.support.naive_gateway", str(port), url],
            ENVOY: envoy_command(folder, port, upstream, governed=True),
            ENVOY_PLAIN: envoy_command(folder, port, upstream),
            NGINX: nginx_command(folder, port, upstream),
        }[name]
        if command is None:
            missing.append(name)
            continue
        try:
            env = compiled if name in (OURS, SIGNED) else None
            pid = stack.enter_context(running(command, port, folder / "servers.log", env))
        except (OSError, RuntimeError) as problem:
            if name not in PROXIES:
                raise
            print(f"{name} does not start here: {problem}")
            missing.append(name)
            continue
        load = stack.enter_context(loading(port, folder, name))
        cases.append(Case(name, pid, load, calls // 8 if name == NAIVE else calls))
    return cases, missing


def measure(rounds: int, calls: int) -> tuple[list[Case], list[str]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trunkline-bench-")))
        upstream = free_port()
        command = [sys.executable, "-m", "benchmarks.support.upstream", str(upstream)]
        stack.enter_context(running(command, upstream, folder / "servers.log"))
        cases, missing = start(stack, folder, upstream, calls)
        for case in cases:
            # As many as the others get in all: httpx's pool needs some thousand calls to settle, and then costs half.
            case.run(max(calls // 2, 200))
        for turn in range(rounds):
            for case in cases[turn % len(cases) :] + cases[: turn % len(cases)]:
                micros, rate = case.run(case.calls)
                case.micros.append(micros)
                case.rates.append(rate)
        return cases, missing


def report(cases: list[Case], missing: list[str], json_file: Path | None) -> None:
    ours = cases[0]
    rows = []
    ratios: dict[str, float | None] = dict.fromkeys(missing)
    micros: dict[str, float | None] = dict.fromkeys(missing)
    for case in cases:
        ratio = Spread.of([mine / theirs for mine, theirs in zip(ours.micros, case.micros, strict=True)])
        rows.append((case.name, str(Spread.of(case.micros)), str(ratio), f"{Spread.of(case.rates).median:.0f}"))
        if case is not ours:
            ratios[case.name], micros[case.name] = ratio.median, Spread.of(case.micros).median
    print_table(("gateway", "CPU µs a call: median (quartiles)", "ours ÷ this: median (quartiles)", "calls/s"), rows)
    for name in missing:
        print(f"missing here: {name}")
    our_micros = Spread.of(ours.micros).median
    common = {"bench": "gateway_call", "case": "secured governed POST"}
    append_line(json_file, **common, metric="cpu per call", unit="µs", ours=our_micros, peers=micros)
    append_line(json_file, **common, metric="cpu ratio, ours to peer", unit="1", ours=1.0, peers=ratios)


def main() -> None:
    options = parse_options(__doc__ or "")
    rounds, calls = (5, 2000) if options.quick else (21, 6000)
    cases, missing = measure(rounds, calls)
    print(f"\n{rounds} interleaved rounds of {calls} calls ({calls // 8} for {NAIVE}), {CONNECTIONS} connections\n")
    report(cases, missing, options.json_file)


if __name__ == "__main__":
    main()
