"""What other units may know of registered components: implemented by gateway.registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class ComponentDescription:
    """A component as its active release on stage `prod` serves it.

    Attributes:
        path: template below the stage, e.g. `/hosts/{host_id}`.
        scopes: all of these together, or `system.component` alone, admit a call.
        is_read: true when a call changes nothing, so it needs no idempotency key.
    """

    system: str
    name: str
    method: str
    path: str
    scopes: tuple[str, ...]
    is_read: bool
    request_schema: Mapping[str, Any] | None = None


class ComponentDirectory(Protocol):
    async def find(self, session: AsyncSession, system: str, component: str) -> ComponentDescription | None: ...

    async def known_scopes(self, session: AsyncSession) -> frozenset[str]:
        """Every scope that some registered component asks for, `system.component` forms included."""
        ...
