"""Variables of a project, as people keep them from a terminal."""

import json
from collections.abc import AsyncIterator

import pytest

from kernel.services import KernelServices
from tests.support.orchestrator import build_house, flow_of
from tests.support.served_app import served_app
from tests.trunkline.cli.test_flow_and_task import Terminal


@pytest.fixture
async def terminal(kernel: KernelServices) -> AsyncIterator[Terminal]:
    house = build_house(kernel)
    async with house.client, served_app(house.app) as url:
        yield Terminal(house, url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_variable_is_kept_found_where_it_is_used_and_removed_by_commands(terminal: Terminal) -> None:
    kept = await terminal.run("variable", "set", "shop", "region", "north", "--title", "Region")
    assert kept.output == "region of shop is kept (version 1)\n"
    again = await terminal.run("variable", "set", "shop", "region", '["n", "s"]', "--value-json", "--json")
    assert (json.loads(again.output)["value"], json.loads(again.output)["version"]) == (["n", "s"], 2)
    assert (await terminal.run("variable", "list", "shop")).output == 'region\tlist\t["n", "s"]\tRegion\n'
    wrong = await terminal.run("variable", "set", "shop", "region", "north", "--value-json")
    assert (wrong.exit_code, "no JSON" in wrong.output) == (2, True)
    flow = await terminal.house.make_flow(flow_of(outputs={"at": "${project.variables.region}"}), "Move")
    uses = await terminal.run("variable", "uses", "shop", "region")
    assert uses.output == f"{flow}\tMove\tdraft\t-:outputs.at\n"
    refused = await terminal.run("variable", "remove", "shop", "region")
    assert (refused.exit_code, "the draft of 'Move'" in refused.output) == (1, True)
    assert (await terminal.run("variable", "remove", "shop", "region", "--force")).exit_code == 0
    assert (await terminal.run("variable", "list", "shop")).output == ""
