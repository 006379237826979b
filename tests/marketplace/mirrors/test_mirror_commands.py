"""`trunkline plugin mirror`, against an installation that follows another."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner, Result

from kernel.clock import ManualClock
from tests.marketplace.mirrors.conftest import Mirroring
from tests.support.packages import FIND_HOST, RUN_SCRIPT, manifest_of
from tests.support.served_house import served
from trunkline.cli.plugin import app

_ADMIN = {"Authorization": "Bearer admin"}


@dataclass(frozen=True, slots=True)
class Commands:
    mirroring: Mirroring
    clock: ManualClock
    url: str

    async def run(self, *arguments: str) -> Result:
        command = ["mirror", *arguments, "--url", self.url, "--token", "admin"]
        return await asyncio.to_thread(CliRunner().invoke, app, command)

    async def said(self, *arguments: str) -> str:
        result = await self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    async def synchronised(self) -> Result:
        """While it waits, what follows mirrors by itself in a process does its work, and time goes on."""
        waiting = asyncio.create_task(self.run("sync", "hub", "--wait", "60"))
        while not waiting.done():
            self.clock.advance(seconds=1)
            await self.mirroring.here.unit.mirror_rounds.run_due()
            await asyncio.wait({waiting}, timeout=0.02)
        return await waiting


@pytest.fixture
async def commands(
    mirroring: Mirroring, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Commands]:
    monkeypatch.setenv("TRUNKLINE_MIRROR_TOKEN", "viewer")
    async with served(mirroring.here) as url:
        yield Commands(mirroring, clock, url)


async def test_an_installation_is_followed_by_commands(commands: Commands) -> None:
    origin = commands.mirroring.origin
    await origin.house.publish(FIND_HOST, "alice")
    await origin.house.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")
    wanted = ("--from", origin.url, "--publisher", "acme", "--plugin", "find_*", "--channel", "stable")
    made = json.loads(await commands.said("set", "hub", *wanted, "--every", "15", "--json"))
    assert (made["publishers"], made["plugins"], made["channels"]) == (["acme"], ["find_*"], ["stable"])
    assert (made["every_minutes"], made["has_token"]) == (15, True)
    assert await commands.said("list") == f"hub  {origin.url}  nothing yet  (followed never)\n"
    followed = await commands.synchronised()
    assert followed.exit_code == 0, followed.output
    assert followed.stdout.startswith(f"hub  {origin.url}  1 taken  (followed ")
    assert (await commands.said("show", "hub")).endswith("  taken     find_host 1.0.0\n")
    (version,) = json.loads(await commands.said("show", "hub", "--json"))
    assert (version["plugin_code"], version["state"], version["problem"]) == ("find_host", "taken", "")
    assert "(off)" in await commands.said("set", "hub", "--from", origin.url, "--off")
    assert await commands.said("remove", "hub") == "hub is not followed any more\n"
    assert await commands.said("list") == ""
    assert (await commands.mirroring.here.client.get("/plugins/find_host", headers=_ADMIN)).status_code == 200


async def test_what_cannot_be_followed_is_told_with_the_reason(commands: Commands) -> None:
    origin = commands.mirroring.origin
    await commands.said("set", "hub", "--from", origin.url)
    origin.instead[""] = (500, "application/json", b"{}")
    failed = await commands.synchronised()
    assert failed.exit_code == 1
    assert f"hub  {origin.url}  nothing yet  (" in failed.stdout
    assert "(followed" not in failed.stdout
    unknown = await commands.run("sync", "nobody")
    assert (unknown.exit_code, "nobody" in unknown.stderr) == (1, True)
    inside = await commands.run("set", "hub", "--from", "http://10.0.0.1")
    assert (inside.exit_code, "url: " in inside.stderr) == (1, True)
