from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {"schema": {"type": "object", "properties": {"host": {"type": "string"}, "idle": {"type": "string"}}}}


async def test_variables_are_told_with_the_places_that_use_them(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(flow_of(plugin_node("a", inputs={"ip": "${inputs.host}"}), form=FORM))
    told = await house.client.get(f"/flows/{flow}/variables", headers=as_user("viewer"))
    use = {"node_id": "a", "edge_id": None, "field": "inputs.ip", "text": "${inputs.host}"}
    assert told.json() == {
        "items": [
            {"name": "inputs.host", "declared": True, "uses": [use]},
            {"name": "inputs.idle", "declared": True, "uses": []},
        ]
    }
    assert (await house.client.get(f"/flows/{flow}/variables", headers=as_user("lee"))).status_code == 403
    assert (await house.client.get(f"/flows/{flow}/variables?revision=1")).status_code == 404
