"""Flows and plugins as tools, and the tools that ask for the tasks they start."""

from collections.abc import Mapping
from typing import Any

from gateway.mcp.tools.components import MAX_DESCRIPTION
from gateway.mcp.tools.tool import END, STATE, Action, FlowLaunch, Hints, PluginRun, TaskQuestion, Text, Tool
from kernel.contracts.agent_tools import StartableTool

_STARTS = Hints(read_only=False, destructive=None, idempotent=False)
_TASK_ID: Mapping[str, Any] = {
    "type": "object",
    "properties": {"task_id": {"type": "string", "description": "As the tool that started the task answered it"}},
    "required": ["task_id"],
    "additionalProperties": False,
}


def flow_tool(name: str, flow: StartableTool) -> Tool:
    return _starting(name, flow, FlowLaunch(flow.id))


def plugin_tool(name: str, project_id: str, plugin: StartableTool) -> Tool:
    return _starting(name, plugin, PluginRun(project_id, plugin.id, plugin.version))


def companions() -> tuple[Tool, Tool]:
    """Asks for a task's state; ends a task."""
    state = {
        "en": Text("State of a task", "How a task that another tool started stands, and its outputs once it has ended"),
        "zh": Text("任务状态", "查询由其他工具启动的任务的当前状态，任务结束后返回其输出"),
    }
    end = {
        "en": Text("End a task", "Ends a task that another tool started; what its steps have done stays done"),
        "zh": Text("终止任务", "终止由其他工具启动的任务；已经执行的步骤不会撤销"),
    }
    asking = Hints(read_only=True, destructive=False, idempotent=True)
    ending = Hints(read_only=False, destructive=True, idempotent=True)
    return (
        Tool(STATE, state, _TASK_ID, None, asking, TaskQuestion(ends=False)),
        Tool(END, end, _TASK_ID, None, ending, TaskQuestion(ends=True)),
    )


def _starting(name: str, started: StartableTool, action: Action) -> Tool:
    texts = {
        language: Text(title, description[:MAX_DESCRIPTION] or title)
        for language, (title, description) in started.texts.items()
    }
    return Tool(name, texts, started.inputs, None, _STARTS, action)
