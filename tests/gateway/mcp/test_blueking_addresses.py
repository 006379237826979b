"""The same servers for BlueKing's clients: their addresses, credentials and shapes."""

import json
from typing import Any

from tests.gateway.mcp.conftest import OWN, PATH
from tests.support.agents import Agents, called
from tests.support.scripted_gateway import Said

ROOT = "/api/bk-apigateway/prod/api/v2/mcp-servers/hosts"


async def by_secret(agents: Agents, secret: str) -> dict[str, str]:
    return {"X-Bkapi-Authorization": json.dumps({"bk_app_code": "agent", "bk_app_secret": secret})}


async def test_an_app_lists_and_calls_by_its_secret(agents: Agents) -> None:
    secret = await agents.management.app_with_secret("agent")
    await agents.management.granted("agent", "cmdb", None)
    agents.upstream.answers["/hosts/7"] = Said(b'{"id": 12345678901234567890}')
    headers = await by_secret(agents, secret)
    listed = await agents.post(f"{ROOT}/mcp", None, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, **headers)
    tools: dict[str, Any] = {tool["name"]: tool for tool in listed.json()["result"]["tools"]}
    assert tools["get_host"]["inputSchema"] == {
        "type": "object",
        "properties": {
            "path_param": {
                "type": "object",
                "properties": {"host_id": {"type": "integer"}},
                "required": ["host_id"],
            }
        },
        "additionalProperties": False,
        "required": ["path_param"],
    }
    assert set(tools["list_hosts"]["inputSchema"]["properties"]) == {"query_param", "header_param"}
    assert "body_param" in tools["create_host"]["inputSchema"]["properties"]
    arguments = {"path_param": {"host_id": 7}}
    answer = await agents.post(f"{ROOT}/application/mcp", None, called("get_host", arguments), **headers)
    result = answer.json()["result"]
    told = json.loads(result["content"][0]["text"])
    assert told == result["structuredContent"]
    assert (told["status_code"], told["response_body"]) == (200, {"id": 12345678901234567890})
    assert len(told["request_id"]) == 32


async def test_only_what_the_client_names_and_may_send_is_passed_on(agents: Agents) -> None:
    secret = await agents.management.app_with_secret("agent")
    await agents.management.granted("agent", "cmdb", None)
    agents.upstream.answers["/hosts"] = Said({})
    headers = await by_secret(agents, secret) | {
        "X-Bkapi-Allowed-Headers": "X-Team, Authorization, X-Bkapi-Authorization",
        "X-Team": "blue",
        "X-Other": "red",
    }
    await agents.post(f"{ROOT}/mcp", None, called("list_hosts"), **headers)
    (asked,) = agents.upstream.asked
    assert asked.headers["x-team"] == "blue"
    assert "x-other" not in asked.headers
    assert secret not in json.dumps(asked.headers)


async def test_a_wrong_secret_or_another_addresses_token_is_refused(agents: Agents) -> None:
    await agents.management.app_with_secret("agent")
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    refused = await agents.post(f"{ROOT}/mcp", None, listing, **await by_secret(agents, "wrong"))
    assert refused.status_code == 401
    token = agents.token("shop", *OWN, aud=PATH)
    assert (await agents.post(f"{ROOT}/mcp", token, listing)).status_code == 401
    token = agents.token("shop", *OWN, aud=f"{ROOT}/mcp")
    assert (await agents.post(f"{ROOT}/mcp", token, listing)).status_code == 200


async def test_other_addresses_are_none(agents: Agents) -> None:
    for path in (f"{ROOT}/sse", f"{ROOT}/mcp/more", ROOT):
        assert (await agents.post(path, None, {})).status_code == 404


async def test_a_definitions_servers_are_served(agents: Agents) -> None:
    management = agents.management
    secret = await management.app_with_secret("owner")
    related = await management.client.put("/v1/systems/cmdb/related-apps/owner")
    assert related.is_success, related.text
    owner = {"X-Bkapi-Authorization": json.dumps({"bk_app_code": "owner", "bk_app_secret": secret})}
    wanted = {"name": "small", "description": "d", "status": 1, "resource_names": ["get_host"]}
    synced = await agents.post(
        "/api/bk-apigateway/prod/api/v2/sync/gateways/cmdb/stages/prod/mcp-servers/",
        None,
        {"name": "prod", "mcp_servers": [wanted]},
        **owner,
    )
    assert synced.status_code == 200, synced.text
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    path = "/api/bk-apigateway/prod/api/v2/mcp-servers/cmdb-prod-small/application/mcp"
    listed = await agents.post(path, None, listing, **owner)
    assert [tool["name"] for tool in listed.json()["result"]["tools"]] == ["get_host"]
