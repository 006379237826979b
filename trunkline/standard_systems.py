"""The embedded systems as component surfaces that other systems can answer too."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

from kernel.contracts.standard_systems import StandardSystem

_HOMES: Final = {
    "cmdb": "adapters.cmdb",
    "job": "adapters.job",
    "notify": "adapters.notify",
    "tools": "adapters.tools",
    "sops": "orchestrator.sops",
    "hosts": "gateway.coded.hosts",
}
"""System → the package that has its table."""
_CODED: Final = frozenset({"hosts"})
"""Those that are coded components."""
_TABLE: Final = "blueking.yaml"

Documents = Callable[[], Mapping[str, dict[str, Any]]]


def standard_systems(address: str, documents: Documents) -> tuple[StandardSystem, ...]:
    """`address` is where `/systems/…` is served; `documents` makes the OpenAPI document of each system by name."""
    systems = f"{address.rstrip('/')}/systems"
    return tuple(_system(name, f"{systems}/{'coded/' if name in _CODED else ''}{name}", documents) for name in _HOMES)


def _system(name: str, address: str, documents: Documents) -> StandardSystem:
    return StandardSystem(
        name=name,
        address=address,
        document=lambda: documents()[name],
        blueking=lambda: files(_HOMES[name]).joinpath(_TABLE).read_text("utf-8"),
    )
