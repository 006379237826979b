from dataclasses import replace

import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.plugin_uses import BrokenFlow, MovedFlow, PluginUse, UsePlace, VersionMove
from kernel.errors import NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

NAMED = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}
FOUND = {"type": "object", "properties": {"id": {"type": "integer"}}}
OLD = plugin("find", inputs=NAMED, outputs=FOUND)
NEW = plugin("find", version="1.1.0", inputs=NAMED, outputs=FOUND)
BREAKING = plugin(
    "find", version="2.0.0", inputs={**NAMED, "required": ["name"]}, outputs={"type": "object", "properties": {}}
)
ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)
DEV = Principal(PrincipalKind.USER, "dev")
FINDS = flow_of(plugin_node("find", "find"), plugin_node("say", "echo", inputs={"text": "${nodes.find.outputs.id}"}))


@pytest.fixture(autouse=True)
def installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [OLD, NEW, plugin("echo")]


async def _uses(house: OrchestratorHouse) -> list[PluginUse]:
    async with house.database.reading() as session:
        return await house.unit.plugin_uses.find(session, PROJECT.id, "find")


async def _move(house: OrchestratorHouse, *flows: str, publish: bool = True, by: Principal = ADMIN) -> list[MovedFlow]:
    move = VersionMove(PROJECT.id, "find", "1.0.0", "1.1.0", flows, publish, "find 1.0.0 → 1.1.0")
    async with house.database.unit_of_work() as session:
        return await house.unit.plugin_uses.move(session, by, move)


async def test_drafts_revisions_flows_around_and_running_tasks_use_a_version(house: OrchestratorHouse) -> None:
    inner = await house.publish(FINDS, "Inner")
    outer = await house.publish(flow_of({"id": "sub", "kind": "subflow", "flow": inner}), "Outer")
    launched = await house.client.post(f"/flows/{outer}/tasks", json={"inputs": {}})
    assert launched.status_code == 201, launched.text
    assert await _uses(house) == [
        PluginUse(inner, "Inner", UsePlace.DRAFT, "1.0.0", ("find",)),
        PluginUse(inner, "Inner", UsePlace.REVISION, "1.0.0", ("find",), 1),
        PluginUse(outer, "Outer", UsePlace.REVISION, "1.0.0", (), 1),
        PluginUse(outer, "Outer", UsePlace.TASK, "1.0.0", (), 1, 1),
    ]


async def test_a_schedule_that_is_pinned_to_an_older_revision_uses_its_versions(house: OrchestratorHouse) -> None:
    flow = await house.publish(FINDS, "Finds")
    when = {"name": "Nightly", "cron": "0 3 * * *", "revision": 1}
    made = await house.client.post(f"/flows/{flow}/schedules", json=when)
    assert made.status_code == 201, made.text
    await _move(house, flow)
    used = [(use.place, use.version, use.revision) for use in await _uses(house)]
    assert used == [
        (UsePlace.DRAFT, "1.1.0", None),
        (UsePlace.REVISION, "1.1.0", 2),
        (UsePlace.SCHEDULE, "1.0.0", 1),
    ]
    await house.client.post(f"/schedules/{made.json()['id']}:disable")
    assert [use.place for use in await _uses(house)] == [UsePlace.DRAFT, UsePlace.REVISION]


async def test_a_moved_flow_has_a_new_revision_and_keeps_the_old_one_as_it_was(house: OrchestratorHouse) -> None:
    flow = await house.publish(FINDS, "Finds")
    first = (await house.client.get(f"/flows/{flow}/revisions/1")).json()
    (moved,) = await _move(house, flow)
    assert (moved.nodes, moved.revision, moved.note) == (("find",), 2, "")
    second = (await house.client.get(f"/flows/{flow}/revisions/2")).json()
    assert [node.get("version") for node in second["definition"]["nodes"]] == [None, "1.1.0", "1.0.0", None]
    assert (second["plugins"]["find"], second["comment"]) == (["1.1.0"], "find 1.0.0 → 1.1.0")
    assert (await house.client.get(f"/flows/{flow}/revisions/1")).json() == first
    async with house.database.reading() as session:
        kept = (await session.execute(select(col(AuditRecord.action)).order_by(col(AuditRecord.id)))).scalars()
        assert list(kept)[-2:] == ["flow.draft_saved", "flow.published"]


