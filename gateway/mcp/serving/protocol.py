"""One exchange in the MCP protocol, on the official SDK.

Nothing is kept between requests, so any worker answers any of them: each gets a protocol server of its own, whose
handlers know the caller. The SDK negotiates the protocol's version, by the handshake of 2025 or without it, as in
2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from mcp.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool
from starlette.types import Receive, Scope, Send

from gateway.mcp.catalogue import Offered
from gateway.mcp.serving.caller import ToolCaller
from gateway.mcp.serving.context import Context
from gateway.mcp.serving.list_news import Listening
from gateway.mcp.serving.runner import ToolRunner
from gateway.mcp.tools.tool import Tool
from kernel.clock import Clock

PAGE = 100
"""Tools of one page of the list."""

MAX_BODY = 1024 * 1024

_LONGEST_LISTENING = 3600.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a server.

    Attributes:
        streams: the answer may come as server-sent events; otherwise as JSON alone.
    """

    offered: Offered
    caller: ToolCaller
    language: str
    version: str
    streams: bool


class Protocol:
    def __init__(self, runner: ToolRunner, listening: Listening, clock: Clock) -> None:
        self._runner = runner
        self._listening = listening
        self._clock = clock

    async def serve(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        offered = exchange.offered
        handlers = _Handlers(exchange, self._runner)
        left = min(exchange.caller.expires_at - self._clock.now().timestamp(), _LONGEST_LISTENING)
        server: Server[Any] = Server(
            offered.name,
            version=exchange.version,
            title=offered.title or None,
            instructions=offered.description or None,
            get_tool_input_schema=handlers.input_schema,
            on_list_tools=handlers.list_tools,
            on_call_tool=handlers.call_tool,
            on_subscriptions_listen=partial(self._listening.serve, offered, left),
        )
        manager = StreamableHTTPSessionManager(
            server, stateless=True, json_response=not exchange.streams, max_request_body_size=MAX_BODY
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


class _Handlers:
    def __init__(self, exchange: Exchange, runner: ToolRunner) -> None:
        self._exchange = exchange
        self._runner = runner

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        tool = self._exchange.offered.tool(name)
        return tool.input_schema if tool is not None else None

    async def list_tools(self, _: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        tools = self._exchange.offered.tools
        start = _start(params.cursor if params is not None else None, len(tools))
        page = tools[start : start + PAGE]
        more = start + PAGE < len(tools)
        return ListToolsResult(
            tools=[_listed(tool, self._exchange.language) for tool in page],
            next_cursor=str(start + PAGE) if more else None,
        )

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        tool = self._exchange.offered.tool(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {params.name[:128]}")
        asked = context.meta is not None and context.meta.get("progress_token") is not None
        progress = context.session.report_progress if asked else None
        return await self._runner.run(
            self._exchange.offered, tool, self._exchange.caller, params.arguments or {}, progress
        )


def _start(cursor: str | None, count: int) -> int:
    if cursor is None:
        return 0
    start = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) <= 6 else -1  # noqa: PLR2004 - of a number of tools
    if not 0 < start < count:
        raise MCPError(INVALID_PARAMS, "The cursor is none of this list; send a nextCursor, or none to begin anew")
    return start


def _listed(tool: Tool, language: str) -> ListedTool:
    text = tool.text(language)
    return ListedTool(
        name=tool.name,
        title=text.title or None,
        description=text.description or None,
        input_schema=dict(tool.input_schema),
        output_schema=dict(tool.output_schema) if tool.output_schema is not None else None,
        annotations=ToolAnnotations(
            read_only_hint=tool.hints.read_only,
            destructive_hint=tool.hints.destructive,
            idempotent_hint=tool.hints.idempotent,
        ),
    )
