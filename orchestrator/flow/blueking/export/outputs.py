"""What a flow gives, as variables."""

from collections.abc import Mapping
from typing import Any

from orchestrator.flow.blueking.export.variables import Variables, only_reference, output_of
from orchestrator.flow.blueking.host_pickers import picked_by


def export_outputs(outputs: Mapping[str, Any], variables: Variables) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """(keys of the variables that are given, constants made for those that no node or input gives as they are)."""
    made: dict[str, dict[str, Any]] = {}
    for name, template in outputs.items():
        given = output_of(template)
        is_picked = given is not None and picked_by(given[0]) in variables.picked
        if given is not None and not is_picked and variables.claim(*given, name):
            continue
        path = only_reference(template)
        if path is None or variables.variable(path) != name:
            variables.reserve(name)
            made[name] = {"custom_type": "input", "source_type": "custom", "source_tag": "", "source_info": {}}
    for name, constant in made.items():
        constant |= {"show_type": "hide", "value": variables.value(outputs[name])}
    return [f"${{{name}}}" for name in outputs], made
