"""Access tokens for tasks: implemented by gateway.oauth."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TaskToken:
    """Attributes:
    scopes: what was asked for and is covered by the service app's grants.
    expires_at: seconds since the epoch.
    """

    value: str
    scopes: frozenset[str]
    expires_at: float


class TaskTokenMinter(Protocol):
    async def mint(
        self, *, project_id: str, task_id: str, on_behalf_of: str, scopes: frozenset[str], launched_by: str = ""
    ) -> TaskToken:
        """A token of the project's service app, narrowed to `scopes`; `act` names the person, and inside that who
        launched the task, where that is somebody else (RFC 8693 §4.1).

        No other credential for tasks exists. What was found of a project's rights may be remembered for moments.
        """
        ...

    def forget(self) -> None:
        """Drops what is remembered: the gateway refused a token, whose key may have been withdrawn."""
        ...
