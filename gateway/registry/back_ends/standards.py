"""The systems with more than one back end, each read once in the life of a process."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from gateway.registry.back_ends.components import answered_by, lack_of
from gateway.registry.back_ends.table import BackEndTable
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.releases.writer import digest_of
from kernel.contracts.standard_systems import StandardSystem
from kernel.errors import NotFound

BackEnd = Literal["embedded", "blueking"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A back end; `through` is the way to it, none for the embedded one."""

    back_end: BackEnd
    through: str | None = None

    @property
    def text(self) -> str:
        return f"{self.back_end} through {self.through}" if self.through is not None else self.back_end


EMBEDDED = Chosen("embedded")


@dataclass(frozen=True, slots=True)
class Standard:
    """A system with what its back ends make of its components; `digests` are those of the releases."""

    name: str
    address: str
    table: BackEndTable
    components: dict[Chosen, tuple[ComponentDefinition, ...]]
    digests: dict[Chosen, str]

    @classmethod
    def of(cls, system: StandardSystem) -> "Standard":
        """Raises ValueError for a document or a table that can't be read: both are part of the product."""
        document = import_openapi(system.document(), system.name)
        if document.problems:
            raise ValueError(f"{system.name}: {document.problems[0]}")
        table = BackEndTable.read(system.blueking())
        components = {EMBEDDED: document.components}
        for way in table.ways:
            answered = tuple(answered_by(component, table, way) for component in document.components)
            components[Chosen("blueking", way)] = answered
        digests = {chosen: digest_of(found) for chosen, found in components.items()}
        return cls(system.name, system.address, table, components, digests)

    def lacking(self, chosen: Chosen) -> dict[str, str]:
        """Component → why that back end can't answer it."""
        if chosen.through is None:
            return {}
        names = [component.name for component in self.components[chosen]]
        reasons = {name: lack_of(name, self.table, chosen.through) for name in names}
        return {name: reason for name, reason in reasons.items() if reason is not None}


class StandardSystems:
    def __init__(self, systems: Iterable[StandardSystem]) -> None:
        self._systems = {system.name: system for system in systems}
        self._read: dict[str, Standard] = {}

    def find(self, name: str) -> Standard | None:
        """None for a system that has nothing to choose from."""
        system = self._systems.get(name)
        if system is not None and name not in self._read:
            self._read[name] = Standard.of(system)
        return self._read.get(name)

    def document(self, name: str) -> dict[str, Any]:
        """The OpenAPI document that declares the components of one there is."""
        return self._systems[name].document()

    def get(self, name: str) -> Standard:
        """Raises NotFound."""
        found = self.find(name)
        if found is None:
            raise NotFound(f"{name} has no back ends to choose from: {', '.join(self._systems) or 'no system'} has")
        return found
