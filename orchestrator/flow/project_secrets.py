"""Which secrets of its project a flow refers to, as `project.secrets.<name>`. Pure.

An input of a plugin that takes a secret may hold the name alone; who asks for that needs the plugin's schema.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, references, render_path
from orchestrator.flow.model import Flow
from orchestrator.flow.project_variables import names_in
from orchestrator.flow.uses import Use, uses

ROOT: Final = ("project", "secrets")
_LENGTH: Final = 3
"""Steps of a path that names one and nothing else."""


def place_of(name: str) -> str:
    """The secret as templates write it."""
    return render_path((*ROOT, name))


def secret_name(path: Path) -> str | None:
    """The name in a path that is one secret of the project; none for other paths."""
    if path[:2] == ROOT and len(path) == _LENGTH and isinstance(path[2], str):
        return path[2]
    return None


def refers_to_secret(value: Any) -> bool:
    """Whether a template is one reference to a secret of the project and nothing else."""
    if not isinstance(value, str) or not value.startswith("${") or value.find("}") != len(value) - 1:
        return False
    try:
        return all(secret_name(path) is not None for path in references(value))
    except ExpressionError:
        return False


def secret_uses(flow: Flow) -> Iterator[tuple[str, Use]]:
    """Every place of the flow itself that refers to one, with its name."""
    for use in uses(flow):
        if use.variable.startswith(".".join(ROOT)):
            for path in references(f"${{{use.variable}}}"):
                if (name := secret_name(path)) is not None:
                    yield name, use


def named_secrets(definition: Mapping[str, Any]) -> frozenset[str]:
    """Those that a definition refers to, and the flows inside it at whatever depth, but for nodes that are left out."""
    return names_in(definition, ROOT[1], secret_uses)
