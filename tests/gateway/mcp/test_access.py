"""Whom an MCP server speaks to: the authorization rules of the specification."""

import json
from typing import Any

import httpx
import pytest

from tests.gateway.mcp.conftest import OWN, PATH
from tests.support.agents import Agents, called
from tests.support.dpop import ProofMaker
from tests.support.scripted_gateway import Said

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
METADATA = "/.well-known/oauth-protected-resource"


async def test_nobody_is_told_where_to_get_a_token(agents: Agents) -> None:
    refused = await agents.post(PATH, None, LIST)
    assert refused.status_code == 401
    challenge = refused.headers["WWW-Authenticate"]
    assert challenge.startswith(f'Bearer resource_metadata="{agents.url}{METADATA}{PATH}"')
    assert 'scope="cmdb:read cmdb:write"' in challenge
    assert refused.json()["error"]["code"] == -32600


async def test_the_metadata_names_the_server_and_who_issues_its_tokens(agents: Agents) -> None:
    async with httpx.AsyncClient() as client:
        told = (await client.get(f"{agents.url}{METADATA}{PATH}")).json()
        assert told == {
            "resource": agents.url + PATH,
            "authorization_servers": [agents.url],
            "scopes_supported": ["cmdb:read", "cmdb:write"],
            "bearer_methods_supported": ["header"],
            "dpop_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA"],
            "resource_name": "Hosts",
        }
        assert (await client.get(f"{agents.url}{METADATA}/mcp/nothing")).status_code == 404
        assert (await client.post(f"{agents.url}{METADATA}{PATH}")).status_code == 405


async def test_a_token_for_anything_else_is_refused(agents: Agents) -> None:
    for token in (
        agents.token("shop", *OWN),
        agents.token("shop", *OWN, aud="/mcp/other"),
        agents.token("shop", *OWN, aud=PATH, exp=1),
        "nonsense",
    ):
        refused = await agents.post(PATH, token, LIST)
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


async def test_the_servers_token_opens_nothing_at_the_gateway(agents: Agents) -> None:
    async with httpx.AsyncClient() as client:
        token = agents.token("shop", *OWN, aud=PATH)
        answer = await client.get(f"{agents.url}/api/cmdb/prod/hosts", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert agents.upstream.asked == []


async def test_the_token_of_an_app_that_is_gone_is_refused(agents: Agents) -> None:
    assert (await agents.post(PATH, agents.token("gone", *OWN, aud=PATH), LIST)).status_code == 401


async def test_a_tool_beyond_the_tokens_scope_asks_for_more(agents: Agents) -> None:
    token = agents.token("shop", "cmdb.list_hosts", aud=PATH)
    refused = await agents.post(PATH, token, called("get_host", {"host_id": 1}))
    assert refused.status_code == 403
    challenge = refused.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="cmdb:read"' in challenge
    assert f'resource_metadata="{agents.url}{METADATA}{PATH}"' in challenge
    assert agents.upstream.asked == []


async def test_the_call_carries_a_token_of_its_own_and_no_other(agents: Agents) -> None:
    agents.upstream.answers["/hosts"] = lambda asked: Said(asked.headers)
    token = agents.token("shop", *OWN, aud=PATH, sub="ann")
    told = await answered(agents, token, "list_hosts")
    assert token not in json.dumps(told)
    assert "authorization" not in told


async def test_the_grant_still_decides(agents: Agents) -> None:
    await agents.management.app_with_secret("stranger")
    token = agents.token("stranger", *OWN, aud=PATH)
    answer = await agents.post(PATH, token, called("list_hosts"))
    result = answer.json()["result"]
    assert result["isError"] is True
    assert "grant of app stranger for cmdb.list_hosts is missing" in result["content"][0]["text"]
    assert agents.upstream.asked == []


async def test_a_page_of_a_strange_origin_is_refused(agents: Agents) -> None:
    token = agents.token("shop", *OWN, aud=PATH)
    refused = await agents.post(PATH, token, LIST, Origin="http://evil.example")
    assert refused.status_code == 403
    assert (await agents.post(PATH, token, LIST, Origin=agents.url)).status_code == 200


async def test_bounds_and_methods(agents: Agents) -> None:
    token = agents.token("shop", *OWN, aud=PATH)
    assert (await agents.post(PATH, token, b" " * (1024 * 1024 + 1))).status_code == 413
    assert (await agents.post(PATH, token, b"{")).status_code == 400
    assert (await agents.post("/mcp/nothing", token, LIST)).status_code == 404
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        for method in ("GET", "DELETE"):
            answer = await client.request(method, agents.url + PATH)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def answered(agents: Agents, token: str, tool: str, arguments: dict[str, Any] | None = None) -> Any:
    answer = await agents.post(PATH, token, called(tool, arguments))
    result = answer.json()["result"]
    assert not result.get("isError"), result
    return json.loads(result["content"][0]["text"])


@pytest.mark.rfc("9449", "7.1", "an MCP server takes a bound token with a proof of its key")
async def test_a_bound_token_speaks_for_who_proves_to_hold_its_key(agents: Agents) -> None:
    maker = ProofMaker()
    token = agents.token("shop", *OWN, aud=PATH, cnf={"jkt": maker.thumbprint})
    address, now = agents.url + PATH, agents.management.clock.now().timestamp()
    shown = maker.proof("POST", address, now, token)
    headers = {"Authorization": f"DPoP {token}", "DPoP": shown}
    assert (await agents.post(PATH, None, LIST, **headers)).status_code == 200
    for wrong, error in (
        (headers, "invalid_dpop_proof"),
        ({"Authorization": f"Bearer {token}"}, "invalid_token"),
        ({"Authorization": f"DPoP {token}"}, "invalid_dpop_proof"),
        (headers | {"DPoP": maker.proof("POST", agents.url + "/mcp/other", now, token)}, "invalid_dpop_proof"),
        (headers | {"DPoP": ProofMaker().proof("POST", address, now, token)}, "invalid_dpop_proof"),
    ):
        refused = await agents.post(PATH, None, LIST, **wrong)
        assert refused.status_code == 401
        assert f'error="{error}"' in refused.headers["WWW-Authenticate"]
