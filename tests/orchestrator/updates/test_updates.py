from dataclasses import replace
from typing import Any

import pytest

from orchestrator.updates.nodes import is_newer, newest_versions
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

_NEEDS = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
FINDS = flow_of(plugin_node("find", "find"))


@pytest.fixture
def _installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [
        plugin("find"),
        plugin("find", version="1.10.0"),
        plugin("find", version="1.9.0"),
    ]


async def _updates(house: OrchestratorHouse, path: str = "/projects/shop/updates") -> list[dict[str, Any]]:
    found = await house.client.get(path, headers=as_user("viewer"))
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json()["items"]
    return items


def _taken(*updates: dict[str, Any], **rest: Any) -> dict[str, Any]:
    members = ("flow_id", "of", "name", "before", "after")
    return {"updates": [{name: update[name] for name in members} for update in updates], **rest}


async def _apply(house: OrchestratorHouse, body: dict[str, Any], by: str = "dev") -> list[dict[str, Any]]:
    done = await house.client.post("/projects/shop/updates:apply", json=body, headers=as_user(by))
    assert done.status_code == 200, done.text
    items: list[dict[str, Any]] = done.json()["items"]
    return items


@pytest.mark.usefixtures("_installed")
async def test_newer_plugins_and_flows_are_told_with_the_nodes_that_run_older_ones(house: OrchestratorHouse) -> None:
    inner = await house.publish(flow_of(plugin_node("find", "find", version="1.10.0")), "Inner")
    await house.client.post(f"/flows/{inner}:publish")
    nodes = [
        {"id": name, "kind": "subflow", "flow": inner, **rest} for name, rest in (("old", {"revision": 1}), ("any", {}))
    ]
    outer = await house.publish(flow_of(plugin_node("find", "find"), *nodes), "Outer")
    told = [(each["of"], each["title"], each["before"], each["after"], each["nodes"]) for each in await _updates(house)]
    assert told == [
        ("plugin", "find", "1.0.0", "1.10.0", ["find"]),
        ("subflow", "Inner", "1", "2", ["old"]),
    ]
    assert len(await _updates(house, f"/flows/{outer}/updates")) == 2
    assert await _updates(house, f"/flows/{inner}/updates") == []


async def test_what_an_update_breaks_is_told_beforehand(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find"), plugin("find", _NEEDS, version="2.0.0")]
    await house.publish(FINDS)
    (update,) = await _updates(house)
    assert [(each["node_id"], each["field"]) for each in update["breaks"]] == [("find", "inputs.name")]
    off = replace(plugin("find", version="2.0.0"), refusal="it lies")
    house.plugins.by_project[PROJECT.id] = [plugin("find"), off]
    assert await _updates(house) == []


@pytest.mark.usefixtures("_installed")
async def test_many_flows_are_updated_and_published_at_once(house: OrchestratorHouse) -> None:
    flows = [await house.publish(FINDS, name) for name in ("One", "Two")]
    await house.client.put(
        f"/flows/{flows[1]}/draft", json={"definition": flow_of(plugin_node("f", "find")), "draft_version": 2}
    )
    done = await _apply(house, _taken(*await _updates(house), publish=True, comment="newer"))
    assert [(each["flow_name"], each["nodes"], each["revision"]) for each in done] == [
        ("One", ["find"], 2),
        ("Two", ["f"], None),
    ]
    assert done[1]["problem"] == "its draft holds other changes too; publish it by hand"
    revision = (await house.client.get(f"/flows/{flows[0]}/revisions/2")).json()
    assert (revision["plugins"], revision["comment"]) == ({"find": ["1.10.0"]}, "newer")
    assert await _updates(house) == []


async def test_one_that_fails_leaves_the_others_or_together_none(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find"), plugin("find", _NEEDS, version="2.0.0")]
    bad, good = (
        await house.publish(FINDS, "Bad"),
        await house.publish(flow_of(plugin_node("find", "find", inputs={"name": "a"})), "Good"),
    )
    body = _taken(*await _updates(house), publish=True)
    together = await house.client.post("/projects/shop/updates:apply", json={**body, "together": True})
    assert (together.status_code, together.json()["code"]) == (422, "updates_refused")
    assert [error["field"] for error in together.json()["errors"]] == ["/updates/0"]
    for flow in (bad, good):
        assert (await house.client.get(f"/flows/{flow}")).json()["draft_version"] == 2
    done = await _apply(house, body)
    assert [(each["flow_id"], each["revision"], bool(each["problem"])) for each in done] == [
        (bad, None, True),
        (good, 2, False),
    ]
    assert (await house.client.get(f"/flows/{bad}")).json()["draft_version"] == 2


async def test_what_refuses_is_named_by_its_place_among_what_was_sent(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("find"), plugin("find", version="2.0.0"), plugin("df"),
                                            plugin("df", _NEEDS, version="2.0.0")]  # fmt: skip
    good = await house.publish(flow_of(plugin_node("find", "find")), "A")
    bad = await house.publish(flow_of(plugin_node("df", "df")), "B")
    updates = await _updates(house)
    first = next(each for each in updates if each["flow_id"] == good)
    last = next(each for each in updates if each["flow_id"] == bad)
    body = _taken(first, first, last, publish=True, together=True)
    refused = await house.client.post("/projects/shop/updates:apply", json=body)
    assert [error["field"] for error in refused.json()["errors"]] == ["/updates/2"]


async def test_nothing_is_told_of_another_projects_flow_that_a_draft_names(house: OrchestratorHouse) -> None:
    made = (await house.client.post("/projects/bank/flows", json={"name": "Pay salaries"})).json()
    waits = flow_of({"id": "wait", "kind": "timer", "seconds": 5})
    await house.client.put(f"/flows/{made['id']}/draft", json={"definition": waits, "draft_version": 1})
    for _ in range(2):
        assert (await house.client.post(f"/flows/{made['id']}:publish")).status_code == 201
    node = {"id": "pay", "kind": "subflow", "flow": made["id"], "revision": 1}
    mine = await house.make_flow(flow_of(node))
    assert await _updates(house, f"/flows/{mine}/updates") == await _updates(house) == []
    await house.client.put(f"/flows/{made['id']}/common", json={"projects": [PROJECT.id]})
    assert [each["title"] for each in await _updates(house)] == ["Pay salaries"]


@pytest.mark.usefixtures("_installed")
async def test_updates_are_taken_by_who_edits_and_of_flows_of_the_project(house: OrchestratorHouse) -> None:
    await house.publish(FINDS)
    body = _taken(*await _updates(house))
    refused = await house.client.post("/projects/shop/updates:apply", json=body, headers=as_user("viewer"))
    assert refused.status_code == 403
    assert (await house.client.post("/projects/bank/updates:apply", json=body)).status_code == 404
    assert (await house.client.get("/projects/shop/updates", headers=as_user("stranger"))).status_code == 403
    step = {"flow_id": "0" * 32, "of": "subflow", "name": "x", "before": "1", "after": "two"}
    wrong = await house.client.post("/projects/shop/updates:apply", json={"updates": [step]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/updates/0/after")
    (stale,) = await _apply(house, {"updates": [{**body["updates"][0], "before": "0.1.0"}]})
    assert (stale["nodes"], stale["problem"]) == ([], "its draft does not run these versions")


def test_versions_are_compared_as_versions() -> None:
    assert newest_versions([("a", "1.9.0"), ("a", "1.10.0"), ("a", "1.10.0-rc.1"), ("b", "odd")]) == {
        "a": "1.10.0",
        "b": "odd",
    }
    assert not is_newer("2.0.0", "odd")
