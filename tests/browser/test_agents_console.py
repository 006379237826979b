"""Agents get their tools from the console, in a real browser."""

import httpx
from playwright.sync_api import Page, expect

from tests.support.console import choose, confirm, sign_in
from tests.support.stand import Stand


def tools_told(stand: Stand, path: str) -> httpx.Response:
    """What an agent is told that asks a server for its tools, with a token for it."""
    form = {"grant_type": "client_credentials", "resource": stand.url + path}
    token = httpx.post(f"{stand.url}/oauth/token", data=form, auth=(stand.app_code, stand.app_secret)).json()
    headers = {
        "Authorization": f"Bearer {token['access_token']}",
        "Accept": "application/json, text/event-stream",
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    return httpx.post(stand.url + path, json=message, headers=headers)


def test_a_server_is_made_offers_the_picked_tools_is_switched_off_and_removed(page: Page, stand: Stand) -> None:
    stand.api.post("/users", {"username": "mia", "password": "mia-minds-agents", "is_admin": True})
    sign_in(page, "mia", "mia-minds-agents")
    page.get_by_test_id("nav-agents").click()
    page.get_by_test_id("mcp-new").click()
    choose(page, "mcp-system", "Inventory")
    page.get_by_test_id("mcp-name").fill("in ventory")
    page.get_by_test_id("mcp-create").click()
    expect(page.get_by_role("dialog").get_by_test_id("problem")).to_be_visible()
    page.get_by_test_id("mcp-name").fill("inventory")
    page.get_by_test_id("mcp-create").click()

    choose(page, "mcp-pick-component", "Search businesses (cmdb.search_business)")
    page.keyboard.press("Escape")
    page.get_by_test_id("mcp-save").click()
    expect(page.get_by_text("Agents now see these tools.")).to_be_visible()
    told = tools_told(stand, "/mcp/inventory").json()["result"]["tools"]
    assert [tool["name"] for tool in told] == ["search_business"]

    page.goto(f"{stand.url}/agents")
    page.get_by_test_id("mcp-switch-inventory").click()
    expect(page.get_by_role("switch")).not_to_be_checked()
    assert stand.api.get("/mcp-servers/inventory")["enabled"] is False
    page.get_by_test_id("mcp-remove-inventory").click()
    confirm(page)
    expect(page.get_by_text("No MCP servers yet")).to_be_visible()
