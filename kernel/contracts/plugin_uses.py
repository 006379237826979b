"""Where a project's flows use a plugin, and moving them to another version: implemented by the orchestrator."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.plugin_directory import InstalledPlugin
from kernel.principal import Principal


class UsePlace(StrEnum):
    """What of a flow names the version.

    REVISION: the newest published one, or one that is run inside it.
    SCHEDULE, TRIGGER, MINI_APP: a revision that one of these starts: not the newest, or another project's.
    TASK: a run that may still go on.
    """

    DRAFT = "draft"
    REVISION = "revision"
    SCHEDULE = "schedule"
    TRIGGER = "trigger"
    MINI_APP = "mini_app"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class PluginUse:
    """Attributes:
    flow_id: empty for a task of a plugin alone.
    nodes: ids of the nodes; none where only a flow inside uses it.
    revision: of a published flow or of what a task runs.
    tasks: how many tasks.
    """

    flow_id: str
    flow_name: str
    place: UsePlace
    version: str
    nodes: tuple[str, ...] = ()
    revision: int | None = None
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Breakage:
    """A problem that a node would have with another version.

    Attributes:
        field: inside the node.
    """

    node: str
    field: str
    problem: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class BrokenFlow:
    flow_id: str
    place: UsePlace
    breakages: tuple[Breakage, ...]


@dataclass(frozen=True, slots=True)
class VersionMove:
    """Nodes of some flows that are to run `after` instead of `before`.

    Attributes:
        publish: whether what the move leaves is published at once, where nothing else waits in the draft.
    """

    project_id: str
    plugin: str
    before: str
    after: str
    flow_ids: tuple[str, ...]
    publish: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class MovedFlow:
    """Attributes:
    nodes: those moved; none when the draft didn't name the version.
    revision: the new one, where one was published.
    note: why nothing was moved or published.
    """

    flow_id: str
    flow_name: str
    nodes: tuple[str, ...] = ()
    draft_version: int | None = None
    revision: int | None = None
    note: str = ""


class PluginUses(Protocol):
    async def find(self, session: AsyncSession, project_id: str, plugin: str) -> list[PluginUse]:
        """Drafts, newest revisions and running tasks of a project that name any version of the plugin."""
        ...

    async def breakages(
        self, session: AsyncSession, project_id: str, before: str, after: InstalledPlugin
    ) -> list[BrokenFlow]:
        """The flows that would break if their nodes ran `after` instead of the version `before`, and by what."""
        ...

    async def move(self, session: AsyncSession, principal: Principal, move: VersionMove) -> list[MovedFlow]:
        """Gives each flow a new draft, and a new revision where asked for; published revisions stay as they are.

        Raises:
            NotFound: a flow that is none of the project.
            PermissionDenied: a flow the principal may not edit, or publish.
        """
        ...


class NoUses:
    """For a process without an orchestrator."""

    async def find(self, session: AsyncSession, project_id: str, plugin: str) -> list[PluginUse]:  # noqa: ARG002
        return []

    async def breakages(
        self,
        session: AsyncSession,  # noqa: ARG002
        project_id: str,  # noqa: ARG002
        before: str,  # noqa: ARG002
        after: InstalledPlugin,  # noqa: ARG002
    ) -> list[BrokenFlow]:
        return []

    async def move(
        self,
        session: AsyncSession,  # noqa: ARG002
        principal: Principal,  # noqa: ARG002
        move: VersionMove,  # noqa: ARG002
    ) -> list[MovedFlow]:
        return []
