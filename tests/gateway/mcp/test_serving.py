"""Tools listed and called by the official SDK's client, in both eras of the protocol."""

import pytest
from mcp import MCPError
from mcp.server.subscriptions import ToolsListChanged
from mcp_types import TextContent

from gateway.mcp.serving import list_news, protocol
from tests.gateway.mcp.conftest import OWN, PATH, TOOLS
from tests.support.agents import Agents
from tests.support.patience import patience
from tests.support.scripted_gateway import Said

BIG = 12345678901234567890123


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28", "auto"])
async def test_the_sdks_client_lists_and_calls_tools(agents: Agents, mode: str) -> None:
    agents.upstream.answers["/hosts/7"] = Said(b'{"id": %d, "name": null}' % BIG)
    async with agents.client(PATH, agents.token("shop", *OWN, aud=PATH), mode) as client:
        listed = await client.list_tools()
        assert [tool.name for tool in listed.tools] == TOOLS
        result = await client.call_tool("get_host", {"host_id": 7})
    assert not result.is_error, result
    assert result.structured_content == {"id": BIG, "name": None}
    assert isinstance(result.content[0], TextContent)
    assert str(BIG) in result.content[0].text


async def test_the_server_tells_who_it_is(agents: Agents) -> None:
    async with agents.client(PATH, agents.token("shop", *OWN, aud=PATH), "legacy") as client:
        told = client.server_info
        assert told is not None
        assert (told.name, told.title) == ("hosts", "Hosts")
        assert client.instructions == "Everything about hosts"


async def test_a_client_that_listens_hears_of_other_tools(agents: Agents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_news, "SECONDS", 0.05)
    async with agents.client(PATH, agents.token("shop", *OWN, aud=PATH), "2026-07-28") as client:
        async with client.listen(tools_list_changed=True) as news:
            changed = await agents.management.client.patch("/v1/mcp-servers/hosts", json={"tools": []})
            assert changed.is_success
            async with patience():
                assert isinstance(await anext(aiter(news)), ToolsListChanged)
        assert (await client.list_tools(cache_mode="bypass")).tools == []


async def test_a_long_list_comes_in_pages(agents: Agents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PAGE", 2)
    async with agents.client(PATH, agents.token("shop", *OWN, aud=PATH), "legacy") as client:
        first = await client.list_tools()
        second = await client.list_tools(cursor=first.next_cursor)
        last = await client.list_tools(cursor=second.next_cursor)
        assert [len(page.tools) for page in (first, second, last)] == [2, 2, 1]
        assert last.next_cursor is None
        with pytest.raises(MCPError, match="cursor"):
            await client.list_tools(cursor="nonsense")


async def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(agents: Agents) -> None:
    async with agents.client(PATH, agents.token("shop", *OWN, aud=PATH)) as client:
        with pytest.raises(MCPError, match="Unknown tool: nothing"):
            await client.call_tool("nothing", {})
