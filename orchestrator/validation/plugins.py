"""Plugin nodes against the plugins installed in the project."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import references
from kernel.forms.secrets import secret_fields
from orchestrator.flow.model import Flow, PluginNode
from orchestrator.flow.problems import Problem


@dataclass(frozen=True, slots=True)
class KnownPlugin:
    """JSON Schemas of one installed plugin version."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


def check_plugins(flow: Flow, plugins: Mapping[tuple[str, str], KnownPlugin]) -> Iterator[Problem]:
    """Each plugin version is installed, its required inputs are given, and fixed values fit their schema."""
    nodes = {node.id: node for node in flow.nodes if isinstance(node, PluginNode)}
    for node in nodes.values():
        plugin = plugins.get((node.plugin, node.version))
        if plugin is None:
            versions = ", ".join(sorted(version for code, version in plugins if code == node.plugin))
            problem = f"{node.plugin} {node.version} is not installed in the project"
            remedy = f"installed is {versions}" if versions else "install it first"
            yield Problem("plugin_installed", problem, remedy, node.id, field="version" if versions else "plugin")
            continue
        yield from _check_inputs(node, plugin.inputs)
    yield from _check_outputs(flow, nodes, plugins)


def _check_inputs(node: PluginNode, schema: Mapping[str, Any]) -> Iterator[Problem]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in node.inputs:
            yield Problem(
                "input_required", f"the input {name!r} is missing", "give it", node.id, field=f"inputs.{name}"
            )
    secrets = secret_fields(schema)
    for name, value in node.inputs.items():
        if name not in properties:
            if schema.get("additionalProperties") is False:
                known = ", ".join(sorted(properties)) or "none"
                problem = f"{node.plugin} has no input {name!r}"
                yield Problem("input_known", problem, f"its inputs are {known}", node.id, field=f"inputs.{name}")
            continue
        if name in secrets and not _is_fixed(value):
            problem = f"the input {name!r} takes a secret, whose name stands in the flow itself"
            remedy = "write the name of one of the project's secrets, without ${…}"
            yield Problem("secret_named", problem, remedy, node.id, field=f"inputs.{name}")
        elif _is_fixed(value):
            yield from _check_value(node, name, value, properties[name], schema)


def _check_value(node: PluginNode, name: str, value: Any, part: Any, schema: Mapping[str, Any]) -> Iterator[Problem]:
    whole = {"$defs": schema["$defs"], **part} if isinstance(part, Mapping) and "$defs" in schema else part
    for error in Draft202012Validator(whole).iter_errors(value):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        yield Problem("input_value", error.message[:500], "", node.id, field=f"inputs.{name}{place}")


def _check_outputs(
    flow: Flow, nodes: Mapping[str, PluginNode], plugins: Mapping[tuple[str, str], KnownPlugin]
) -> Iterator[Problem]:
    """A reference to an output the plugin does not declare is advised against: it may be missing at run time."""
    places = [(node.id, dict(node.inputs)) for node in nodes.values()]
    for where, template in [*places, (None, dict(flow.outputs))]:
        try:
            found = references(template)
        except ExpressionSyntaxError:  # check_references reports it
            continue
        for path in sorted(found, key=str):
            match path:
                case ("nodes", str(name), "outputs", str(output), *_) if name in nodes:
                    node = nodes[name]
                    plugin = plugins.get((node.plugin, node.version))
                    declared = plugin.outputs.get("properties") if plugin else None
                    if declared is not None and output not in declared:
                        problem = f"{node.plugin} declares no output {output!r}"
                        remedy = f"its outputs are {', '.join(sorted(declared)) or 'none'}"
                        yield Problem("output_declared", problem, remedy, where, blocking=False)
                case _:
                    pass


def _is_fixed(value: Any) -> bool:
    try:
        return not references(value)
    except ExpressionSyntaxError:
        return False
