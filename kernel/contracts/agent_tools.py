"""What agents may start: flows and plugins of a project, run as tasks. Implemented by the orchestrator."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class StartableTool:
    """A flow, or a plugin, that can be started now.

    Attributes:
        id: the flow's id, or the plugin's code.
        version: the revision's number, or the plugin's version.
        texts: by language: name and description.
        inputs: JSON Schema of the inputs.
        scopes: what it may use at most, for people to see.
    """

    id: str
    version: str
    texts: Mapping[str, tuple[str, str]]
    inputs: Mapping[str, Any]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskStanding:
    """How a task stands.

    Attributes:
        state: as `GET /v1/tasks/{id}` tells it.
        ended: nothing will happen any more.
        stuck: it waits for a person: failed or paused.
        done: nodes that have finished, of `total`.
        message: what is under way, or went wrong.
    """

    task_id: str
    project_id: str
    name: str
    state: str
    ended: bool
    stuck: bool
    done: int
    total: int
    message: str
    outputs: Mapping[str, Any] | None


class AgentTools(Protocol):
    async def flows(self, session: AsyncSession, project_id: str, ids: Iterable[str]) -> list[StartableTool]:
        """Those among these flows that belong to the project and are published."""
        ...

    async def plugins(self, session: AsyncSession, project_id: str, codes: Iterable[str]) -> list[StartableTool]:
        """The newest installed version of each of these plugins that is installed."""
        ...

    async def start_flow(
        self, session: AsyncSession, principal: Principal, flow_id: str, inputs: Mapping[str, Any]
    ) -> str:
        """Launches the flow as the person; answers the task's id.

        Raises:
            PermissionDenied: the person may not launch it.
            Invalid: naming the inputs that don't fit.
        """
        ...

    async def start_plugin(
        self, session: AsyncSession, principal: Principal, project_id: str, code: str, inputs: Mapping[str, Any]
    ) -> str:
        """Runs the plugin as a task of one node; otherwise as `start_flow`."""
        ...

    async def standing(self, session: AsyncSession, principal: Principal, task_id: str) -> TaskStanding:
        """Raises:
        NotFound, PermissionDenied.
        """
        ...

    async def end(self, session: AsyncSession, principal: Principal, task_id: str) -> None:
        """Asks that no further node begins; raises NotFound, PermissionDenied, Conflict."""
        ...

    def changes(self, task_id: str) -> AbstractContextManager["TaskNews"]:
        """Hears of what becomes of the task."""
        ...


class TaskNews(Protocol):
    async def wait(self, seconds: float) -> None:
        """Returns when the task may have changed, or after `seconds`."""
        ...
