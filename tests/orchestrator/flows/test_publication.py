import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.services import KernelServices
from orchestrator.flows.plugin_use import PluginUse
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FIND = plugin(
    "find",
    inputs={
        "type": "object",
        "properties": {"ip": {"type": "string"}},
        "required": ["ip"],
        "additionalProperties": False,
    },
    outputs={"type": "object", "properties": {"host_id": {"type": "integer"}}},
    scopes=("cmdb:read",),
)
SCRIPT = plugin("script", scopes=("job:execute", "job:read"))
FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string"}}, "required": ["ip"]}}
GOOD = flow_of(
    plugin_node("find", "find", inputs={"ip": "${inputs.ip}"}),
    plugin_node("df", "script", inputs={"host": "${nodes.find.outputs.host_id}"}),
    form=FORM,
)


@pytest.fixture(autouse=True)
def installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [FIND, SCRIPT, plugin("script", version="2.0.0", scopes=("job:write",))]


async def test_a_sound_draft_becomes_revision_one_with_its_scopes_and_plugin_versions(
    house: OrchestratorHouse, clock: ManualClock
) -> None:
    flow = await house.make_flow(GOOD)
    clock.advance(hours=1)
    published = await house.client.post(f"/flows/{flow}:publish", json={"comment": "first"}, headers=as_user("dev"))
    assert published.status_code == 201
    revision = published.json()
    assert revision["number"] == 1
    assert revision["scopes"] == ["cmdb:read", "job:execute", "job:read"]
    assert revision["plugins"] == {"find": ["1.0.0"], "script": ["1.0.0"]}
    assert (revision["published_by"], revision["comment"]) == ("dev", "first")
    assert revision["published_at"] == "2026-01-02T04:04:05Z"
    assert (await house.client.get(f"/flows/{flow}/revisions/1")).json() == revision
    assert (await house.client.get(f"/flows/{flow}")).json()["latest_revision"] == 1


async def test_a_published_revision_stays_as_it_is_when_the_draft_goes_on(house: OrchestratorHouse) -> None:
    flow = await house.publish(GOOD)
    first = (await house.client.get(f"/flows/{flow}/revisions/1")).json()
    changed = flow_of(plugin_node("other", "script", version="2.0.0"))
    saved = await house.client.put(f"/flows/{flow}/draft", json={"definition": changed, "draft_version": 2})
    assert saved.status_code == 200
    second = (await house.client.post(f"/flows/{flow}:publish")).json()
    assert (second["number"], second["scopes"]) == (2, ["job:write"])
    assert (await house.client.get(f"/flows/{flow}/revisions/1")).json() == first
    listed = (await house.client.get(f"/flows/{flow}/revisions")).json()["items"]
    assert [revision["number"] for revision in listed] == [2, 1]
    assert (await house.client.get(f"/flows/{flow}/revisions/3")).status_code == 404


