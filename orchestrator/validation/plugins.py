"""Plugin nodes against the plugins installed in the project."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import FieldProblem
from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import references
from orchestrator.flow.model import Flow, PluginNode
from orchestrator.flow.problems import Problem
from orchestrator.validation.inputs import Given, Taken, check_inputs
from orchestrator.validation.secrets import secret_paths
from orchestrator.validation.wordings import NO_OUTPUTS, NOT_ALLOWED, NOT_INSTALLED, OTHER_VERSION, UNDECLARED_OUTPUT


@dataclass(frozen=True, slots=True)
class KnownPlugin:
    """JSON Schemas of one installed plugin version, and why it may not run, where it may not."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    refusal: str | None = None


def check_plugins(flow: Flow, plugins: Mapping[tuple[str, str], KnownPlugin]) -> Iterator[Problem]:
    """Each plugin version is installed and may run, required inputs are given, and fixed values fit their schema."""
    nodes = {node.id: node for node in flow.nodes if isinstance(node, PluginNode)}
    secrets = secret_paths(flow)
    taken: dict[tuple[str, str], Taken] = {}
    for node in nodes.values():
        plugin = plugins.get((node.plugin, node.version))
        if plugin is None:
            yield Problem.of("plugin_installed", _not_installed(node, plugins), node.id)
            continue
        if plugin.refusal is not None:
            said = NOT_ALLOWED.at("plugin", plugin=node.plugin, version=node.version, why=plugin.refusal)
            yield Problem.of("plugin_allowed", said, node.id)
        key = node.plugin, node.version
        if key not in taken:
            taken[key] = Taken(plugin.inputs)
        yield from check_inputs(Given(node.id, node.plugin, node.inputs, secrets), taken[key])
    yield from _check_outputs(flow, nodes, plugins)


def _not_installed(node: PluginNode, plugins: Iterable[tuple[str, str]]) -> FieldProblem:
    versions = tuple(sorted(version for code, version in plugins if code == node.plugin))
    if versions:
        return OTHER_VERSION.at("version", plugin=node.plugin, version=node.version, versions=versions)
    return NOT_INSTALLED.at("plugin", plugin=node.plugin, version=node.version)


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
                        said = _undeclared(node.plugin, output, tuple(sorted(declared)))
                        yield Problem.of("output_declared", said, where, blocking=False)
                case _:
                    pass


def _undeclared(plugin: str, output: str, declared: tuple[str, ...]) -> FieldProblem:
    if not declared:
        return NO_OUTPUTS.at("", plugin=plugin, output=output)
    return UNDECLARED_OUTPUT.at("", plugin=plugin, output=output, known=declared)
