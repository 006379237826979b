"""A catalogue of 10,000 plugins; and what a plugin's process costs, ours beside bk-plugin-framework on the same plugin.

Searches as people make them, and publications with every check, on SQLite and PostgreSQL; one caller.

Invocations of a plugin that answers at once, with the gateway's token, as in production; 16 connections. CPU of the web
server's process for a call, and memory of every process it takes to poll as well: with the framework gunicorn, a Celery
worker and beat, with ours the one. The framework is installed from PyPI, where it can be had.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.support.catalogue_load import measure
from benchmarks.support.form_scripts import forms_per_second
from benchmarks.support.plugin_project import PluginProject, memory, served_by_the_framework, served_by_us
from benchmarks.support.processes import cpu_seconds
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table

CONNECTIONS = 16
FRAMEWORK = "bk-plugin-framework"
_MEGABYTE = 1 << 20


class Load:
    """The load generator, on one server."""

    def __init__(self, port: int, request: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.support.load", str(port), str(CONNECTIONS), str(request)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, calls: int) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"calls": calls}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if answer["errors"]:
            raise RuntimeError(f"{answer['errors']} calls of {calls} failed")

    def end(self) -> None:
        self._process.communicate()


def calls_per_cpu_second(port: int, pid: int, request: Path, rounds: int, calls: int) -> Spread:
    load = Load(port, request)
    load.run(calls // 4)
    figures = []
    for _ in range(rounds):
        before = cpu_seconds(pid)
        load.run(calls)
        figures.append(calls / (cpu_seconds(pid) - before))
    load.end()
    return Spread.of(figures)


def ours(project: PluginProject, request: Path, options: Options) -> tuple[Spread, float]:
    with served_by_us(project) as (port, pid):
        speed = calls_per_cpu_second(port, pid, request, 3 if options.quick else 7, 4000)
        return speed, memory(pid) / _MEGABYTE


def theirs(project: PluginProject, request: Path, options: Options) -> tuple[Spread, float] | None:
    try:
        with served_by_the_framework(project) as (port, pid, held):
            return calls_per_cpu_second(port, pid, request, 3 if options.quick else 7, 600), held / _MEGABYTE
    except RuntimeError as missing:
        print(f"missing: {missing}")
        return None


def forms(options: Options) -> None:
    speed = forms_per_second(3 if options.quick else 7)
    print_table(("", "form.js per second"), [("evaluated and converted", str(speed))])
    append_line(
        options.json_file,
        bench="marketplace",
        case="forms",
        metric="evaluations",
        unit="1/s",
        ours=float(speed.median),
        peers={},
    )


def catalogue(options: Options) -> None:
    plugins = 2_000 if options.quick else 10_000
    figures = measure(plugins, 100 if options.quick else 400, 50 if options.quick else 200)
    rows = [
        (name, f"{each.search:.1f}", f"{each.facets:.1f}", f"{each.published:.0f}", f"{each.published_by_cpu:.0f}")
        for name, each in figures.items()
    ]
    columns = ("search p95 ms", "facets p95 ms", "published a second", "in a second of CPU")
    print_table((f"{plugins} plugins, 5 versions each", *columns), rows)
    for name, each in figures.items():
        for metric, unit, value in (
            ("search_p95", "ms", each.search),
            ("facets_p95", "ms", each.facets),
            ("published", "1/s", each.published),
            ("published_by_cpu", "1/s", each.published_by_cpu),
        ):
            case = f"catalogue {name}"
            append_line(
                options.json_file, bench="marketplace", case=case, metric=metric, unit=unit, ours=value, peers={}
            )


def main() -> None:
    options = parse_options(__doc__ or "")
    catalogue(options)
    forms(options)
    with tempfile.TemporaryDirectory() as folder:
        project = PluginProject.write(Path(folder))
        request = Path(folder) / "request"
        request.write_bytes(project.request())
        own, peer = ours(project, request, options), theirs(project, request, options)
    rows = [("trunkline-plugin", str(own[0]), f"{own[1]:.0f}")]
    if peer is not None:
        rows.append((FRAMEWORK, str(peer[0]), f"{peer[1]:.0f}"))
        rows.append(("ours by theirs", f"{own[0].median / peer[0].median:.1f}", f"1/{peer[1] / own[1]:.1f}"))
    print_table(("", "invocations per second of CPU", "memory MB"), rows)
    _append(options, "invocations", "1/s", own[0].median, peer[0].median if peer else None)
    _append(options, "memory", "MB", own[1], peer[1] if peer else None)


def _append(options: Options, metric: str, unit: str, ours: float, theirs: float | None) -> None:
    peers = {FRAMEWORK: theirs}
    append_line(options.json_file, bench="marketplace", case="kit", metric=metric, unit=unit, ours=ours, peers=peers)


if __name__ == "__main__":
    main()
