"""Runs a tool for a caller: whatever becomes of it is a result the agent can read."""

from collections.abc import Mapping
from typing import Any

import structlog
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_REQUEST, CallToolResult

from gateway.mcp.catalogue import Offered
from gateway.mcp.serving.caller import ToolCaller
from gateway.mcp.serving.gateway_calls import GatewayCalls
from gateway.mcp.serving.task_runs import Progress, TaskRuns
from gateway.mcp.tools.arguments import ArgumentsRefused
from gateway.mcp.tools.results import failed, result_in_parts, result_of
from gateway.mcp.tools.tool import ComponentCall, TaskQuestion, Tool
from kernel.errors import TrunklineError
from kernel.forms.data import validate_data

_MAX_PROBLEMS = 5
_log = structlog.get_logger()


class ToolRunner:
    """Args:
    tasks: none in a process that starts no tasks.
    """

    def __init__(self, calls: GatewayCalls, tasks: TaskRuns | None) -> None:
        self._calls = calls
        self._tasks = tasks

    async def run(
        self, offered: Offered, tool: Tool, caller: ToolCaller, arguments: Mapping[str, Any], progress: Progress | None
    ) -> CallToolResult:
        """Args:
            progress: none when the client does not ask for it.

        Raises:
            MCPError: the caller's token lacks the scope, which its challenge told before.
        """
        action = tool.action
        if isinstance(action, ComponentCall) and not caller.covers(action.own_scope, action.scopes):
            raise MCPError(INVALID_REQUEST, f"The token lacks the scope {' '.join(sorted(action.scopes))}")
        problems = validate_data(tool.input_schema, dict(arguments), "")
        if problems:
            told = "; ".join(f"{each.field or 'the arguments'} {each.problem}" for each in problems[:_MAX_PROBLEMS])
            return failed(f"The arguments don't fit the tool's schema: {told}")
        try:
            return await self._run(offered, tool, caller, arguments, progress)
        except ArgumentsRefused as error:
            return failed(str(error))
        except TrunklineError as error:
            return failed(error.detail)
        except Exception:  # noqa: BLE001 - one tool that breaks breaks no other
            _log.exception("mcp tool failed", server=offered.name, tool=tool.name, request_id=caller.request_id)
            return failed(f"The tool failed inside the gateway; its owners find request {caller.request_id} in the log")

    async def _run(
        self, offered: Offered, tool: Tool, caller: ToolCaller, arguments: Mapping[str, Any], progress: Progress | None
    ) -> CallToolResult:
        action = tool.action
        if not isinstance(action, ComponentCall):
            return await self._of_task(offered, tool, caller, arguments, progress)
        answer = await self._calls.call(action, caller, arguments)
        if action.arguments.in_parts:
            return result_in_parts(answer, raw=offered.raw_response)
        return result_of(answer, tool.output_schema)

    async def _of_task(
        self, offered: Offered, tool: Tool, caller: ToolCaller, arguments: Mapping[str, Any], progress: Progress | None
    ) -> CallToolResult:
        if self._tasks is None:
            return failed("This process starts no tasks")
        if isinstance(tool.action, TaskQuestion):
            return await self._tasks.ask(offered, tool.action, caller, str(arguments["task_id"]))
        return await self._tasks.start(offered, tool, caller, arguments, progress)
