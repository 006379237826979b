"""Flows of the catalogue that a bundle brought, taken into a project."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import typer

from marketplace.bundles.archive import BundledPackage
from marketplace.bundles.schemas import BundleOutcome
from marketplace.package.compatibility import parsed
from marketplace.package.manifest import PluginKind
from marketplace.package.published import read_published
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
    """Takes the highest version of each flow that can be taken, unless the project has it or changed what it has.

    Args:
        outcomes: what became of the packages, as `POST /v1/plugin-bundles` answers.
    """
    waiting = {(each["code"], each["version"]) for each in outcomes if each["outcome"] == BundleOutcome.WAITING}
    versions: dict[str, list[str]] = {}
    for package in packages:
        if read_published(package.archive).manifest.kind is PluginKind.FLOW:
            versions.setdefault(package.code, []).append(package.version)
    return [
        each for code, found in sorted(versions.items()) for each in _take_highest(api, project, code, found, waiting)
    ]


def _take_highest(
    api: ApiClient, project: str, code: str, versions: Sequence[str], waiting: Collection[tuple[str, str]]
) -> Iterator[BundledFlow]:
    """From the highest down to the first that is neither waiting nor withdrawn, each with what became of it."""
    command = f"trunkline flow take {project} {code}"
    for version in sorted(versions, key=parsed, reverse=True):
        if (code, version) in waiting:
            yield BundledFlow(code, version, f"it waits for approval; then `{command}`", {})
            continue
        plan = api.get(f"/projects/{project}/flow-packages/{code}/{version}")
        if plan["withdrawn"]:
            yield BundledFlow(code, version, str(plan["withdrawn"]), plan)
            continue
        yield _take(api, project, plan, command)
        return


def _take(api: ApiClient, project: str, plan: Mapping[str, Any], command: str) -> BundledFlow:
    code, version = plan["code"], plan["version"]
    left = _left(plan, command)
    if left:
        return BundledFlow(code, version, left, plan)
    taken = api.post(f"/projects/{project}/flow-packages", {"code": code, "version": version})
    return BundledFlow(code, version, "", plan, taken["items"])


def _left(plan: Mapping[str, Any], command: str) -> str:
    if plan["before"] and parsed(plan["before"]) >= parsed(plan["version"]):
        return f"the project has {plan['before']}"
    changed = ", ".join(part["name"] for part in plan["parts"] if part["changed"])
    return f"{changed} was changed since; `{command} --overwrite` replaces it" if changed else ""
