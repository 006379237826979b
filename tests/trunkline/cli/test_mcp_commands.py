"""MCP servers on the command line."""

import json

from tests.trunkline.cli.test_release_commands import Terminal, settings, terminal

__all__ = ["settings", "terminal"]


async def test_a_server_is_made_changed_and_removed(terminal: Terminal) -> None:
    made = await terminal.done("mcp", "create", "hosts", "--system", "cmdb", "--component", "cmdb.list_hosts")
    assert "hosts: 1 tools at " in made
    added = await terminal.done("mcp", "add", "hosts", "--component", "cmdb.get_host", "--json")
    assert [tool["name"] for tool in json.loads(added)["tools"]] == ["list_hosts", "get_host"]
    assert "list_hosts\tList hosts" in await terminal.done("mcp", "tools", "hosts")
    assert "hosts: 1 tools" in await terminal.done("mcp", "drop", "hosts", "list_hosts")
    assert (await terminal.run("mcp", "drop", "hosts", "list_hosts")).exit_code == 1
    assert "(off)" in await terminal.done("mcp", "change", "hosts", "--off", "--title", "Hosts")
    assert (await terminal.run("mcp", "change", "hosts")).exit_code == 2
    assert "\toff" in await terminal.done("mcp", "list", "--system", "cmdb")
    await terminal.done("mcp", "remove", "hosts")
    assert await terminal.done("mcp", "list") == ""
