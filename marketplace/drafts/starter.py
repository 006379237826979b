"""The first draft of a plugin that calls a registered component: it passes its checks and says what to change. Pure."""

import re
from typing import Any

import yaml

from kernel.contracts.components import ComponentDescription
from kernel.forms.schema import object_schema_problems

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
_MAX_INPUTS = 30
README = "Write here what a user of the plugin should know: what it does, what it needs, and what it gives back.\n"
CHANGELOG = "# Changes\n\n## 0.1.0\n\n- First version.\n"


def starter_manifest(component: ComponentDescription, code: str, publisher: str) -> str:
    """A `plugin.yaml` whose inputs are what the component takes, as far as they have names that templates can use."""
    path = {name: {"type": "string", "title": _title(name)} for name in _PLACEHOLDER.findall(component.path)}
    body, required = _body(component)
    inputs = {**body, **path}
    call: dict[str, Any] = {"component": f"{component.system}.{component.name}"}
    if path:
        call["path"] = {name: f"${{inputs.{name}}}" for name in path}
    if body:
        call["body"] = {name: f"${{inputs.{name}}}" for name in body}
    title = _title(code)
    manifest = {
        "code": code,
        "version": "0.1.0",
        "kind": "component",
        "publisher": publisher,
        "name": {"en": title, "zh": title},
        "description": {"en": f"Calls {call['component']}.", "zh": f"调用 {call['component']}。"},
        "tags": [component.system],
        "inputs": {
            "type": "object",
            "properties": inputs,
            "required": sorted({*required, *path}),
            "additionalProperties": False,
        },
        "outputs": {"type": "object", "properties": {"answer": {"title": "Answer"}}},
        "scopes": [
            {"scope": scope, "reason": {"en": f"To call {call['component']}.", "zh": f"调用 {call['component']}。"}}
            for scope in component.scopes
        ],
        "component": {"call": call, "outputs": {"answer": "${response}"}},
    }
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)


def _body(component: ComponentDescription) -> tuple[dict[str, Any], list[str]]:
    """Members of the body that can be inputs as they are, and those of them that are required."""
    schema = component.request_schema or {}
    if component.method in _WITHOUT_BODY:
        return {}, []
    taken: dict[str, Any] = {}
    for name, part in list(schema.get("properties", {}).items())[:_MAX_INPUTS]:
        alone = {"type": "object", "properties": {name: part}}
        if _NAME.fullmatch(name) and not object_schema_problems(alone, "inputs"):
            taken[name] = {"title": _title(name), **part} if isinstance(part, dict) else part
    return taken, [name for name in schema.get("required", ()) if name in taken]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
