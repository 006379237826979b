from sqlalchemy import func, select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.services import KernelServices
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node


async def test_a_new_flow_has_a_draft_with_start_and_end(house: OrchestratorHouse) -> None:
    created = await house.client.post("/projects/shop/flows", json={"name": " Check disks ", "description": "d"})
    assert created.status_code == 201
    flow = created.json()
    assert (flow["name"], flow["description"], flow["draft_version"]) == ("Check disks", "d", 1)
    assert (flow["latest_revision"], flow["updated_at"]) == (None, "2026-01-02T03:04:05Z")
    draft = (await house.client.get(f"/flows/{flow['id']}/draft")).json()
    assert [node["kind"] for node in draft["definition"]["nodes"]] == ["start", "end"]
    assert (await house.client.get(f"/flows/{flow['id']}")).json() == flow


async def test_flows_are_listed_page_by_page(house: OrchestratorHouse) -> None:
    made = [await house.make_flow(name=f"flow {number}") for number in range(3)]
    first = (await house.client.get("/projects/shop/flows?limit=2")).json()
    rest = (await house.client.get("/projects/shop/flows", params={"limit": 2, "cursor": first["next"]})).json()
    assert sorted(flow["id"] for flow in first["items"] + rest["items"]) == sorted(made)
    assert rest["next"] is None
    assert (await house.client.get("/projects/bank/flows")).json()["items"] == []


async def test_a_draft_may_break_rules_and_comes_back_as_it_was_saved(
    house: OrchestratorHouse, clock: ManualClock
) -> None:
    flow = await house.make_flow()
    clock.advance(minutes=5)
    definition = flow_of(plugin_node("find", "gone", inputs={"ip": "${inputs.ip}"}), layout={"find": {"x": 1, "y": 2}})
    saved = await house.client.put(
        f"/flows/{flow}/draft", json={"definition": definition, "draft_version": 1}, headers=as_user("dev")
    )
    assert saved.status_code == 200
    draft = (await house.client.get(f"/flows/{flow}/draft")).json()
    assert draft == saved.json()
    assert (draft["draft_version"], draft["updated_by"]) == (2, "dev")
    assert draft["updated_at"] == "2026-01-02T03:09:05Z"
    assert draft["definition"]["layout"] == definition["layout"]
    assert draft["definition"]["nodes"][1]["inputs"] == {"ip": "${inputs.ip}"}


async def test_constants_inputs_and_outputs_stay_in_the_order_they_were_written_in(house: OrchestratorHouse) -> None:
    names = ["longest_name", "b", "middle", "a"]
    fields = {name: {"type": "string"} for name in names}
    definition = flow_of(
        {"id": "nap", "kind": "timer", "seconds": 1},
        constants={name: {"value": "x"} for name in names},
        form={"schema": {"type": "object", "properties": fields}},
        outputs=dict.fromkeys(names, "x"),
    )
    flow = await house.publish(definition)
    task = (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}})).json()["id"]
    for address in (f"/flows/{flow}/draft", f"/flows/{flow}/revisions/1", f"/tasks/{task}"):
        document = (await house.client.get(address)).json()["definition"]
        shown = (document["constants"], document["form"]["schema"]["properties"], document["outputs"])
        assert [list(part) for part in shown] == [names] * 3


async def test_a_task_has_the_order_of_its_own_revision_whatever_an_earlier_one_had(house: OrchestratorHouse) -> None:
    nap = {"id": "nap", "kind": "timer", "seconds": 1}
    flow = await house.publish(flow_of(nap, constants={"b": {"value": "x"}, "a": {"value": "x"}}))
    await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}})
    turned = flow_of(nap, constants={"a": {"value": "x"}, "b": {"value": "x"}})
    version = (await house.client.get(f"/flows/{flow}/draft")).json()["draft_version"]
    await house.client.put(f"/flows/{flow}/draft", json={"definition": turned, "draft_version": version})
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201
    task = (await house.client.post(f"/flows/{flow}/tasks", json={"inputs": {}})).json()["id"]
    assert list((await house.client.get(f"/tasks/{task}")).json()["definition"]["constants"]) == ["a", "b"]


async def test_a_draft_made_from_an_older_version_is_refused_and_nothing_is_overwritten(
    house: OrchestratorHouse,
) -> None:
    flow = await house.make_flow()
    mine = {"definition": flow_of(plugin_node("mine")), "draft_version": 1}
    yours = {"definition": flow_of(plugin_node("yours")), "draft_version": 1}
    assert (await house.client.put(f"/flows/{flow}/draft", json=mine, headers=as_user("dev"))).status_code == 200
    refused = await house.client.put(f"/flows/{flow}/draft", json=yours)
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_draft")
    assert "version 2, saved by dev" in refused.json()["detail"]
    draft = (await house.client.get(f"/flows/{flow}/draft")).json()
    assert draft["definition"]["nodes"][1]["id"] == "mine"


async def test_who_may_only_view_reads_the_draft_and_changes_nothing(house: OrchestratorHouse) -> None:
    flow = await house.make_flow()
    viewer, nobody = as_user("viewer"), as_user("nobody")
    body = {"definition": flow_of(), "draft_version": 1}
    assert (await house.client.get(f"/flows/{flow}/draft", headers=viewer)).status_code == 200
    assert (await house.client.put(f"/flows/{flow}/draft", json=body, headers=viewer)).status_code == 403
    assert (await house.client.post(f"/flows/{flow}:publish", headers=viewer)).status_code == 403
    assert (await house.client.post("/projects/shop/flows", json={"name": "x"}, headers=viewer)).status_code == 403
    for path in ("/projects/shop/flows", f"/flows/{flow}", f"/flows/{flow}/draft", f"/flows/{flow}/revisions"):
        assert (await house.client.get(path, headers=nobody)).status_code == 403, path
    assert (await house.client.get(f"/flows/{flow}", headers={"X-Test-User": ""})).status_code == 401


async def test_what_does_not_exist_is_not_found(house: OrchestratorHouse) -> None:
    assert (await house.client.get("/projects/nowhere/flows")).status_code == 404
    for flow in ("0" * 32, "%00", "x", "⚙"):
        assert (await house.client.get(f"/flows/{flow}")).status_code == 404, flow
        assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 404, flow


async def test_saving_is_in_the_audit_log_with_both_versions(house: OrchestratorHouse, kernel: KernelServices) -> None:
    flow = await house.make_flow(flow_of(plugin_node("find")))
    async with kernel.database.reading() as session:
        found = await session.execute(
            select(AuditRecord).where(col(AuditRecord.resource_id) == flow).order_by(col(AuditRecord.id))
        )
        created, saved = found.scalars()
        count = (await session.execute(select(func.count()).select_from(AuditRecord))).scalar_one()
    assert (created.action, saved.action, count) == ("flow.created", "flow.draft_saved", 2)
    assert saved.before == {"draft_version": 1}
    assert saved.after is not None
    assert (saved.after["draft_version"], saved.after["nodes"], saved.actor) == (2, 3, "admin")
