"""Named values of a flow, as its templates and conditions see them: ``constants.<name>``. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kernel.expressions.errors import ExpressionError, ExpressionRefused
from kernel.expressions.interpolation import Path, interpolate, references
from orchestrator.flow.model import Constant, Flow

ROOT = "constants"


class ConstantValues(Mapping[str, Any]):
    """Each is worked out when it is named, with what is known then.

    Args:
        values: what templates see besides; this object among them.
        began: the inputs that the flow began with.
    """

    __slots__ = ("_began", "_constants", "_under_way", "_values")

    def __init__(self, constants: Mapping[str, Constant], values: Mapping[str, Any], began: Mapping[str, Any]) -> None:
        self._constants = constants
        self._values = values
        self._began = began
        self._under_way: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        constant = self._constants[name]
        if name in self._under_way:
            raise ExpressionRefused(f"{ROOT}.{name} leads back to itself")
        values = {**self._values, "inputs": self._began} if constant.once else self._values
        self._under_way.add(name)
        try:
            return interpolate(constant.value, values)
        finally:
            self._under_way.discard(name)

    def __contains__(self, name: object) -> bool:
        return name in self._constants

    def __iter__(self) -> Iterator[str]:
        return iter(self._constants)

    def __len__(self) -> int:
        return len(self._constants)


def with_constants(values: dict[str, Any], flow: Flow, began: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """``values`` with the constants of the flow they are for, and of no other.

    Args:
        began: the inputs that the flow began with; none where these are the present ones.
    """
    values.pop(ROOT, None)
    if flow.constants:
        values[ROOT] = ConstantValues(flow.constants, values, values["inputs"] if began is None else began)
    return values


def named_through(paths: Iterable[Path], constants: Mapping[str, Constant]) -> frozenset[Path]:
    """The paths, and those that constants among them name, at whatever depth."""
    found = set(paths)
    pending = [path for path in found if path[0] == ROOT]
    while pending:
        name = pending.pop()[1:2]
        more = paths_of(constants[str(name[0])]) - found if name and name[0] in constants else frozenset()
        found |= more
        pending += [path for path in more if path[0] == ROOT]
    return frozenset(found)


def paths_of(constant: Constant) -> frozenset[Path]:
    """What a constant names itself; nothing where it can't be read."""
    try:
        return references(constant.value)
    except ExpressionError:
        return frozenset()


def inputs_named_once(flow: Flow) -> frozenset[str]:
    """Inputs that are named by constants which are worked out once."""
    paths = named_through(
        (path for constant in flow.constants.values() if constant.once for path in paths_of(constant)), flow.constants
    )
    return frozenset(str(path[1]) for path in paths if path[0] == "inputs" and len(path) > 1)
