"""Flows and plugins as tools: tasks that a person starts, watches and may end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp_types import TextContent

from gateway.mcp.serving.patience import Patience
from kernel.clock import ManualClock
from kernel.services import KernelServices
from tests.support.agents import Agents, called, serving
from tests.support.contracts import plugin
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.patience import patience
from tests.support.scripted_plugins import scripted_plugins

PATH = "/mcp/ops"
FORM = {"schema": {"type": "object", "properties": {"host": {"type": "string"}}, "required": ["host"]}}
GREET = flow_of(
    plugin_node("first", inputs={"host": "${inputs.host}"}),
    plugin_node("second", inputs={}),
    form=FORM,
    outputs={"host": "${nodes.first.outputs.host}"},
)
HOLD = flow_of(plugin_node("hold", "hold"))


async def made(agents: Agents) -> Agents:
    """The project `shop` with two flows and its plugins as the server `ops`; `ann` operates the project."""
    client = agents.management.client
    project = (await client.post("/v1/projects", json={"code": "shop", "name": "Shop"})).json()
    agents.plugins.by_project[project["id"]] = scripted_plugins()
    flows = [await published(agents, name, definition) for name, definition in (("Greet", GREET), ("Hold", HOLD))]
    await agents.management.person("ann")
    await agents.management.person("bob")
    joined = await client.put("/v1/projects/shop/members/ann", json={"roles": ["operator"]})
    assert joined.is_success, joined.text
    await agents.management.app_with_secret("agent")
    tools = [
        {"kind": "flow", "target": flows[0], "name": "greet"},
        {"kind": "flow", "target": flows[1], "name": "hold"},
        {"kind": "plugin", "target": "echo"},
        {"kind": "plugin", "target": "check"},
    ]
    server = await client.post("/v1/mcp-servers", json={"name": "ops", "project": "shop", "tools": tools})
    assert server.status_code == 201, server.text
    return agents


async def published(agents: Agents, name: str, definition: dict[str, Any]) -> str:
    client = agents.management.client
    flow: str = (await client.post("/v1/projects/shop/flows", json={"name": name})).json()["id"]
    await client.put(f"/v1/flows/{flow}/draft", json={"definition": definition, "draft_version": 1})
    answer = await client.post(f"/v1/flows/{flow}:publish")
    assert answer.status_code == 201, answer.text
    return flow


@pytest.fixture
async def agents(kernel: KernelServices, clock: ManualClock, port: int) -> AsyncIterator[Agents]:
    async with serving(kernel, clock, port, patience=Patience()) as running:
        yield await made(running)


@pytest.fixture
async def hasty(kernel: KernelServices, clock: ManualClock, port: int) -> AsyncIterator[Agents]:
    """As `agents`; no call waits for its task."""
    async with serving(kernel, clock, port, patience=Patience(0, 0)) as running:
        yield await made(running)


def token_of(agents: Agents, person: str) -> str:
    return agents.token("agent", aud=PATH, sub=person)


def told(result: Any) -> dict[str, Any]:
    (content,) = result.content
    assert isinstance(content, TextContent)
    answer: dict[str, Any] = json.loads(content.text)
    return answer


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_flow_runs_as_the_person_and_tells_how_far_it_is(agents: Agents, mode: str) -> None:
    news: list[tuple[float, float | None]] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        news.append((progress, total))

    async with agents.client(PATH, token_of(agents, "ann"), mode) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert listed["greet"].input_schema["required"] == ["host"]
        assert set(listed) == {"greet", "hold", "echo", "check", "task_state", "end_task"}
        result = await client.call_tool("greet", {"host": "h1"}, progress_callback=heard)
    answer = told(result)
    assert (answer["state"], answer["outputs"]) == ("FINISHED", {"host": "h1"})
    assert news[0][1] == 2
    assert news == sorted(news)
    task = (await agents.management.client.get(f"/v1/tasks/{answer['task_id']}")).json()
    assert task["created_by"] == "ann"
    (entry,) = [each for each in await agents.management.audit("mcp_server", "ops") if each.action == "mcp_tool.called"]
    assert (entry.actor, entry.after, entry.task_id) == ("ann", {"tool": "greet", "app": "agent"}, answer["task_id"])


async def test_who_may_not_launch_is_told_so(agents: Agents) -> None:
    for token in (token_of(agents, "bob"), token_of(agents, "nobody"), agents.token("agent", aud=PATH)):
        async with agents.client(PATH, token) as client:
            for tool, arguments in (("greet", {"host": "h1"}), ("echo", {})):
                result = await client.call_tool(tool, arguments)
                assert result.is_error
    assert agents.invoker.calls == []


async def test_inputs_that_do_not_fit_start_nothing(agents: Agents) -> None:
    async with agents.client(PATH, token_of(agents, "ann")) as client:
        result = await client.call_tool("greet", {"host": 7})
    assert result.is_error
    assert agents.invoker.calls == []


async def test_a_plugin_runs_alone_and_answers_its_outputs(agents: Agents) -> None:
    async with agents.client(PATH, token_of(agents, "ann")) as client:
        good = told(await client.call_tool("echo", {"said": "${inputs.x}", "n": 2**70}))
        bad = await client.call_tool("check", {"ok": False})
    assert good["outputs"] == {"said": "${inputs.x}", "n": 2**70}
    assert bad.is_error
    assert "not ok" in told(bad)["message"]
    (call,) = [call for _, call in agents.invoker.calls if call.plugin == "echo"]
    assert (call.on_behalf_of, call.scopes) == ("ann", frozenset({"echo:use"}))


async def test_a_plugin_that_takes_a_secret_is_not_given_one_by_an_agent(agents: Agents) -> None:
    client = agents.management.client
    project = (await client.get("/v1/projects/shop")).json()["id"]
    token = {"properties": {"token": {"type": "string", "writeOnly": True}}}
    agents.plugins.by_project[project] = [
        plugin("echo", {"type": "object", **token}),
        plugin("check", {"type": "object", "required": ["token"], **token}),
    ]
    tools = {tool["name"]: tool["problem"] for tool in (await client.get("/v1/mcp-servers/ops/tools")).json()["items"]}
    assert (tools["echo"], tools["check"] is None) == (None, False)
    async with agents.client(PATH, token_of(agents, "ann")) as agent:
        assert (await agent.call_tool("echo", {"token": "deploy-token"})).is_error
        assert not (await agent.call_tool("echo", {"said": "hello"})).is_error
    assert [call.inputs for _, call in agents.invoker.calls] == [{"said": "hello"}]


async def test_a_long_task_is_asked_for_and_ended_by_its_companions(hasty: Agents) -> None:
    async with hasty.client(PATH, token_of(hasty, "ann")) as client:
        started = told(await client.call_tool("hold", {}))
        assert "task_state" in started["next"]
        await hasty.invoker.holding.wait()
        asked = told(await client.call_tool("task_state", {"task_id": started["task_id"]}))
        assert (asked["state"], asked["progress"]) == ("RUNNING", {"done": 0, "total": 1})
        await client.call_tool("end_task", {"task_id": started["task_id"]})
        async with patience():
            while asked["state"] != "REVOKED":
                await asyncio.sleep(0.05)
                asked = told(await client.call_tool("task_state", {"task_id": started["task_id"]}))


async def test_a_task_of_others_is_not_told(hasty: Agents) -> None:
    async with hasty.client(PATH, token_of(hasty, "ann")) as client:
        started = told(await client.call_tool("hold", {}))
    async with hasty.client(PATH, token_of(hasty, "bob")) as client:
        for tool in ("task_state", "end_task"):
            assert (await client.call_tool(tool, {"task_id": started["task_id"]})).is_error


async def test_who_goes_away_leaves_the_task_running(agents: Agents) -> None:
    asked = asyncio.create_task(agents.post(PATH, token_of(agents, "ann"), called("hold")))
    await agents.invoker.holding.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    (task,) = (await agents.management.client.get("/v1/projects/shop/tasks")).json()["items"]
    assert task["state"] == "RUNNING"
    agents.invoker.release.set()
    async with patience():
        while task["state"] != "FINISHED":
            await asyncio.sleep(0.05)
            task = (await agents.management.client.get(f"/v1/tasks/{task['id']}")).json()


async def test_what_is_gone_is_left_out_and_told(agents: Agents) -> None:
    client = agents.management.client
    project = (await client.get("/v1/projects/shop")).json()["id"]
    agents.plugins.by_project[project] = [each for each in scripted_plugins() if each.code != "check"]
    tools = (await client.get("/v1/mcp-servers/ops/tools")).json()["items"]
    problems = {tool["name"]: tool["problem"] for tool in tools if tool["problem"]}
    assert problems == {"check": "check: it is not installed in the project any more"}
