"""What plugins wrote, by the trace of their call, as clients of Standard OPS ask for it."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.flow.model import PluginNode
from orchestrator.runtime.models import NodeRun, Task
from orchestrator.sops.errors import NotHere
from orchestrator.sops.moments import moment
from orchestrator.sops.nodes.schemas import GetPluginLog, PluginLog
from orchestrator.sops.places import Places
from orchestrator.tasks.service import TaskService

_PART: Final = 1000
"""Lines that are told at once."""


class PluginLogComponents:
    def __init__(self, places: Places, tasks: TaskService) -> None:
        self._places = places
        self._tasks = tasks

    async def get_task_plugin_log(self, session: AsyncSession, principal: Principal, asked: GetPluginLog) -> PluginLog:
        """Raises:
        NotHere: the node doesn't call that plugin, or has no attempt with that trace.
        """
        place = await self._places.project(session, principal, asked)
        task = await self._places.task(session, place, asked.task_id)
        story = await self._tasks.node(session, principal, task.id, asked.path)
        await self._require_plugin(session, task, asked)
        run = next((each for each in reversed(story.runs) if asked.trace_id in _traces(each)), None)
        if run is None:
            raise NotHere(f"attempt at {asked.path} with the trace", asked.trace_id)
        lines = story.log.get(run.id, ())
        first = int(asked.scroll_id or 0)
        part = lines[first : first + _PART]
        text = "\n".join(f"[{moment(line.at)}]{masked(line.message)}" for line in part)
        return PluginLog(logs=text, total=len(lines), scroll_id=str(first + len(part)))

    async def _require_plugin(self, session: AsyncSession, task: Task, asked: GetPluginLog) -> None:
        node = (await self._tasks.graph(session, task)).find(asked.path)
        if not isinstance(node, PluginNode) or node.plugin != asked.plugin_code:
            raise NotHere(f"node {asked.path} that calls the plugin", asked.plugin_code)


def _traces(run: NodeRun) -> tuple[str, str | None]:
    """Its own id, and that of the call where the plugin has told one."""
    return run.id, (run.outputs or {}).get("trace_id")
