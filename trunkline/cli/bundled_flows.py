"""Flows of the catalogue that a bundle brought, taken into a project."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import typer

from marketplace.bundles.archive import BundledPackage
from marketplace.bundles.schemas import BundleOutcome
from marketplace.package.compatibility import parsed
from marketplace.package.manifest import PluginKind
from marketplace.package.package import read_package
from trunkline.cli.client import ApiClient
from trunkline.cli.flow_market import show_taken


@dataclass(frozen=True, slots=True)
class BundledFlow:
    """Attributes:
    left: why the project's flows stay as they are; empty where they were made or changed.
    plan: what taking it came to; empty where nobody can take it yet.
    flows: what the project has of it, as `POST /v1/projects/{project}/flow-packages` answers.
    """

    code: str
    version: str
    left: str
    plan: Mapping[str, Any]
    flows: Sequence[Any] = ()

    def as_json(self) -> dict[str, Any]:
        shown = asdict(self)
        del shown["plan"]
        return shown

    def show(self) -> None:
        if self.left:
            typer.echo(f"{self.code} {self.version} was not taken: {self.left}")
        else:
            show_taken(self.plan, list(self.flows))


def take_bundled(
    api: ApiClient, project: str, packages: Sequence[BundledPackage], outcomes: Sequence[Mapping[str, Any]]
) -> list[BundledFlow]:
    """Takes the highest version of each flow that is published, and that nobody changed in the project.

    Args:
        outcomes: what became of the packages, as `POST /v1/plugin-bundles` answers.
    """
    waiting = {(each["code"], each["version"]) for each in outcomes if each["outcome"] == BundleOutcome.WAITING}
    newest: dict[str, str] = {}
    for code, version in filter(None, map(_flow_of, packages)):
        newest[code] = max(version, newest.get(code, version), key=parsed)
    return [
        _take(api, project, code, version, waits=(code, version) in waiting) for code, version in sorted(newest.items())
    ]


def _flow_of(package: BundledPackage) -> tuple[str, str] | None:
    is_flow = read_package(package.archive).manifest.kind is PluginKind.FLOW
    return (package.code, package.version) if is_flow else None


def _take(api: ApiClient, project: str, code: str, version: str, *, waits: bool) -> BundledFlow:
    command = f"trunkline flow take {project} {code}"
    if waits:
        return BundledFlow(code, version, f"it waits for approval; then `{command}`", {})
    plan = api.get(f"/projects/{project}/flow-packages/{code}/{version}")
    left = _left(plan, command)
    if left:
        return BundledFlow(code, version, left, plan)
    taken = api.post(f"/projects/{project}/flow-packages", {"code": code, "version": version})
    return BundledFlow(code, version, "", plan, taken["items"])


def _left(plan: Mapping[str, Any], command: str) -> str:
    if plan["withdrawn"]:
        return str(plan["withdrawn"])
    if plan["before"] and parsed(plan["before"]) >= parsed(plan["version"]):
        return f"the project has {plan['before']}"
    changed = ", ".join(part["name"] for part in plan["parts"] if part["changed"])
    return f"{changed} was changed since; `{command} --overwrite` replaces it" if changed else ""
