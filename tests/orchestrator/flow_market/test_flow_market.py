"""Flows made items of the catalogue, and taken into other projects."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

WORDS = {"en": "Check disks", "zh": "检查磁盘"}
SHARE = {
    "code": "check_disks", "version": "1.0.0", "publisher": "acme", "name": WORDS, "description": WORDS,
    "readme": "# Check disks", "changelog": "# Changelog",
}  # fmt: skip
TAKE = {"code": "check_disks", "version": "1.0.0"}
PACKAGE = "/projects/bank/flow-packages"


def _main(inner: str, **more: Any) -> dict[str, Any]:
    return flow_of(plugin_node("find", "find", **more), {"id": "in", "kind": "subflow", "flow": inner})


async def _shared(house: OrchestratorHouse, **of_inner: Any) -> tuple[str, str]:
    """A flow of the shop with one inside, in the catalogue; and that one."""
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    inner = await house.publish(flow_of(plugin_node("look", "find"), **of_inner), "Inner")
    flow = await house.publish(_main(inner), "Check disks")
    made = await house.client.post(f"/flows/{flow}/package", json=SHARE)
    assert made.status_code == 201, made.text
    assert made.json()["outcome"] == "published"
    return flow, inner


async def _take(house: OrchestratorHouse, **body: Any) -> dict[str, dict[str, Any]]:
    """What was taken, by part."""
    taken = await house.client.post(PACKAGE, json={**TAKE, **body})
    assert taken.status_code == 201, taken.text
    return {each["part"]: each for each in taken.json()["items"]}


async def test_a_flow_is_shared_with_what_it_runs_and_says_what_it_needs(house: OrchestratorHouse) -> None:
    flow, _ = await _shared(house)
    (wish,) = house.market.wishes
    assert (wish.plugins, list(wish.document["flows"])) == ({"find": ">=1.0.0 <2.0.0"}, ["flow-1"])
    look = await house.client.get(f"/flows/{flow}/package?revision=1", headers=as_user("dev"))
    assert look.json() == {
        "revision": 1, "inside": ["Inner"], "plugins": {"find": ">=1.0.0 <2.0.0"}, "secrets": [], "people": [],
    }  # fmt: skip
    assert (await house.client.get(f"/flows/{flow}/package", headers=as_user("viewer"))).status_code == 403
    assert (await house.client.post(f"/flows/{flow}/package", json=SHARE, headers=as_user("viewer"))).status_code == 403
    draft = await house.make_flow()
    assert (await house.client.get(f"/flows/{draft}/package")).status_code == 404


async def test_a_package_to_be_signed_holds_what_sharing_would_publish(house: OrchestratorHouse) -> None:
    flow, _ = await _shared(house)
    packed = await house.client.post(f"/flows/{flow}/package:pack", json=SHARE)
    assert (packed.status_code, packed.headers["content-type"], packed.content) == (200, "application/zip", b"PK")
    shared, to_sign = house.market.wishes
    assert shared == to_sign
    refused = await house.client.post(f"/flows/{flow}/package:pack", json=SHARE, headers=as_user("viewer"))
    assert refused.status_code == 403


async def test_what_is_another_projects_is_not_shared_on(house: OrchestratorHouse) -> None:
    house.plugins.by_project = {project.id: [plugin("find")] for project in (PROJECT, OTHER_PROJECT)}
    inner = await house.publish(flow_of(plugin_node("look", "find")), "Common")
    await house.client.put(f"/flows/{inner}/common", json={})
    theirs = (await house.client.post("/projects/bank/flows", json={"name": "Theirs"})).json()["id"]
    definition = flow_of({"id": "in", "kind": "subflow", "flow": inner, "revision": 1})
    await house.client.put(f"/flows/{theirs}/draft", json={"definition": definition, "draft_version": 1})
    await house.client.post(f"/flows/{theirs}:publish")
    refused = await house.client.get(f"/flows/{theirs}/package")
    assert (refused.status_code, refused.json()["code"]) == (422, "foreign_flow_inside")


async def test_what_a_project_lacks_is_told_before_and_keeps_flows_drafts(house: OrchestratorHouse) -> None:
    await house.client.post("/projects/shop/variables", json={"name": "region", "value": "north"})
    await _shared(house, outputs={"at": "${project.variables.region}"})
    house.market.offered["find"] = "1.4.0"
    plan = (await house.client.get(f"{PACKAGE}/check_disks/1.0.0")).json()
    assert (plan["before"], [part["flow_id"] for part in plan["parts"]]) == (None, [None, None])
    assert plan["plugins"] == [{"code": "find", "versions": ">=1.0.0 <2.0.0", "installed": None, "offered": "1.4.0"}]
    assert plan["variables"] == ["region"]
    taken = await _take(house, publish=True)
    assert (taken[""]["revision"], "find" in taken["flow-1"]["problem"]) == (None, True)
    assert (await house.client.get(f"{PACKAGE}/check_disks/9.0.0")).status_code == 404


async def test_a_flow_is_taken_with_the_versions_the_project_has_and_published(house: OrchestratorHouse) -> None:
    await _shared(house)
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("find", version="1.2.0")]
    taken = await _take(house, publish=True)
    assert [taken[part]["revision"] for part in ("flow-1", "")] == [1, 1]
    assert house.market.taken == [(OTHER_PROJECT.id, "check_disks")]
    flow = taken[""]["flow_id"]
    revision = (await house.client.get(f"/flows/{flow}/revisions/1")).json()
    assert revision["plugins"] == {"find": ["1.2.0"]}
    nodes = {node["id"]: node for node in revision["definition"]["nodes"]}
    assert nodes["in"]["flow"] == taken["flow-1"]["flow_id"]
    origin = (await house.client.get(f"/flows/{flow}/origin")).json()
    assert (origin["code"], origin["version"], origin["changed"], origin["newest"]) == (
        "check_disks", "1.0.0", False, "1.0.0",
    )  # fmt: skip
    async with house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    assert [row.action for row in rows if row.action in {"flow.shared_in_catalogue", "flow.taken"}] == [
        "flow.shared_in_catalogue", "flow.taken", "flow.taken",
    ]  # fmt: skip


async def test_a_newer_version_comes_with_what_it_changes_and_spares_what_was_changed_here(
    house: OrchestratorHouse,
) -> None:
    flow, inner = await _shared(house)
    house.plugins.by_project[OTHER_PROJECT.id] = [plugin("find")]
    first = await _take(house)
    draft = {"definition": _main(inner, name="Find it"), "draft_version": 2}
    await house.client.put(f"/flows/{flow}/draft", json=draft)
    await house.client.post(f"/flows/{flow}:publish")
    await house.client.post(f"/flows/{flow}/package", json={**SHARE, "version": "1.1.0"})
    plan = (await house.client.get(f"{PACKAGE}/check_disks/1.1.0")).json()
    parts = {part["part"]: part for part in plan["parts"]}
    assert plan["before"] == "1.0.0"
    assert [(node["id"], node["change"]) for node in parts[""]["comparison"]["nodes"]] == [("find", "changed")]
    assert parts["flow-1"]["comparison"]["nodes"] == []
    mine = first[""]["flow_id"]
    own = (await house.client.get(f"/flows/{mine}/draft")).json()
    own["definition"]["nodes"][1]["name"] = "Ours"
    body = {"definition": own["definition"], "draft_version": own["draft_version"]}
    await house.client.put(f"/flows/{mine}/draft", json=body)
    assert (await house.client.get(f"/flows/{mine}/origin")).json()["changed"] is True
    refused = await house.client.post(PACKAGE, json={**TAKE, "version": "1.1.0"})
    assert (refused.status_code, refused.json()["code"]) == (409, "flow_changed_here")
    second = await _take(house, version="1.1.0", overwrite=True)
    assert {part: each["flow_id"] for part, each in second.items()} == {
        part: each["flow_id"] for part, each in first.items()
    }
    assert (await house.client.get(f"/flows/{mine}/draft")).json()["definition"]["nodes"][1]["name"] == "Find it"


async def test_only_who_edits_flows_of_the_project_takes_one(house: OrchestratorHouse) -> None:
    await _shared(house)
    house.authorizer.allow("ben", ResourceKind.PROJECT, OTHER_PROJECT.id, Action.FLOW_VIEW)
    for name, sees, takes in (("ben", 200, 403), ("dev", 403, 403)):
        plan = await house.client.get(f"{PACKAGE}/check_disks/1.0.0", headers=as_user(name))
        taken = await house.client.post(PACKAGE, json=TAKE, headers=as_user(name))
        assert (plan.status_code, taken.status_code) == (sees, takes)
    made_here = await house.make_flow()
    assert (await house.client.get(f"/flows/{made_here}/origin")).json() is None