@pytest.mark.parametrize(
    ("definition", "rule", "field"),
    [
        (flow_of(plugin_node("a", "gone")), "plugin_installed", "definition.nodes[a].plugin"),
        (flow_of(plugin_node("a", "find", version="9.0.0")), "plugin_installed", "definition.nodes[a].version"),
        (flow_of(plugin_node("a", "find")), "input_required", "definition.nodes[a].inputs.ip"),
        (flow_of(plugin_node("a", "find", inputs={"ip": 7})), "input_value", "definition.nodes[a].inputs.ip"),
        (
            flow_of(plugin_node("a", "find", inputs={"ip": "${inputs.where}"})),
            "reference",
            "definition.nodes[a].inputs.ip",
        ),
        (
            flow_of({"id": "x", "kind": "exclusive"}, edges=["start>x", "x>end?1 +"]),
            "condition_readable",
            "definition.edges[e1].condition",
        ),
        (flow_of(edges=[]), "degree", "definition.nodes[start].outgoing"),
        (flow_of(form={"schema": {"type": "array"}}), "form", "definition.form.schema.type"),
        (
            flow_of(form={"schema": {"type": "object", "properties": {"a": {"$ref": "http://x/y"}}}}),
            "form",
            "definition.form.schema.properties.a.$ref",
        ),
        (flow_of(outputs={"a": "${nodes.gone.outputs.x}"}), "reference", "definition.outputs.a"),
    ],
)
async def test_a_broken_rule_is_shown_by_validation_and_refuses_publication(
    house: OrchestratorHouse, definition: dict[str, Any], rule: str, field: str
) -> None:
    flow = await house.make_flow(definition)
    validated = (await house.client.post(f"/flows/{flow}:validate", headers=as_user("viewer"))).json()["problems"]
    assert rule in [problem["rule"] for problem in validated]
    assert all(problem["message"] for problem in validated)
    refused = await house.client.post(f"/flows/{flow}:publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "flow_refused")
    assert field in [error["field"] for error in refused.json()["errors"]], refused.json()
    assert (await house.client.get(f"/flows/{flow}/revisions")).json()["items"] == []
    assert (await house.client.get(f"/flows/{flow}")).json()["latest_revision"] is None


async def test_a_sound_draft_has_no_problems(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(GOOD)
    assert (await house.client.post(f"/flows/{flow}:validate")).json() == {"problems": []}


async def test_advice_does_not_keep_a_flow_from_being_published(house: OrchestratorHouse) -> None:
    definition = flow_of(
        plugin_node("find", "find", inputs={"ip": "10.0.0.1"}),
        plugin_node("df", "script", inputs={"host": "${nodes.find.outputs.undeclared}"}),
    )
    flow = await house.make_flow(definition)
    (advice,) = (await house.client.post(f"/flows/{flow}:validate")).json()["problems"]
    assert (advice["rule"], advice["blocking"], advice["node_id"]) == ("output_declared", False, "df")
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201


async def test_only_plugins_of_the_own_project_count(house: OrchestratorHouse) -> None:
    house.plugins.by_project = {OTHER_PROJECT.id: [FIND, SCRIPT]}
    flow = await house.make_flow(GOOD)
    refused = await house.client.post(f"/flows/{flow}:publish")
    assert {error["field"] for error in refused.json()["errors"]} == {
        "definition.nodes[find].plugin",
        "definition.nodes[df].plugin",
    }


async def test_what_was_looked_at_is_what_is_published(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(GOOD)
    stale = await house.client.post(f"/flows/{flow}:publish", json={"draft_version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_draft")
    assert (await house.client.post(f"/flows/{flow}:publish", json={"draft_version": 2})).status_code == 201


async def test_two_publications_at_once_take_two_numbers(house: OrchestratorHouse) -> None:
    flow = await house.make_flow(GOOD)
    answers = await asyncio.gather(*(house.client.post(f"/flows/{flow}:publish") for _ in range(4)))
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4]


async def test_publication_is_in_the_audit_log(house: OrchestratorHouse, kernel: KernelServices) -> None:
    flow = await house.publish(GOOD)
    async with kernel.database.reading() as session:
        found = await session.execute(select(AuditRecord).where(col(AuditRecord.action) == "flow.published"))
        record = found.scalar_one()
    assert (record.resource_id, record.actor, record.project_id) == (flow, "admin", PROJECT.id)
    assert record.before == {"latest_revision": None}
    assert record.after is not None
    assert record.after["scopes"] == ["cmdb:read", "job:execute", "job:read"]


async def test_the_latest_revision_of_a_project_tells_which_plugin_versions_it_uses(house: OrchestratorHouse) -> None:
    flow = await house.publish(GOOD)
    drafted = await house.make_flow(GOOD)
    uses = PluginUse()
    async with house.kernel.database.reading() as session:
        assert await uses.asks(session, PROJECT.id, flow, "find", "1.0.0")
        assert not await uses.asks(session, PROJECT.id, flow, "script", "2.0.0")
        assert not await uses.asks(session, OTHER_PROJECT.id, flow, "find", "1.0.0")
        assert not await uses.asks(session, PROJECT.id, drafted, "find", "1.0.0")
