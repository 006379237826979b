"""Tools that start tasks: the task is the person's who calls, and outlives the call."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mcp_types import CallToolResult, TextContent
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.users.repository import find_user
from gateway.mcp.catalogue import Offered
from gateway.mcp.serving.caller import ToolCaller
from gateway.mcp.serving.patience import Patience
from gateway.mcp.tools.results import failed
from gateway.mcp.tools.tool import END, STATE, FlowLaunch, PluginRun, TaskQuestion, Tool
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.agent_tools import AgentTools, TaskStanding
from kernel.db.database import Database
from kernel.errors import NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind

Progress = Callable[[float, float | None, str | None], Awaitable[None]]
"""Reports (done, total, what); a client that did not ask hears nothing."""


class TaskRuns:
    def __init__(self, database: Database, tasks: AgentTools, clock: Clock, patience: Patience) -> None:
        self._database = database
        self._tasks = tasks
        self._clock = clock
        self._patience = patience

    async def start(
        self,
        offered: Offered,
        tool: Tool,
        caller: ToolCaller,
        arguments: Mapping[str, Any],
        progress: Progress | None,
    ) -> CallToolResult:
        """Starts the tool's task and waits for its end, as long as a call may last.

        Args:
            progress: none when the client does not ask for it.

        Raises:
            PermissionDenied: no person calls, or one who may not launch it.
            Invalid: naming the inputs that don't fit.
        """
        async with self._database.unit_of_work() as session:
            principal = await _person(session, caller)
            task_id = await self._begin(session, principal, tool, arguments)
            record(
                session,
                principal,
                "mcp_tool.called",
                "mcp_server",
                offered.name,
                after={"tool": tool.name, "app": caller.app_code},
                project_id=offered.project_id,
                task_id=task_id,
            )
        return _result(await self._watched(principal, task_id, caller, progress))

    async def ask(self, offered: Offered, action: TaskQuestion, caller: ToolCaller, task_id: str) -> CallToolResult:
        """How a task stands, or that it end; only of the server's project.

        Raises:
            NotFound, PermissionDenied, Conflict.
        """
        async with self._database.unit_of_work() as session:
            principal = await _person(session, caller)
            standing = await self._tasks.standing(session, principal, task_id)
            if standing.project_id != offered.project_id:
                raise NotFound(f"There is no task {task_id!r} of this server")
            if action.ends:
                await self._tasks.end(session, principal, task_id)
                return CallToolResult(content=[TextContent(text=f"The task {task_id} was asked to end; ask {STATE}")])
        return _result(standing)

    async def _begin(
        self, session: AsyncSession, principal: Principal, tool: Tool, arguments: Mapping[str, Any]
    ) -> str:
        action = tool.action
        if isinstance(action, PluginRun):
            return await self._tasks.start_plugin(session, principal, action.project_id, action.code, arguments)
        if isinstance(action, FlowLaunch):
            return await self._tasks.start_flow(session, principal, action.flow_id, arguments)
        raise TypeError(f"{tool.name} starts no task")

    async def _watched(
        self, principal: Principal, task_id: str, caller: ToolCaller, progress: Progress | None
    ) -> TaskStanding:
        """Ends with the task, the patience, or the caller's token. Who goes away waits no longer; the task goes on."""
        began = self._clock.now().timestamp()
        until = min(began + (self._patience.heard if progress else self._patience.unheard), caller.expires_at)
        told = -1
        with self._tasks.changes(task_id) as news:
            while True:
                async with self._database.reading() as session:
                    standing = await self._tasks.standing(session, principal, task_id)
                left = until - self._clock.now().timestamp()
                if progress is not None and standing.done > told:
                    told = standing.done
                    await progress(float(told), float(standing.total), standing.message or standing.state)
                if standing.ended or standing.stuck or left <= 0:
                    return standing
                await news.wait(left)


async def _person(session: AsyncSession, caller: ToolCaller) -> Principal:
    if caller.user is None:
        raise PermissionDenied("A task is started by a person; use a token that a person has consented to")
    user = await find_user(session, caller.user)
    if user is None or not user.is_active:
        raise PermissionDenied(f"There is no user {caller.user}, or he may not sign in any more")
    return Principal(
        kind=PrincipalKind.USER,
        id=caller.user,
        ip=caller.address,
        request_id=caller.request_id,
    )


def _result(standing: TaskStanding) -> CallToolResult:
    told: dict[str, Any] = {"task_id": standing.task_id, "state": standing.state}
    if standing.outputs is not None:
        told["outputs"] = dict(standing.outputs)
    if standing.message:
        told["message"] = standing.message
    if not standing.ended:
        told["progress"] = {"done": standing.done, "total": standing.total}
        told["next"] = (
            "a person must repeat or skip what failed, or resume the task"
            if standing.stuck
            else f"the task goes on; ask {STATE} with its id, or {END} to end it"
        )
    text = json.dumps(told, ensure_ascii=False)
    if standing.stuck and standing.state == "FAILED":
        return failed(text)
    return CallToolResult(content=[TextContent(text=text)], structured_content=told)
