"""Flows as files of Standard OPS, as `trunkline flow export --format` writes them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import typer
import yaml

from orchestrator.flow.blueking.archive import SavedScheme, Template, write_archive
from orchestrator.flow.blueking.export.tree import Exported, NotExportable, export_tree
from orchestrator.flow.blueking.export.yaml_flow import write_yaml_flow
from trunkline.cli.client import ApiClient, fail


class ExportFormat(StrEnum):
    """BLUEKING: the pipeline tree. DAT and YAML: with the flows that are run inside."""

    TRUNKLINE = "trunkline"
    BLUEKING = "blueking"
    DAT = "dat"
    YAML = "yaml"


def export_templates(api: ApiClient, flow: str, revision: int | None, form: ExportFormat) -> str:
    """The file's text; what it can't say is told on standard error."""
    if form is ExportFormat.BLUEKING:
        return json.dumps(_template(api, flow, revision).tree, ensure_ascii=False, indent=2) + "\n"
    templates = _with_inner(api, flow, revision)
    if form is ExportFormat.DAT:
        return write_archive(templates, datetime.now(UTC)) + "\n"
    return yaml.safe_dump_all(map(write_yaml_flow, templates), allow_unicode=True, sort_keys=False)


def _with_inner(api: ApiClient, flow: str, revision: int | None) -> list[Template]:
    """Those that others run inside come before them, each once."""
    found: dict[str, Template] = {}

    def take(name: str, number: int | None, outer: tuple[str, ...]) -> None:
        if name in found or name in outer:
            return
        template = _template(api, name, number)
        for activity in template.tree["activities"].values():
            if activity["type"] == "SubProcess":
                take(activity["template_id"], None, (*outer, name))
        found[name] = template

    take(flow, revision, ())
    return list(found.values())


def _template(api: ApiClient, flow: str, revision: int | None) -> Template:
    facts = api.get(f"/flows/{flow}")
    source = f"/flows/{flow}/draft" if revision is None else f"/flows/{flow}/revisions/{revision}"
    definition = api.get(source)["definition"]
    exported = _exported(facts["name"], definition)
    for remark in exported.remarks:
        typer.echo(f"  {remark.weight:<4}  {facts['name']}: {remark.place}: {remark.message}", err=True)
    schemes = [SavedScheme(each["name"], tuple(each["keep"])) for each in api.get(f"/flows/{flow}/schemes")["items"]]
    executor = definition.get("executor", "")
    return Template(facts["id"], facts["name"], facts["description"], exported.tree, tuple(schemes), executor)


def _exported(name: str, definition: Mapping[str, Any]) -> Exported:
    try:
        return export_tree(definition, {}, with_pickers=True)
    except NotExportable as error:
        fail(f"{name}: {error}", code=2)
