from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

ONE = flow_of(plugin_node("find", "find", inputs={"n": 1}))
TWO = flow_of(plugin_node("find", "find", inputs={"n": 2}), plugin_node("more", "find"))


async def _two_revisions(house: OrchestratorHouse) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    flow = await house.publish(ONE)
    await _save(house, flow, TWO, 2)
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201
    return flow


async def _save(house: OrchestratorHouse, flow: str, definition: object, version: int, by: str = "admin") -> None:
    body = {"definition": definition, "draft_version": version}
    saved = await house.client.put(f"/flows/{flow}/draft", json=body, headers=as_user(by))
    assert saved.status_code == 200, saved.text


async def test_two_revisions_are_compared_on_one_picture(house: OrchestratorHouse) -> None:
    flow = await _two_revisions(house)
    found = await house.client.get(f"/flows/{flow}/revisions/2/diff/1", headers=as_user("viewer"))
    assert found.status_code == 200, found.text
    told = found.json()
    assert [(node["id"], node["change"]) for node in told["nodes"]] == [("find", "changed"), ("more", "removed")]
    assert told["nodes"][0]["fields"] == [{"field": "/inputs/n", "change": "changed", "before": 2, "after": 1}]
    assert {node["id"] for node in told["picture"]["nodes"]} == {"start", "find", "more", "end"}
    same = (await house.client.get(f"/flows/{flow}/revisions/2/diff/draft")).json()
    assert (same["nodes"], same["edges"], same["fields"]) == ([], [], [])


async def test_what_is_not_there_is_compared_with_nothing(house: OrchestratorHouse) -> None:
    flow = await _two_revisions(house)
    for sides, status in (("1/diff/3", 404), ("0/diff/1", 422), ("1/diff/4000000000", 422), ("x/diff/draft", 422)):
        assert (await house.client.get(f"/flows/{flow}/revisions/{sides}")).status_code == status
    stranger = await house.client.get(f"/flows/{flow}/revisions/1/diff/2", headers=as_user("stranger"))
    assert stranger.status_code == 403


async def test_an_old_revision_becomes_the_draft_again(house: OrchestratorHouse) -> None:
    flow = await _two_revisions(house)
    restored = await house.client.post(
        f"/flows/{flow}/revisions/1:restore", json={"draft_version": 3}, headers=as_user("dev")
    )
    assert restored.status_code == 200, restored.text
    assert (restored.json()["draft_version"], restored.json()["definition"]["nodes"][1]["inputs"]) == (4, {"n": 1})
    assert (await house.client.get(f"/flows/{flow}")).json()["latest_revision"] == 2
    async with house.database.reading() as session:
        rows = (await session.execute(select(AuditRecord).order_by(col(AuditRecord.id)))).scalars().all()
    assert (rows[-1].action, rows[-1].actor) == ("flow.draft_saved", "dev")
    assert rows[-1].after is not None
    assert rows[-1].after["restored_revision"] == 1


async def test_restoring_overwrites_nothing_that_was_saved_meanwhile(house: OrchestratorHouse) -> None:
    flow = await _two_revisions(house)
    await _save(house, flow, flow_of(plugin_node("mine")), 3, "dev")
    late = await house.client.post(f"/flows/{flow}/revisions/1:restore", json={"draft_version": 3})
    assert (late.status_code, late.json()["code"]) == (409, "stale_draft")
    assert (await house.client.get(f"/flows/{flow}/draft")).json()["definition"]["nodes"][1]["id"] == "mine"
    viewer = await house.client.post(
        f"/flows/{flow}/revisions/1:restore", json={"draft_version": 4}, headers=as_user("viewer")
    )
    assert viewer.status_code == 403
    gone = await house.client.post(f"/flows/{flow}/revisions/9:restore", json={"draft_version": 4})
    assert gone.status_code == 404


async def test_who_saved_too_late_sees_what_is_different_and_saves_nothing_by_it(house: OrchestratorHouse) -> None:
    flow = await _two_revisions(house)
    compared = await house.client.post(f"/flows/{flow}/draft:compare", json={"definition": ONE})
    assert [node["change"] for node in compared.json()["nodes"]] == ["changed", "removed"]
    assert (await house.client.get(f"/flows/{flow}")).json()["draft_version"] == 3
    unreadable = await house.client.post(f"/flows/{flow}/draft:compare", json={"definition": {"nodes": 1}})
    assert (unreadable.status_code, unreadable.json()["code"]) == (422, "flow_refused")
