"""Flows of Standard OPS, as `trunkline flow import` takes them: pipeline trees, exports (`.dat`) and YAML."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from kernel.yaml_text import Unreadable, read_yaml
from orchestrator.flow.blueking.archive import NoArchive, Template, read_archive
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Remark
from orchestrator.flow.blueking.tree import Converted, NoTree, convert_tree, is_tree
from orchestrator.flow.blueking.yaml_flow import is_yaml_flow, read_yaml_flow
from trunkline.cli.client import ApiClient, fail, print_json
from trunkline.cli.pairs import named_values

_BETWEEN = re.compile(r"^---[ \t]*$", re.MULTILINE)


def blueking_templates(file: Path) -> list[Template] | None:
    """The templates of a file of Standard OPS, or none when it is another kind of file."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".dat":
            archive = read_archive(text)
            if not archive.intact:
                typer.echo("advice   its digest is not that of its content: it was changed after the export", err=True)
            return list(archive.templates)
        documents = [read_yaml(part) for part in _BETWEEN.split(text) if part.strip()]
        if len(documents) == 1 and is_tree(documents[0]):
            return [Template(file.stem, file.stem, "", documents[0])]
        if documents and all(is_yaml_flow(document) for document in documents):
            return [read_yaml_flow(document) for document in documents]
    except (NoArchive, NoTree) as error:
        fail(f"{file}: {error}", code=2)
    except (Unreadable, OSError, UnicodeDecodeError):
        return None  # the caller reads it again and says what is wrong
    return None


def read_counterparts(plugins: list[str], flows: list[str]) -> Counterparts:
    """What `--plugin CODE=PLUGIN@VERSION` and `--subflow TEMPLATE=FLOW` say."""
    named: dict[str, tuple[str, str]] = {}
    for pair in plugins:
        code, equals, rest = pair.partition("=")
        plugin, at, version = rest.partition("@")
        if not equals or not at:
            fail(f"--plugin {pair}: write CODE=PLUGIN@VERSION", code=2)
        named[code] = (plugin, version)
    return Counterparts(named, named_values(flows))


def import_templates(
    api: ApiClient, project: str, templates: list[Template], counterparts: Counterparts, *, publish: bool, as_json: bool
) -> None:
    """Makes a flow of each template, those that others run inside first, and tells what is not plainly the same."""
    known = dict(counterparts.flows)
    made = []
    for template in templates:
        converted = _converted(template, Counterparts(counterparts.plugins, known))
        flow = api.post(f"/projects/{project}/flows", {"name": template.name, "description": template.description})
        known[template.id] = flow["id"]
        body = {"definition": converted.definition, "draft_version": flow["draft_version"]}
        api.put(f"/flows/{flow['id']}/draft", body)
        if template.schemes:
            schemes = [{"name": each.name[:100], "keep": list(each.kept)} for each in template.schemes]
            api.post(f"/flows/{flow['id']}/schemes:import", {"schemes": schemes})
        if not as_json:
            _tell(flow, converted.remarks)
        revision = api.post(f"/flows/{flow['id']}:publish", {"comment": "imported"})["number"] if publish else None
        remarks = [asdict(remark) for remark in converted.remarks]
        made.append({"template": template.id, "flow_id": flow["id"], "revision": revision, "remarks": remarks})
    if as_json:
        print_json({"flows": made})


def _converted(template: Template, counterparts: Counterparts) -> Converted:
    try:
        return convert_tree(template.tree, counterparts, template.executor)
    except NoTree as error:
        fail(f"{template.name}: {error}", code=2)


def _tell(flow: Any, remarks: tuple[Remark, ...]) -> None:
    typer.echo(f"{flow['id']}\t{flow['name']}")
    for remark in remarks:
        at = "" if remark.text is None else f" (character {(remark.position or 0) + 1} of {remark.text!r})"
        typer.echo(f"  {remark.weight:<4}  {remark.place}: {remark.message}{at}")
