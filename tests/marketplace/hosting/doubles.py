"""What stands in for other units, and patience."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class KeptSystems:
    kept: list[str] = field(default_factory=list)

    async def keep(self, name: str, address: str, document: Mapping[str, Any]) -> None:
        assert document["paths"]
        self.kept.append(f"{name} at {address}")


async def until(holds: Callable[[], object]) -> None:
    """Up to half a minute."""
    for _ in range(600):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it has not come to be")
