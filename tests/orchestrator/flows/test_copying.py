from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

_SECRET = {"type": "object", "properties": {"password": {"type": "string", "writeOnly": True}}}


async def _copy(house: OrchestratorHouse, flow: str, by: str = "admin", **body: Any) -> dict[str, Any]:
    copied = await house.client.post(f"/flows/{flow}:copy", json={"name": "Copy", **body}, headers=as_user(by))
    assert copied.status_code == 201, copied.text
    view: dict[str, Any] = copied.json()
    return view


async def test_a_copy_has_the_draft_or_a_revision_and_a_life_of_its_own(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    flow = await house.publish(flow_of(plugin_node("find", "find")))
    changed = flow_of(plugin_node("later", "find"))
    await house.client.put(f"/flows/{flow}/draft", json={"definition": changed, "draft_version": 2})
    of_draft = await _copy(house, flow, "dev")
    of_revision = await _copy(house, flow, revision=1, name="First")
    assert (of_draft["flow"]["name"], of_draft["flow"]["latest_revision"], of_draft["missing"]) == ("Copy", None, [])
    for copied, node in ((of_draft, "later"), (of_revision, "find")):
        draft = (await house.client.get(f"/flows/{copied['flow']['id']}/draft")).json()
        assert draft["definition"]["nodes"][1]["id"] == node
    async with house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    created = next(row for row in rows if row.resource_id == of_draft["flow"]["id"])
    assert created.after is not None
    assert (created.action, created.after["copied_from"]) == ("flow.created", flow)


async def test_a_copy_in_another_project_tells_what_is_not_there(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find", _SECRET), plugin("both")]
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("both"), plugin("find", version="2.0.0")]
    inner = await house.publish(flow_of(plugin_node("a", "both")), "Inner")
    nodes = (
        plugin_node("find", "find", inputs={"password": "db-password"}),
        plugin_node("both", "both"),
        plugin_node("again", "find"),
        {"id": "sub", "kind": "subflow", "flow": inner},
    )
    copied = await _copy(house, await house.publish(flow_of(*nodes), "Outer"), project="bank")
    assert copied["flow"]["project_id"] == OTHER_PROJECT.id
    assert copied["missing"] == [
        {"kind": "plugin", "name": "find 1.0.0", "nodes": ["find", "again"]},
        {"kind": "secret", "name": "db-password", "nodes": ["find"]},
        {"kind": "subflow", "name": "Inner", "nodes": ["sub"]},
    ]


async def test_who_copies_may_see_the_one_and_edit_where_the_other_goes(house: OrchestratorHouse) -> None:
    flow = await house.make_flow()
    for by, project in (("viewer", None), ("dev", "bank"), ("stranger", "shop")):
        refused = await house.client.post(
            f"/flows/{flow}:copy", json={"name": "Copy", "project": project}, headers=as_user(by)
        )
        assert refused.status_code == 403
    house.authorizer.allow("dev", ResourceKind.PROJECT, OTHER_PROJECT.id, Action.FLOW_EDIT)
    refused = await house.client.post(f"/flows/{flow}:copy", json={"name": "Copy", "revision": 1})
    assert refused.status_code == 404
    assert (await house.client.get("/projects/bank/flows")).json()["items"] == []
    copied = await _copy(house, flow, "dev", project="bank")
    assert copied["flow"]["project_id"] == OTHER_PROJECT.id
