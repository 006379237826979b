"""MCP servers as their owners make them."""

from typing import Any

import httpx

from tests.gateway.mcp.conftest import OWN, PATH
from tests.support.agents import Agents

SERVERS = "/v1/mcp-servers"
COMPONENT = {"kind": "component", "target": "cmdb.list_hosts"}


async def changed(agents: Agents, **body: Any) -> httpx.Response:
    return await agents.management.client.patch(f"{SERVERS}/hosts", json=body)


async def test_a_server_is_shown_with_its_addresses(agents: Agents) -> None:
    client = agents.management.client
    shown = (await client.get(f"{SERVERS}/hosts")).json()
    assert shown["url"] == agents.url + PATH
    assert shown["blueking_url"].endswith("/api/bk-apigateway/prod/api/v2/mcp-servers/hosts/mcp")
    assert shown["tools"][0] == {"kind": "component", "target": "cmdb.list_hosts", "name": "list_hosts"}
    listed = (await client.get(SERVERS, params={"system": "cmdb"})).json()["items"]
    assert [server["name"] for server in listed] == ["hosts"]


async def test_wrong_servers_are_refused_by_field(agents: Agents) -> None:
    client = agents.management.client
    for body, field in (
        ({"name": "x1"}, "system"),
        ({"name": "x1", "system": "cmdb", "project": "shop"}, "system"),
        ({"name": "x1", "system": "cmdb", "tools": [COMPONENT, COMPONENT]}, "tools[0].name"),
        ({"name": "x1", "system": "cmdb", "tools": [{**COMPONENT, "target": "cmdb.nothing"}]}, "tools[0].target"),
        ({"name": "x1", "system": "cmdb", "tools": [{**COMPONENT, "target": "job.run"}]}, "tools[0].target"),
        ({"name": "x1", "system": "cmdb", "tools": [{**COMPONENT, "name": "task_state"}]}, "tools[0].name"),
        ({"name": "x1", "system": "cmdb", "tools": [{"kind": "flow", "target": "f" * 32}]}, "tools[0].target"),
        ({"name": "x1", "system": "cmdb", "stage": "none", "tools": [COMPONENT]}, "tools[0].target"),
    ):
        refused = await client.post(SERVERS, json=body)
        if "project" in body:
            await client.post("/v1/projects", json={"code": "shop", "name": "Shop"})
            refused = await client.post(SERVERS, json=body)
        assert refused.status_code == 422, refused.text
        assert field in [each["field"] for each in refused.json()["errors"]], refused.text
    taken = await client.post(SERVERS, json={"name": "hosts", "system": "cmdb"})
    assert taken.status_code == 409
    assert len((await client.get(SERVERS)).json()["items"]) == 1


async def test_only_who_manages_the_owner_makes_and_changes_servers(agents: Agents) -> None:
    client = agents.management.client
    await client.post("/v1/projects", json={"code": "shop", "name": "Shop"})
    assert (await client.post(SERVERS, json={"name": "own", "project": "shop", "tools": [COMPONENT]})).is_success
    ann = await agents.management.person("ann")
    assert (await ann.post(SERVERS, json={"name": "x1", "system": "cmdb"})).status_code == 403
    assert (await ann.post(SERVERS, json={"name": "x1", "project": "shop"})).status_code == 403
    assert (await ann.patch(f"{SERVERS}/hosts", json={"enabled": False})).status_code == 403
    assert (await ann.delete(f"{SERVERS}/hosts")).status_code == 403
    assert (await ann.get(f"{SERVERS}/hosts")).status_code == 200
    assert (await ann.get(f"{SERVERS}/own")).status_code == 403
    assert [server["name"] for server in (await ann.get(SERVERS)).json()["items"]] == ["hosts"]


async def test_a_projects_server_names_components_with_their_system(agents: Agents) -> None:
    client = agents.management.client
    await client.post("/v1/projects", json={"code": "shop", "name": "Shop"})
    made = await client.post(SERVERS, json={"name": "own", "project": "shop", "tools": [COMPONENT]})
    assert made.json()["tools"][0]["name"] == "cmdb_list_hosts"
    assert made.json()["blueking_url"] is None


async def test_a_server_that_is_off_is_not_there(agents: Agents) -> None:
    token = agents.token("shop", *OWN, aud=PATH)
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert (await changed(agents, enabled=False)).is_success
    assert (await agents.post(PATH, token, listing)).status_code == 404


async def test_every_change_is_in_the_audit_log(agents: Agents) -> None:
    await changed(agents, title="All hosts")
    await changed(agents, title="All hosts")
    await agents.management.client.delete(f"{SERVERS}/hosts")
    entries = await agents.management.audit("mcp_server", "hosts")
    assert [entry.action for entry in entries] == ["mcp_server.created", "mcp_server.changed", "mcp_server.removed"]
    assert (entries[1].before, entries[1].after) == ({"title": "Hosts"}, {"title": "All hosts", "system": "cmdb"})


async def test_one_tool_that_can_not_be_made_leaves_the_others(agents: Agents) -> None:
    client = agents.management.client
    await client.put(
        "/v1/systems/cmdb/draft/components/list_hosts",
        json={
            "method": "GET",
            "path": "/hosts",
            "parameters": [
                {"name": "id", "in": "query", "required": False, "schema": {}},
                {"name": "id", "in": "header", "required": False, "schema": {}},
            ],
        },
    )
    released = await client.post("/v1/systems/cmdb/releases", json={})
    assert released.is_success, released.text
    activated = await client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": released.json()["version"]})
    assert activated.is_success, activated.text
    tools = (await client.get(f"{SERVERS}/hosts/tools")).json()["items"]
    problems = {tool["name"]: tool["problem"] for tool in tools if tool["problem"]}
    assert problems == {"list_hosts": "cmdb.list_hosts: id is the name of two parameters"}
    assert len(tools) == 5
