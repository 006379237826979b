"""Which variables of its project a flow names, as `project.variables.<name>`. Pure."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from orchestrator.flow.document import read_flow
from orchestrator.flow.model import Flow
from orchestrator.flow.uses import Use, uses

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PREFIX: Final = "project.variables."


def place_of(name: str) -> str:
    """The variable as templates and conditions write it."""
    return f"{_PREFIX}{name}"


def variable_uses(flow: Flow) -> Iterator[tuple[str, Use]]:
    """Every place of the flow itself that names one, with its name."""
    for use in uses(flow):
        name = use.variable.removeprefix(_PREFIX)
        if name != use.variable:
            yield name, use


def named_variables(definition: Mapping[str, Any]) -> frozenset[str]:
    """Those that a definition names, and the flows inside it at whatever depth; nodes that are left out name none."""
    return names_in(definition, "variables", variable_uses)


def names_in(
    definition: Mapping[str, Any], word: str, uses_of: Callable[[Flow], Iterator[tuple[str, Use]]]
) -> frozenset[str]:
    """What the uses of a definition and of the flows inside it name.

    Args:
        word: stands in every text that has such a use.
    """
    # Most flows name none: reading a large one for that alone would take longer than all else of a launch.
    if word not in json.dumps(definition):
        return frozenset()
    flow = read_flow(definition)
    parts = (flow, *flow.subflows.values())
    return frozenset(name for part in parts for name, use in uses_of(part) if use.node_id not in part.left_out)
