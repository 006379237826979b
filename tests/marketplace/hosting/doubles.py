"""What stands in for other units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class KeptSystems:
    kept: list[str] = field(default_factory=list)

    async def keep(self, name: str, address: str, document: Mapping[str, Any]) -> None:
        assert document["paths"]
        self.kept.append(f"{name} at {address}")
