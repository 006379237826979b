"""What people call flows, tasks, labels and schemes can be read."""

import pytest

from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, flow_of, plugin_node

UNSEEN = "\u200b\u2060"


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("/projects/shop/flows", {}),
        ("/flows/{flow}:copy", {}),
        ("/flows/{flow}/tasks", {"inputs": {}}),
        ("/flows/{flow}/schemes", {"keep": []}),
        ("/flows/{flow}/saved-inputs", {"inputs": {}}),
        ("/projects/shop/labels", {}),
    ],
)
async def test_a_name_that_nobody_sees_is_refused(
    house: OrchestratorHouse, address: str, more: dict[str, object]
) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    flow = await house.publish(flow_of(plugin_node("find", "find")))
    place = address.format(flow=flow)
    refused = await house.client.post(place, json={"name": UNSEEN, **more})
    assert refused.status_code == 422, refused.text
    told = [(each["field"], each["code"], each["remedy"]) for each in refused.json()["errors"]]
    assert told == [("name", "name.unseen", "Write something that can be read")]
    assert (await house.client.post(place, json={"name": "重启 Restart", **more})).status_code == 201
