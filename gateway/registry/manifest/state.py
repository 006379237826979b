"""What a system is made of, whether it stands in a document or in the tables. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.registry.component_definition import ComponentDefinition

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReleaseState:
    version: str
    comment: str
    forced_because: str
    components: Sequence[ComponentDefinition]


@dataclass(frozen=True, slots=True)
class StageState:
    """Attributes:
    canary: `release`, `share`, `apps` of the release on trial.
    upstreams: by name, each without what is usual and without secrets.
    signing: `profile`, and its parameters as far as they aren't the usual ones.
    """

    name: str
    release: str | None
    canary: Document | None
    envelope: bool
    validate_requests: bool
    variables: Mapping[str, str]
    signing: Document
    upstreams: Mapping[str, Document]
    policies: Sequence[Document]

    def settings(self) -> dict[str, Any]:
        """What the stage itself has."""
        names = ("envelope", "validate_requests", "variables")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class SystemState:
    """Attributes:
    owner: none in a document means that whoever owns it stays.
    components: the draft's.
    """

    name: str
    title: str
    description: str
    owner: str | None
    aliases: Sequence[str]
    policies: Sequence[Document]
    components: Sequence[ComponentDefinition]
    releases: Sequence[ReleaseState]
    stages: Mapping[str, StageState]
