"""Calling components outside of plugins, as a project and for a person, through the gateway: implemented by the
marketplace.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ComponentCall:
    """Attributes:
    component: `system.component`; its inputs are its JSON body.
    on_behalf_of: the person for whom the project's service app calls.
    task_id: the task it is about, or the name of what calls.
    idempotency_key: empty for a read.
    launched_by: who launched the task, where that is somebody else than `on_behalf_of`; else empty.
    """

    component: str
    inputs: Mapping[str, Any]
    project_id: str
    on_behalf_of: str
    task_id: str
    idempotency_key: str = ""
    launched_by: str = ""


class ComponentRefused(Exception):
    """The component or the gateway refused, or answered what is no data; the text is for people.

    Attributes:
        code: of the envelope; 0 where there was none.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class ComponentAway(Exception):
    """The way to the component is closed for the moment; the call may be made again."""


class ComponentCaller(Protocol):
    async def call(self, call: ComponentCall) -> Any:
        """The data that was answered. Raises ComponentRefused, ComponentAway."""
        ...
