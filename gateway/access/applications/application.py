"""An application as applicant and owner read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.access.grants.models import Grant, GrantEvent
from gateway.access.grants.states import ApplicationState


@dataclass(frozen=True, slots=True)
class Application:
    """Attributes:
    grants: at least one; what they were asked for with is the same in all.
    history: oldest first.
    """

    id: str
    state: ApplicationState
    grants: Sequence[Grant]
    history: Sequence[GrantEvent]

    @property
    def app_code(self) -> str:
        return self.grants[0].app_code

    @property
    def system(self) -> str:
        return self.grants[0].system
