"""Systems whose components have more than one back end: described by adapters, for `gateway.registry.back_ends`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StandardSystem:
    """One component surface.

    Attributes:
        name: as which the embedded system is registered.
        address: where that is served.
        document: makes its OpenAPI document, which declares the components; takes a moment.
        blueking: reads how BlueKing's own system answers them: YAML, see `gateway.registry.back_ends.table`.
    """

    name: str
    address: str
    document: Callable[[], dict[str, Any]]
    blueking: Callable[[], str]
