"""Where a task's definition asks people for secrets. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kernel.forms.secrets import secret_fields
from kernel.secret_handles import handles_in
from orchestrator.launch.forms import form_of, launch_form

_DECISIONS: Final = frozenset({"confirm", "approval"})


@dataclass(frozen=True, slots=True)
class SecretForms:
    """Attributes:
    inputs: names of the inputs that are secrets.
    decisions: id of a node that asks a person → names of what it takes as secrets, of the flows inside too.
    """

    inputs: frozenset[str]
    decisions: Mapping[str, frozenset[str]]


def secret_forms(definition: Mapping[str, Any]) -> SecretForms:
    decisions: dict[str, frozenset[str]] = {}
    for part in (definition, *definition.get("subflows", {}).values()):
        for node in part.get("nodes", ()):
            if node["kind"] in _DECISIONS and node.get("form"):
                asked = secret_fields(form_of(node["form"]).schema)
                decisions[node["id"]] = decisions.get(node["id"], frozenset()) | asked
    return SecretForms(secret_fields(launch_form(definition).schema), decisions)


def plain_texts(values: Mapping[str, Any] | None, names: frozenset[str]) -> Iterator[str]:
    """The secrets among the values that stand there as they were typed."""
    for name in sorted(names & (values or {}).keys()):
        value = (values or {})[name]
        if isinstance(value, str) and value and not handles_in(value):
            yield value


def plain_in_task(
    forms: SecretForms, task: Mapping[str, Any], runs: Sequence[tuple[str, Mapping[str, Any] | None]]
) -> frozenset[str]:
    """Args:
    task: its columns.
    runs: path of a node and what its run gave.
    """
    found = [*plain_texts(task["inputs"], forms.inputs), *plain_texts(_changed(task), forms.inputs)]
    for path, outputs in runs:
        asked = forms.decisions.get(path.rpartition(".")[2])
        if asked:
            found += plain_texts((outputs or {}).get("data"), asked)
    return frozenset(found)


def _changed(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What its inputs were changed to while it ran."""
    changed: Mapping[str, Any] | None = (task.get("progress") or {}).get("inputs")
    return changed