async def test_a_draft_that_holds_other_changes_is_moved_and_not_published(house: OrchestratorHouse) -> None:
    flow = await house.publish(FINDS, "Finds")
    changed = flow_of(plugin_node("find", "find"))
    await house.client.put(f"/flows/{flow}/draft", json={"definition": changed, "draft_version": 2})
    (moved,) = await _move(house, flow)
    assert (moved.nodes, moved.draft_version, moved.revision) == (("find",), 4, None)
    assert moved.note == "its draft holds other changes too; publish it by hand"
    assert (await house.client.get(f"/flows/{flow}")).json()["latest_revision"] == 1


async def test_a_flow_that_would_break_is_moved_as_a_draft_only_and_says_why(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [
        OLD,
        plugin("find", version="1.1.0", inputs=BREAKING.inputs),
        plugin("echo"),
    ]
    flow = await house.publish(FINDS, "Finds")
    (moved,) = await _move(house, flow)
    assert (moved.nodes, moved.revision) == (("find",), None)
    assert moved.note.startswith(
        "it can't be published so: definition.nodes[find].inputs.name: the input 'name' is missing"
    )
    assert (await house.client.get(f"/flows/{flow}")).json()["latest_revision"] == 1


async def test_a_draft_alone_is_moved_without_publishing(house: OrchestratorHouse) -> None:
    flow = await house.publish(FINDS, "Finds")
    (moved,) = await _move(house, flow, publish=False)
    assert (moved.draft_version, moved.revision) == (3, None)
    (again,) = await _move(house, flow)
    assert (again.nodes, again.note) == ((), "its draft does not run find 1.0.0")


async def test_what_another_version_breaks_is_told_by_node(house: OrchestratorHouse) -> None:
    flow = await house.publish(FINDS, "Finds")
    sound = await house.publish(flow_of(plugin_node("find", "find", inputs={"name": "a"})), "Sound")
    async with house.database.reading() as session:
        broken = await house.unit.plugin_uses.breakages(session, PROJECT.id, "1.0.0", BREAKING)
        assert await house.unit.plugin_uses.breakages(session, PROJECT.id, "1.0.0", NEW) == []
    assert [(each.flow_id, each.place) for each in broken] == [(flow, UsePlace.DRAFT), (flow, UsePlace.REVISION)]
    assert sound not in {each.flow_id for each in broken}
    assert _told(broken[1]) == [
        ("find", "inputs.name", "the input 'name' is missing"),
        ("say", "", "find declares no output 'id'"),
    ]


async def test_flows_are_moved_by_those_who_may_edit_and_publish_them(house: OrchestratorHouse) -> None:
    flow = await house.publish(FINDS, "Finds")
    for stranger in ("viewer", "nobody"):
        with pytest.raises(PermissionDenied):
            await _move(house, flow, by=Principal(PrincipalKind.USER, stranger))
    house.authorizer.allow("writer", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_VIEW, Action.FLOW_EDIT)
    with pytest.raises(PermissionDenied):
        await _move(house, flow, by=Principal(PrincipalKind.USER, "writer"))
    assert (await house.client.get(f"/flows/{flow}/draft")).json()["draft_version"] == 2
    (moved,) = await _move(house, flow, by=DEV)
    assert moved.revision == 2


async def test_a_flow_of_another_project_is_none_of_this_one(house: OrchestratorHouse) -> None:
    created = await house.client.post("/projects/bank/flows", json={"name": "Theirs"})
    with pytest.raises(NotFound):
        await _move(house, created.json()["id"])


async def test_a_plugin_that_may_not_run_keeps_a_flow_from_being_published(house: OrchestratorHouse) -> None:
    off = replace(OLD, refusal="find is switched off: it lies")
    house.plugins.by_project[PROJECT.id] = [off, plugin("echo")]
    flow = await house.make_flow(FINDS)
    problems = (await house.client.post(f"/flows/{flow}:validate", headers=as_user("viewer"))).json()["problems"]
    assert [(each["rule"], each["node_id"], each["message"]) for each in problems] == [
        ("plugin_allowed", "find", "find 1.0.0 may not run: find is switched off: it lies")
    ]
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 422


def _told(broken: BrokenFlow) -> list[tuple[str, str, str]]:
    return [(each.node, each.field, each.problem) for each in broken.breakages]
