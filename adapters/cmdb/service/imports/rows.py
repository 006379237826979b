"""A host as an import brings it, and what may be wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HostRow:
    """Attributes:
    number: of its row in the file, or its place in what a source answered; from 1.
    properties: the host's own fields that were given, checked; `custom`: those of custom attributes, by name.
    places: `set/module`, or the name of an internal module; none leaves a host where it is.
    external_id: what the source calls it.
    """

    number: int
    address: str
    cloud_id: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row is refused.

    Attributes:
        field: the property, or the column as the file names it.
        remedy: what to do instead.
    """

    number: int
    field: str
    problem: str
    remedy: str

    @property
    def shown(self) -> dict[str, Any]:
        return {"row": self.number, "field": self.field, "problem": self.problem, "remedy": self.remedy}
