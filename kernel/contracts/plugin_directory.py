"""What the orchestrator may know of plugins installed in a project: implemented by the marketplace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin version that a project has consented to.

    Attributes:
        inputs: JSON Schema of the inputs.
        outputs: JSON Schema of the outputs.
        scopes: consented scopes.
        refusal: why it may not run at present, though it is installed; none where it may.
    """

    code: str
    version: str
    name: Mapping[str, str]
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    scopes: frozenset[str]
    refusal: str | None = None


class PluginDirectory(Protocol):
    async def installed(self, session: AsyncSession, project_id: str) -> list[InstalledPlugin]:
        """All plugin versions installed in the project."""
        ...

    async def consented(self, session: AsyncSession, project_id: str) -> Mapping[tuple[str, str], frozenset[str]]:
        """Code and version of each that is installed in the project → the scopes consented to."""
        ...
