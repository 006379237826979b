from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from tests.support.orchestrator import OrchestratorHouse, as_user


async def _label(house: OrchestratorHouse, name: str, project: str = "shop") -> str:
    made = await house.client.post(f"/projects/{project}/labels", json={"name": name, "colour": "#cc3344"})
    assert made.status_code == 201, made.text
    label: str = made.json()["id"]
    return label


async def _flows(house: OrchestratorHouse, by: str = "admin", **query: Any) -> list[str]:
    found = await house.client.get("/projects/shop/flows", params=query, headers=as_user(by))
    assert found.status_code == 200, found.text
    return [flow["name"] for flow in found.json()["items"]]


async def test_flows_are_found_by_label_name_and_favourite(house: OrchestratorHouse) -> None:
    night, day = await _label(house, "night"), await _label(house, "day")
    one, two = await house.make_flow(name="Back up 100%"), await house.make_flow(name="Restart")
    await house.make_flow(name="Plain")
    assert (await house.client.put(f"/flows/{one}/labels", json={"labels": [night, day]})).status_code == 204
    assert (await house.client.put(f"/flows/{two}/labels", json={"labels": [day]})).status_code == 204
    assert await _flows(house, label=day) == ["Back up 100%", "Restart"]
    assert await _flows(house, label=night) == ["Back up 100%"]
    assert await _flows(house, name="0%") == ["Back up 100%"]
    assert await _flows(house, name="RESTART") == ["Restart"]
    assert (await house.client.put(f"/flows/{two}/favourite", headers=as_user("viewer"))).status_code == 204
    assert await _flows(house, "viewer", favourite=True) == ["Restart"]
    assert await _flows(house, "dev", favourite=True) == []
    seen = (await house.client.get(f"/flows/{two}", headers=as_user("viewer"))).json()
    assert (seen["labels"], seen["favourite"]) == ([day], True)


async def test_a_label_is_renamed_everywhere_and_goes_from_flows_with_itself(house: OrchestratorHouse) -> None:
    label, flow = await _label(house, "night"), await house.make_flow()
    await house.client.put(f"/flows/{flow}/labels", json={"labels": [label, label]})
    changed = await house.client.put(f"/labels/{label}", json={"name": "nightly", "colour": "#001122"})
    assert changed.json()["name"] == "nightly"
    assert (await house.client.get(f"/flows/{flow}")).json()["labels"] == [label]
    assert (await house.client.delete(f"/labels/{label}")).status_code == 204
    assert (await house.client.get(f"/flows/{flow}")).json()["labels"] == []
    assert (await house.client.get("/projects/shop/labels")).json()["items"] == []


async def test_labels_are_of_one_project_and_their_names_stand_once(house: OrchestratorHouse) -> None:
    await _label(house, "night")
    theirs = await _label(house, "night", "bank")
    again = await house.client.post("/projects/shop/labels", json={"name": "night"})
    assert (again.status_code, again.json()["code"]) == (409, "label_exists")
    flow = await house.make_flow()
    strange = await house.client.put(f"/flows/{flow}/labels", json={"labels": [theirs]})
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (422, "/labels/0")
    for body in ({"name": ""}, {"name": "x" * 51}, {"name": "a", "colour": "red"}):
        assert (await house.client.post("/projects/shop/labels", json=body)).status_code == 422


async def test_labels_are_changed_by_who_edits_flows_and_favourites_are_ones_own(house: OrchestratorHouse) -> None:
    label, flow = await _label(house, "night"), await house.make_flow()
    viewer = as_user("viewer")
    for method, path, body in (
        ("POST", "/projects/shop/labels", {"name": "x"}),
        ("PUT", f"/labels/{label}", {"name": "x"}),
        ("DELETE", f"/labels/{label}", None),
        ("PUT", f"/flows/{flow}/labels", {"labels": [label]}),
    ):
        assert (await house.client.request(method, path, json=body, headers=viewer)).status_code == 403
    stranger = as_user("stranger")
    assert (await house.client.put(f"/flows/{flow}/favourite", headers=stranger)).status_code == 403
    house.authorizer.allow("lee", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH)
    lee = as_user("lee")
    for _ in range(2):
        assert (await house.client.put(f"/flows/{flow}/favourite", headers=lee)).status_code == 204
    for _ in range(2):
        assert (await house.client.delete(f"/flows/{flow}/favourite", headers=lee)).status_code == 204
    async with house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    assert [row.action for row in rows if row.actor == "lee"] == ["favourite.added", "favourite.removed"]
