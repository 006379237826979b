"""Executors and consents, as people keep them from a terminal."""

import json
from collections.abc import AsyncIterator

import pytest

from kernel.services import KernelServices
from tests.support.orchestrator import flow_of, plugin_node, working_house
from tests.support.served_app import served_app
from tests.trunkline.cli.test_flow_and_task import Terminal


@pytest.fixture
async def terminal(kernel: KernelServices) -> AsyncIterator[Terminal]:
    async with working_house(kernel) as house, served_app(house.app) as url:
        yield Terminal(house, url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_executor_is_named_and_consents_by_commands(terminal: Terminal) -> None:
    flow = await terminal.house.publish(flow_of(plugin_node("a", inputs={}), executor="admin"), "Deploy")
    assert (await terminal.run("executor", "show", "shop")).output == "whoever launches\n"
    assert (await terminal.run("executor", "set", "shop", "ann")).output == "ann\tnever\n"
    asked = await terminal.run("executor", "requests")
    assert asked.output == f"shop\t{flow} Deploy revision 1\tnever\techo:use\n"
    consent = ("executor", "consent", "shop", "--flow", flow, "--revision", "1", "--scope")
    wrong = await terminal.run(*consent, "bank:rob")
    assert (wrong.exit_code, "bank:rob is not used there" in wrong.output) == (1, True)
    given = json.loads((await terminal.run(*consent, "echo:use", "--json")).output)
    listed = (await terminal.run("executor", "consents")).output
    assert listed.startswith(f"{given['id']}\tshop\tDeploy revision 1\tuntil ")
    assert (await terminal.run("executor", "revoke", given["id"])).exit_code == 0
    assert "\trevoked " in (await terminal.run("executor", "consents")).output
    assert json.loads((await terminal.run("executor", "requests", "--json")).output)[0]["lack"] == "revoked"
