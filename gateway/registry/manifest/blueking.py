"""BlueKing's definition and resources files as one of our documents: what `:plan` and `:apply` take. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from gateway.fields import VERSION
from gateway.registry.importers.blueking_definition import GatewayDefinition, GrantDefinition, read_definition
from gateway.registry.importers.definitions import ImportedDocument
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.importers.service import documented
from gateway.registry.importers.templates import read_template
from gateway.registry.manifest.schemas import SystemManifest
from kernel.errors import FieldProblem, Invalid
from kernel.shape_problems import shape_problem
from kernel.yaml_text import Unreadable


@dataclass(frozen=True, slots=True)
class GatewayFiles:
    """The texts of one gateway's files.

    Attributes:
        variables: `settings.NAME` and `environ.NAME`, by name.
        docs: Markdown by language and resource.
    """

    name: str
    definition: str
    resources: str
    variables: Mapping[str, str]
    docs: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ConvertedGateway:
    """Attributes:
    grants: what the files give to apps; grants are applied for and decided, an apply makes none.
    notes: what the files ask for that the document doesn't say.
    """

    manifest: SystemManifest
    grants: tuple[GrantDefinition, ...]
    notes: tuple[FieldProblem, ...]


def convert(files: GatewayFiles) -> ConvertedGateway:
    """Raises Invalid, naming each wrong place as `definition` or `resources` and its JSON pointer."""
    definition = read_definition(_read(files.definition, files.variables, "definition"))
    document = import_openapi(_read(files.resources, files.variables, "resources"), files.name)
    problems = [*_placed("definition", definition.problems), *_placed("resources", document.problems)]
    if not problems and not definition.stages:
        problems.append(FieldProblem("definition/stages", "has no stage", "Describe one at least"))
    if problems:
        raise _refused(problems)
    try:
        manifest = SystemManifest.model_validate(_manifest(files, definition, document))
    except ValidationError as error:
        problems = [
            shape_problem(".".join(map(str, each["loc"])), each["type"], each["msg"], each.get("ctx"))
            for each in error.errors()
        ]
        raise _refused(problems) from error
    notes = (*_placed("definition", definition.notes), *_placed("resources", document.notes))
    return ConvertedGateway(manifest, definition.grants, notes)


def _manifest(files: GatewayFiles, definition: GatewayDefinition, document: ImportedDocument) -> dict[str, Any]:
    version = definition.version
    release = version if version is not None and re.fullmatch(VERSION, version) else None
    return {
        "name": files.name,
        "title": document.title or files.name,
        "description": definition.description or definition.description_en,
        "components": [documented(each, files.docs).document() for each in document.components],
        "stages": [
            {
                "name": stage.name,
                "release": release,
                "variables": dict(stage.variables),
                "signing": {"profile": "jwt"},
                "upstreams": dict(stage.upstreams),
                "policies": [dict(policy) for policy in stage.policies],
            }
            for stage in definition.stages
        ],
    }


def _read(text: str, variables: Mapping[str, str], place: str) -> Any:
    try:
        return read_template(text, variables)
    except Unreadable as error:
        raise Invalid.field(place, str(error), "Send the file's text") from error


def _placed(place: str, problems: tuple[FieldProblem, ...]) -> list[FieldProblem]:
    return [replace(problem, field=f"{place}{problem.field}".rstrip("/")) for problem in problems]


def _refused(problems: list[FieldProblem]) -> Invalid:
    shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
    return Invalid(f"The files can't be read: {shown}", code="bad_document", fields=problems)
