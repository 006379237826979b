"""Inputs of a draft under other names, over the management API."""

from typing import Any

import httpx

from kernel.contracts.authorizer import Action, ResourceKind
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {"schema": {"type": "object", "properties": {"host": {"type": "string"}, "port": {"type": "integer"}}}}


async def _rename(house: OrchestratorHouse, flow: str, user: str = "admin", **body: Any) -> httpx.Response:
    wanted = {"name": "host", "to": "machine", "draft_version": 2, **body}
    return await house.client.post(f"/flows/{flow}/draft:rename-input", json=wanted, headers=as_user(user))


async def test_an_input_is_renamed_with_what_names_it_and_back_again(house: OrchestratorHouse) -> None:
    definition = flow_of(plugin_node("a", inputs={"on": "${inputs.host}"}), form=FORM)
    flow = await house.make_flow(definition)
    before = (await house.client.get(f"/flows/{flow}/draft")).json()["definition"]
    renamed = (await _rename(house, flow)).json()
    assert renamed["draft_version"] == 3
    assert list(renamed["definition"]["form"]["schema"]["properties"]) == ["machine", "port"]
    assert renamed["definition"]["nodes"][1]["inputs"] == {"on": "${inputs.machine}"}
    assert (await _rename(house, flow)).json()["code"] == "stale_draft"
    back = (await _rename(house, flow, name="machine", to="host", draft_version=3)).json()
    assert (back["definition"], back["draft_version"]) == (before, 4)


async def test_nothing_is_renamed_where_it_cant_be(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(flow_of(plugin_node("a", inputs={"all": "${inputs}"}), form=FORM))
    house.authorizer.allow("viewer", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_VIEW)
    taken = await _rename(house, flow, to="port")
    assert (taken.status_code, {each["field"] for each in taken.json()["errors"]}) == (
        422,
        {"to", "definition.nodes[a].inputs.all"},
    )
    assert (await _rename(house, flow, user="viewer")).status_code == 403
    plain = {"definition": flow_of(form=FORM), "draft_version": 2}
    assert (await house.client.put(f"/flows/{flow}/draft", json=plain)).status_code == 200
    assert (await _rename(house, flow)).json()["code"] == "stale_draft"
    assert (await house.client.get(f"/flows/{flow}/draft")).json()["draft_version"] == 3
