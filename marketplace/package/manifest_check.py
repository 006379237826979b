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
from marketplace.package import wordings
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
    "missing": wordings.MISSING,
    "extra_forbidden": wordings.UNKNOWN,
    "string_type": wordings.NO_TEXT,
    "dict_type": wordings.NO_NAMES,
    "list_type": wordings.NO_LIST,
    "string_too_short": wordings.EMPTY_TEXT,
    "model_type": wordings.NO_NAMES,
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
        raise PackageRefused([wordings.NO_OBJECT.at("plugin.yaml")])
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
        raise PackageRefused([wordings.NO_DETAIL.at(DETAIL)])
    written = [name for name in ("inputs", "outputs", "python") if name in document]
    if written:
        raise PackageRefused([wordings.IN_CODE.at(name) for name in written])
    if published_as(detail.version) != document.get("version"):
        published = published_as(detail.version)
        raise PackageRefused([wordings.CODES_VERSION.at("version", version=detail.version, published=published)])
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
        wordings.MISSING.at(kind.value) if part is None else wordings.NO_PART.at(kind.value, kind=manifest.kind.value)
        for kind, part in parts.items()
        if (part is None) == (kind is manifest.kind)
    ]


def _readable(detail: ErrorDetails) -> FieldProblem:
    field = dotted("", [step for step in detail["loc"] if step != "[key]"])
    if detail["type"] in _READABLE:
        return _READABLE[detail["type"]].at(field)
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
        problems += [wordings.NO_FORM_PART.at(dotted("form", [name])) for name in unknown]
        problems += form_problems(manifest.form_document())
    return problems


def _version_problems(version: str) -> list[FieldProblem]:
    if not semver.Version.is_valid(version):
        return [wordings.NO_VERSION.at("version")]
    if "+" in version:
        return [wordings.BUILD.at("version")]
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
            problems.append(wordings.NO_RANGE.at(field, why=str(error)))
    return problems


def _repetitions(field: str, names: list[str]) -> list[FieldProblem]:
    return [
        wordings.REPEATED.at(f"{field}[{index}]", name=name)
        for index, name in enumerate(names)
        if name in names[:index]
    ]
