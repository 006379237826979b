"""`trunkline plugin check`: everything that can be checked without a server."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from kernel.errors import FieldProblem
from marketplace.authoring.code import code_contracts, describe_code, is_code
from marketplace.authoring.folder import author_folder, open_package, open_published
from marketplace.package.compatibility import Contract, step_problems
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import MANIFEST
from trunkline.cli.client import JsonOption, print_json

Python = Annotated[str, typer.Option(help="Interpreter that has what the plugin's code needs [default: this one]")]


def check_plugins(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Folders, zips of them, or packed archives")],
    against: Annotated[
        Path | None, typer.Option(exists=True, help="Folder or archive of the last version; of one plugin")
    ] = None,
    python: Python = sys.executable,
    as_json: JsonOption = False,
) -> None:
    """Check packages: manifest, schemas, form, every expression, texts, archive, checksums; and what versions of code
    change for those who use the one before.
    """
    reports = [_report(path, against, python) for path in paths]
    if as_json:
        print_json(reports)
    else:
        for report in reports:
            _show_report(report)
    if not all(report["ok"] for report in reports):
        raise typer.Exit(1)


def problem_lines(problems: Sequence[FieldProblem]) -> list[str]:
    return [f"  {p.field}: {p.problem}" + (f" - {p.remedy}" if p.remedy else "") for p in problems]


def _report(path: Path, against: Path | None, python: str) -> dict[str, Any]:
    try:
        with author_folder(path) as opened:
            found = _code_alone(opened, python) if _is_only_code(opened) else _package(opened, against, python)
    except PackageRefused as refusal:
        return {"path": str(path), "ok": False, "problems": [asdict(problem) for problem in refusal.fields]}
    return {"path": str(path), "ok": True, "problems": [], **found}


def _is_only_code(path: Path) -> bool:
    """A project for bk-plugin-framework that has not been made a package yet."""
    return path.is_dir() and is_code(path) and not (path / MANIFEST).is_file()


def _code_alone(path: Path, python: str) -> dict[str, Any]:
    contracts = code_contracts(describe_code(path, python))
    _require_steps(list(contracts.items()))
    return {"versions": list(contracts)}


def _package(path: Path, against: Path | None, python: str) -> dict[str, Any]:
    package = open_package(path, python)
    manifest = package.manifest
    if path.is_dir() and is_code(path):
        _require_steps(list(code_contracts(describe_code(path, python)).items()))
    if against is not None:
        last = open_published(against, python)
        _require_steps([(last.manifest.version, last.contract), (manifest.version, package.contract())])
    return {"code": manifest.code, "version": manifest.version, "digest": package.digest}


def _require_steps(versions: list[tuple[str, Contract]]) -> None:
    problems = [
        replace(problem, field=f"{after[0]}: {problem.field}")
        for before, after in pairwise(versions)
        for problem in step_problems(before, after)
    ]
    if problems:
        raise PackageRefused(problems)


def _show_report(report: dict[str, Any]) -> None:
    if not report["ok"]:
        typer.secho(f"{report['path']}:", err=True, fg=typer.colors.RED)
        for line in problem_lines([FieldProblem(**problem) for problem in report["problems"]]):
            typer.echo(line, err=True)
    elif "versions" in report:
        typer.echo(f"{report['path']}: versions {', '.join(report['versions'])} are in order")
    else:
        typer.echo(f"{report['path']}: {report['code']} {report['version']} is in order, {report['digest']}")
