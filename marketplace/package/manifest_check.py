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
from kernel.shape_problems import shape_problem
from marketplace.package.compatibility import published_as
from marketplace.package.errors import PackageRefused
from marketplace.package.expressions_check import ExpressionCheck
from marketplace.package.limits import DETAIL
from marketplace.package.manifest import Manifest, PluginKind
from marketplace.package.plugin_detail import PluginDetail
from marketplace.package.ranges import read_range
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


def read_manifest(text: bytes, detail: PluginDetail | None = None) -> Manifest:
    """The manifest of a `plugin.yaml`.

    Args:
        detail: what the code of a Python plugin says of itself, which its manifest does not repeat.

    Raises:
        PackageRefused: naming each wrong field by its dotted path.
    """
    return check_manifest(read_yaml(text), detail)


def check_manifest(document: Any, detail: PluginDetail | None = None) -> Manifest:
    """As `read_manifest`, for what has been read already."""
    manifest = shaped_manifest(document, detail)
    problems = _kind_problems(manifest) or _field_problems(manifest)
    if not problems and manifest.component is not None:
        problems = ExpressionCheck(manifest, manifest.component).problems()
    problems = problems or secret_input_problems(manifest)
    if problems:
        raise PackageRefused(problems)
    return manifest


def shaped_manifest(document: Any, detail: PluginDetail | None = None) -> Manifest:
    """As `check_manifest`, of which only the shape is checked."""
    if not isinstance(document, dict):
        raise PackageRefused.one("plugin.yaml", "must be an object", "Begin with code, version and kind")
    if document.get("kind") == PluginKind.PYTHON:
        document = _with_detail(document, detail)
    past = bound_problem(document, SCHEMA_BOUNDS, "plugin.yaml")
    if past is not None:
        raise PackageRefused([past])
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        raise PackageRefused([_readable(detail) for detail in error.errors(include_url=False)]) from error


def load_manifest(text: str) -> Manifest:
    """A manifest we stored ourselves: its shape is read, its content not checked again."""
    return Manifest.model_validate(json.loads(text))


def _with_detail(document: dict[str, Any], detail: PluginDetail | None) -> dict[str, Any]:
    if detail is None:
        raise PackageRefused.one(DETAIL, "is missing", "Pack it with `trunkline plugin pack`")
    written = [name for name in ("inputs", "outputs", "python") if name in document]
    if written:
        problem = "stands in the code of a Python plugin"
        raise PackageRefused([FieldProblem(name, problem, "Leave it out") for name in written])
    if published_as(detail.version) != document.get("version"):
        problem = f"the code's is {detail.version}, published as {published_as(detail.version)}"
        raise PackageRefused.one("version", problem, "Pack it again, with the version that is to be published")
    return document | {
        "inputs": detail.inputs.json_schema(),
        "outputs": detail.outputs.json_schema(),
        "python": {
            "version": detail.version,
            "context": detail.context_names(),
            "tells_end": detail.enable_plugin_callback,
            "cancels": detail.enable_cancel,
        },
    }


def _kind_problems(manifest: Manifest) -> list[FieldProblem]:
    """Each kind has the part of its name, and no other."""
    parts = {kind: getattr(manifest, kind.value) for kind in PluginKind}
    return [
        FieldProblem(kind.value, "is missing", "Add it")
        if part is None
        else FieldProblem(kind.value, f"is no part of a plugin of kind {manifest.kind.value}", "Leave it out")
        for kind, part in parts.items()
        if (part is None) == (kind is manifest.kind)
    ]


def _readable(detail: ErrorDetails) -> FieldProblem:
    field = dotted("", [step for step in detail["loc"] if step != "[key]"])
    if detail["type"] in _READABLE:
        return FieldProblem(field, *_READABLE[detail["type"]])
    return shape_problem(field, detail["type"], detail["msg"], detail.get("ctx"))


def _field_problems(manifest: Manifest) -> list[FieldProblem]:
    problems = _version_problems(manifest.version)
    problems += _range_problems(manifest)
    problems += _repetitions("tags", manifest.tags)
    problems += _repetitions("scopes", [need.scope for need in manifest.scopes])
    if manifest.flow is not None:
        problems += _repetitions("flow.plugins", [need.code for need in manifest.flow.plugins])
        problems += _repetitions("flow.secrets", manifest.flow.secrets)
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


def _range_problems(manifest: Manifest) -> list[FieldProblem]:
    needs = manifest.flow.plugins if manifest.flow is not None else []
    ranges = {f"flow.plugins[{index}].versions": need.versions for index, need in enumerate(needs)}
    if manifest.requires is not None:
        ranges["requires.trunkline"] = manifest.requires.trunkline
    problems = []
    for field, text in ranges.items():
        try:
            read_range(text)
        except ValueError as error:
            problems.append(FieldProblem(field, str(error), "Write it like >=1.0.0 <2.0.0"))
    return problems


def _repetitions(field: str, names: list[str]) -> list[FieldProblem]:
    return [
        FieldProblem(f"{field}[{index}]", f"{name} stands there twice", "Leave one out")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
