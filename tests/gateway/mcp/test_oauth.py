"""Tokens got as the specification says, by the official SDK's own client: from a 401 to a called tool."""

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from tests.gateway.mcp.conftest import PATH, TOOLS
from tests.support.agents import Agents
from tests.support.oauth import query_of
from tests.support.scripted_gateway import Said

BACK = "http://127.0.0.1:7777/callback"


class Kept:
    """What the client keeps: its tokens, and the credentials it was registered with."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self.tokens: OAuthToken | None = None
        self.client = client

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def listed_and_called(agents: Agents, provider: httpx2.Auth) -> None:
    agents.upstream.answers["/hosts/7"] = Said({"id": 7})
    async with (
        httpx2.AsyncClient(auth=provider) as http,
        Client(streamable_http_client(agents.url + PATH, http_client=http)) as client,
    ):
        assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
        result = await client.call_tool("get_host", {"host_id": 7})
    assert result.structured_content == {"id": 7}


async def agent(agents: Agents) -> str:
    secret = await agents.management.app_with_secret("agent")
    await agents.management.granted("agent", "cmdb", None)
    return secret


async def test_an_app_gets_its_token_by_client_credentials(agents: Agents) -> None:
    kept = Kept()
    provider = ClientCredentialsOAuthProvider(agents.url + PATH, kept, "agent", await agent(agents), issuer=agents.url)
    await listed_and_called(agents, provider)
    assert kept.tokens is not None
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {kept.tokens.access_token}"}) as client:
        assert (await client.get(f"{agents.url}/api/cmdb/prod/hosts")).status_code == 401


async def test_a_person_allows_an_agent_by_the_code_flow(agents: Agents) -> None:
    secret = await agent(agents)
    settings = {"redirect_uris": [BACK], "grant_types": ["authorization_code", "refresh_token"]}
    put = await agents.management.client.put("/v1/apps/agent/oauth", json=settings)
    assert put.status_code == 200, put.text
    ann = await agents.management.person("ann")
    sent: list[str] = []

    async def redirect(address: str) -> None:
        sent.append(address)

    async def callback() -> AuthorizationCodeResult:
        asked = await ann.get("/oauth/authorize", params=query_of(sent[0]))
        assert asked.status_code == 303, asked.text
        sealed = query_of(asked.headers["location"])["request"]
        allowed = await ann.post("/v1/authorization-request:allow", json={"request": sealed})
        assert allowed.status_code == 200, allowed.text
        answer = query_of(allowed.json()["redirect_to"])
        return AuthorizationCodeResult(code=answer["code"], state=answer["state"], iss=answer["iss"])

    registered = OAuthClientInformationFull(
        client_id="agent",
        client_secret=secret,
        redirect_uris=[AnyUrl(BACK)],
        grant_types=["authorization_code", "refresh_token"],
        token_endpoint_auth_method="client_secret_basic",
    )
    metadata = OAuthClientMetadata(redirect_uris=[AnyUrl(BACK)], client_name="Agent")
    kept = Kept(registered)
    provider = OAuthClientProvider(agents.url + PATH, metadata, kept, redirect, callback)
    await listed_and_called(agents, provider)
    assert query_of(sent[0])["resource"] == agents.url + PATH
    (asked,) = agents.upstream.asked
    assert asked.path == "/hosts/7"
    withdrawn = await ann.delete("/v1/consents/agent")
    assert withdrawn.is_success, withdrawn.text
    assert kept.tokens is not None
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert (await agents.post(PATH, kept.tokens.access_token, listing)).status_code == 401


@pytest.mark.parametrize("resource", ["/mcp/nothing here", "/else"])
async def test_no_token_is_given_for_what_is_no_server(agents: Agents, resource: str) -> None:
    secret = await agent(agents)
    form = {"grant_type": "client_credentials", "resource": agents.url + resource}
    async with httpx.AsyncClient() as client:
        refused = await client.post(f"{agents.url}/oauth/token", data=form, auth=("agent", secret))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
