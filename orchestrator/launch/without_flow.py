"""What is launched that is no flow's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.tasks.origins import BY_HAND, Origin


@dataclass(frozen=True, slots=True)
class PluginLaunch:
    """A plugin that is to run alone.

    Attributes:
        definition: of a flow with that plugin as its one node.
        inputs: checked, defaults filled in.
        scopes: what its install consents to.
    """

    project_id: str
    name: str
    definition: dict[str, Any]
    inputs: dict[str, Any]
    scopes: frozenset[str]
    origin: Origin = BY_HAND


@dataclass(frozen=True, slots=True)
class OnceLaunch:
    """A task of a definition that is no flow's; `inputs` as they were given."""

    project_id: str
    name: str
    definition: Mapping[str, Any]
    inputs: Mapping[str, Any]
    start: bool = True
    origin: Origin = BY_HAND
