"""Tools listed and called by the official SDK's client, in both eras of the protocol."""

import pytest
from mcp_types import TextContent

from mcp import MCPError
from tests.gateway.mcp.conftest import OWN, PATH, TOOLS
from tests.support.agents import Agents
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


async def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(agents: Agents) -> None:
    async with agents.client(PATH, agents.token("shop", *OWN, aud=PATH)) as client:
        with pytest.raises(MCPError, match="Unknown tool: nothing"):
            await client.call_tool("nothing", {})
