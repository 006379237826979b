"""Reads a manifest and finds everything that is wrong with it."""

import json
from typing import Any

import semver
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kernel.errors import FieldProblem
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem
from kernel.forms.check import form_problems
from kernel.forms.pointers import dotted
from kernel.forms.schema import object_schema_problems
from marketplace.package.errors import PackageRefused
from marketplace.package.expressions_check import ExpressionCheck
from marketplace.package.manifest import Manifest
from marketplace.package.secrets_check import secret_input_problems
from marketplace.package.yaml_text import read_yaml

_READABLE = {
    "missing": ("is missing", "Add it"),
    "extra_forbidden": ("is not part of a manifest", "Leave it out, or correct its name"),
    "string_type": ("must be a text", "Quote it"),
    "dict_type": ("must be an object", "Give values by name"),
    "list_type": ("must be a list", "Give a list"),
    "string_too_short": ("is empty", "Write something"),
    "model_type": ("must be an object", "Give values by name"),
}


def read_manifest(text: bytes) -> Manifest:
    """The manifest of a `plugin.yaml`.

    Raises:
        PackageRefused: naming each wrong field by its dotted path.
    """
    return check_manifest(read_yaml(text))


def check_manifest(document: Any) -> Manifest:
    """As `read_manifest`, for what has been read already."""
    if not isinstance(document, dict):
        raise PackageRefused.one("plugin.yaml", "must be an object", "Begin with code, version and kind")
    past = bound_problem(document, SCHEMA_BOUNDS, "plugin.yaml")
    if past is not None:
        raise PackageRefused([past])
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        raise PackageRefused([_readable(detail) for detail in error.errors(include_url=False)]) from error
    problems = _field_problems(manifest) or ExpressionCheck(manifest).problems() or secret_input_problems(manifest)
    if problems:
        raise PackageRefused(problems)
    return manifest


def load_manifest(text: str) -> Manifest:
    """A manifest we stored ourselves: its shape is read, its content not checked again."""
    return Manifest.model_validate(json.loads(text))


def _readable(detail: ErrorDetails) -> FieldProblem:
    field = dotted("", [step for step in detail["loc"] if step != "[key]"])
    problem, remedy = _READABLE.get(detail["type"], (detail["msg"], ""))
    if detail["type"] == "string_pattern_mismatch":
        problem, remedy = "does not have the form wanted", f"Match the pattern {detail['ctx']['pattern']}"
    return FieldProblem(field, problem, remedy)


def _field_problems(manifest: Manifest) -> list[FieldProblem]:
    problems = _version_problems(manifest.version)
    problems += _repetitions("tags", manifest.tags)
    problems += _repetitions("scopes", [need.scope for need in manifest.scopes])
    problems += object_schema_problems(manifest.inputs, "inputs")
    problems += object_schema_problems(manifest.outputs, "outputs")
    if not problems and manifest.form is not None:
        unknown = [name for name in manifest.form if name not in ("schema", "uischema", "i18n")]
        problems += [FieldProblem(dotted("form", [name]), "is not part of a form", "Leave it out") for name in unknown]
        problems += form_problems(manifest.form_document())
    return problems


def _version_problems(version: str) -> list[FieldProblem]:
    if not semver.Version.is_valid(version):
        return [FieldProblem("version", "is no semantic version", "Write it like 1.0.0 or 1.1.0-rc.1")]
    if "+" in version:
        return [FieldProblem("version", "has build metadata, which doesn't tell versions apart", "Leave out + and on")]
    return []


def _repetitions(field: str, names: list[str]) -> list[FieldProblem]:
    return [
        FieldProblem(f"{field}[{index}]", f"{name} stands there twice", "Leave one out")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
