"""What tools say about themselves, what their arguments become, and what agents get back."""

import base64
from typing import Any

import pytest

from tests.gateway.mcp.conftest import OWN, PATH
from tests.support.agents import Agents, called
from tests.support.scripted_gateway import Said


@pytest.fixture
def token(agents: Agents) -> str:
    return agents.token("shop", *OWN, aud=PATH)


async def result_of(agents: Agents, token: str, tool: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await agents.post(PATH, token, called(tool, arguments))
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


async def test_schemas_and_hints_come_from_the_components(agents: Agents, token: str) -> None:
    answer = await agents.post(PATH, token, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    tools = {tool["name"]: tool for tool in answer.json()["result"]["tools"]}
    assert tools["list_hosts"]["title"] == "List hosts"
    assert tools["list_hosts"]["inputSchema"]["properties"]["page"] == {"type": "integer", "description": "From 1"}
    created = tools["create_host"]["inputSchema"]
    assert created["required"] == ["ip"]
    assert created["properties"]["parent"] == {"$ref": "#/$defs/body/$defs/Host"}
    assert tools["get_host"]["outputSchema"]["required"] == ["id"]
    hints = {name: tool["annotations"] for name, tool in tools.items()}
    assert hints["list_hosts"] == {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True}
    assert hints["create_host"] == {"readOnlyHint": False, "idempotentHint": False}
    assert hints["delete_host"] == {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": True}


async def test_arguments_become_path_query_headers_and_body(agents: Agents, token: str) -> None:
    agents.upstream.answers |= {"/hosts": Said({}), "/hosts/7": Said({"id": 7})}
    given = {"page": 2, "label": ["a b", "c&d"], "X-Region": "eu"}
    await result_of(agents, token, "list_hosts", given)
    await result_of(agents, token, "get_host", {"host_id": 7})
    await result_of(agents, token, "create_host", {"ip": "10.0.0.1", "parent": {"ip": "10.0.0.2"}, "note": 10**30})
    listed, got, created = agents.upstream.asked
    assert (listed.query, listed.headers["x-region"]) == ({"page": ["2"], "label": ["a b", "c&d"]}, "eu")
    assert got.path == "/hosts/7"
    assert created.body == {"ip": "10.0.0.1", "parent": {"ip": "10.0.0.2"}, "note": 10**30}


async def test_arguments_that_do_not_fit_are_told_to_the_agent(agents: Agents, token: str) -> None:
    for tool, arguments in (
        ("get_host", {}),
        ("get_host", {"host_id": "seven"}),
        ("list_hosts", {"pag": 1}),
        ("list_hosts", {"X-Region": "eu\r\nX-Evil: 1"}),
        ("create_host", {"parent": {}}),
    ):
        result = await result_of(agents, token, tool, arguments)
        assert result["isError"] is True, (tool, arguments)
    assert agents.upstream.asked == []


async def test_an_error_of_the_component_is_an_error_of_the_tool(agents: Agents, token: str) -> None:
    agents.upstream.answers["/hosts"] = Said({"message": "no such page"}, status=404)
    result = await result_of(agents, token, "list_hosts", {"page": 99})
    assert result["isError"] is True
    text = result["content"][0]["text"]
    assert "cmdb.list_hosts answered HTTP 404" in text
    assert "no such page" in text


async def test_a_long_answer_is_cut_and_says_so(agents: Agents, token: str) -> None:
    agents.upstream.answers["/hosts"] = Said(b'"' + b"x" * 6_000_000 + b'"')
    result = await result_of(agents, token, "list_hosts")
    text, note = (each["text"] for each in result["content"])
    assert len(text) == 256 * 1024
    assert "ask for less" in note


async def test_an_answer_other_than_declared_is_told_as_such(agents: Agents, token: str) -> None:
    agents.upstream.answers["/hosts/7"] = Said({"name": "no id"})
    result = await result_of(agents, token, "get_host", {"host_id": 7})
    assert result["isError"] is True
    assert "no id" in result["content"][0]["text"]
    assert "answered other than it declares" in result["content"][1]["text"]


async def test_a_picture_is_a_picture(agents: Agents, token: str) -> None:
    agents.upstream.answers["/picture"] = Said(b"\x89PNG", headers={"Content-Type": "image/png"})
    result = await result_of(agents, token, "draw_rack")
    assert result["content"] == [
        {"type": "image", "data": base64.b64encode(b"\x89PNG").decode(), "mimeType": "image/png"}
    ]


async def test_what_is_no_text_is_not_shown(agents: Agents, token: str) -> None:
    agents.upstream.answers["/picture"] = Said(b"\xff\xfe\x00", headers={"Content-Type": "application/zip"})
    result = await result_of(agents, token, "draw_rack")
    assert "3 bytes, application/zip" in result["content"][1]["text"]
