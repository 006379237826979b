"""Flows published as apps: who may open one, and what comes of it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.database import Database
from kernel.db.pages import PageRequest
from kernel.principal import Principal, PrincipalKind
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node

FORM = {
    "schema": {
        "type": "object",
        "properties": {
            "host": {"type": "string"},
            "zone": {"type": "string"},
            "key": {"type": "string", "writeOnly": True},
        },
        "required": ["host", "zone"],
        "additionalProperties": False,
    },
    "uischema": {
        "type": "VerticalLayout",
        "elements": [
            {"type": "Control", "scope": "#/properties/host"},
            {"type": "Group", "label": "Where", "elements": [{"type": "Control", "scope": "#/properties/zone"}]},
        ],
    },
}
FLOW = flow_of(plugin_node("find", inputs={"ip": "${inputs.host}"}), plugin_node("df", optional=True), form=FORM)
APP = {"code": "check-disks", "name": "Check disks", "fixed": {"zone": "eu"}, "leave_out": ["df"]}


@pytest.fixture
async def flow(house: OrchestratorHouse) -> str:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]
    return await house.publish(FLOW)


async def _make(house: OrchestratorHouse, flow: str, **changed: Any) -> dict[str, Any]:
    made = await house.client.post(f"/flows/{flow}/mini-apps", json=APP | changed, headers=as_user("dev"))
    assert made.status_code == 201, made.text
    view: dict[str, Any] = made.json()
    return view


async def _openable(house: OrchestratorHouse, by: str) -> list[str]:
    return [each["code"] for each in (await house.client.get("/mini-apps", headers=as_user(by))).json()["items"]]


async def _launch(house: OrchestratorHouse, by: str, key: str | None = None, **body: Any) -> Any:
    sent = {"inputs": {"host": "web-1"}} | body
    headers = as_user(by) if key is None else {**as_user(by), "Idempotency-Key": key}
    return await house.client.post("/mini-apps/check-disks/tasks", json=sent, headers=headers)


async def test_a_person_with_nothing_but_the_app_opens_it_launches_it_and_sees_his_own_tasks(
    house: OrchestratorHouse, flow: str
) -> None:
    app = await _make(house, flow)
    house.authorizer.allow("lee", ResourceKind.MINI_APP, app["id"], Action.MINI_APP_OPEN)
    assert (await _openable(house, "lee"), await _openable(house, "nobody")) == (["check-disks"], [])
    page = (await house.client.get("/mini-apps/check-disks/page", headers=as_user("lee"))).json()
    assert (sorted(page["form"]["schema"]["properties"]), page["form"]["schema"]["required"]) == (
        ["host", "key"],
        ["host"],
    )
    assert page["form"]["uischema"]["elements"][1]["elements"] == []
    assert page["manages"] is False
    launched = await _launch(house, "lee")
    assert launched.status_code == 201, launched.text
    task = launched.json()
    assert (task["inputs"], task["definition"]["left_out"]) == ({"host": "web-1", "zone": "eu"}, ["df"])
    assert (task["origin"], task["origin_id"], task["origin_name"]) == ("mini_app", app["id"], "Check disks")
    await _launch(house, "admin")
    listed = (await house.client.get("/mini-apps/check-disks/tasks", headers=as_user("lee"))).json()["items"]
    assert [each["id"] for each in listed] == [task["id"]]
    everybodys = "/mini-apps/check-disks/tasks?everybodys=true"
    assert (await house.client.get(everybodys, headers=as_user("lee"))).status_code == 403
    assert len((await house.client.get(everybodys, headers=as_user("dev"))).json()["items"]) == 2
    assert (await house.client.get(f"/flows/{flow}/launch-form", headers=as_user("lee"))).status_code == 403


async def test_whoever_may_not_open_it_neither_sees_nor_launches_it(house: OrchestratorHouse, flow: str) -> None:
    await _make(house, flow)
    assert (await house.client.get("/mini-apps/check-disks/page", headers=as_user("lee"))).status_code == 403
    assert (await _launch(house, "lee")).status_code == 403
    assert (await house.client.get("/mini-apps/other/page", headers=as_user("lee"))).status_code == 404


async def test_an_app_for_all_is_for_people_and_not_for_narrowed_tokens(house: OrchestratorHouse, flow: str) -> None:
    await _make(house, flow, open_to_all=True)
    assert (await _launch(house, "anybody")).status_code == 201
    assert await _openable(house, "anybody") == ["check-disks"]
    narrowed = Principal(PrincipalKind.USER, "anybody", confined_to=OTHER_PROJECT.id)
    async with house.database.reading() as session:
        assert (await house.unit.mini_app_desk.openable(session, narrowed, PageRequest())).items == []


@pytest.mark.parametrize("ways", [{"enabled": False}, {"expires_at": "2026-01-02T04:00:00Z"}])
async def test_an_app_that_is_closed_says_so(
    house: OrchestratorHouse, flow: str, clock: ManualClock, ways: dict[str, Any]
) -> None:
    await _make(house, flow, open_to_all=True, **ways)
    clock.advance(hours=1)
    refused = await _launch(house, "lee")
    assert (refused.status_code, refused.json()["code"]) == (409, "mini_app_closed")


async def _publish_again(house: OrchestratorHouse, flow: str) -> None:
    draft = (await house.client.get(f"/flows/{flow}/draft")).json()["draft_version"]
    await house.client.put(f"/flows/{flow}/draft", json={"definition": FLOW, "draft_version": draft})
    assert (await house.client.post(f"/flows/{flow}:publish")).status_code == 201


async def test_an_app_runs_no_revision_that_it_never_offered(
    house: OrchestratorHouse, flow: str, clock: ManualClock
) -> None:
    await _publish_again(house, flow)
    clock.advance(seconds=1)
    await _make(house, flow, open_to_all=True)
    clock.advance(seconds=1)
    await _publish_again(house, flow)
    answers = [await _launch(house, "lee", revision=revision) for revision in (1, 2, 3, None)]
    assert [answer.status_code for answer in answers] == [409, 201, 201, 201], "one opened before the last is good"
    assert answers[0].json()["code"] == "mini_app_changed"
    body = {"name": "Disks", "open_to_all": True, "revision": 2, "fixed": {"zone": "eu"}, "version": 1}
    await house.client.put("/mini-apps/check-disks", json=body)
    assert [(await _launch(house, "lee", revision=revision)).status_code for revision in (3, 2)] == [409, 201]


async def test_a_repeated_launch_has_the_first_answer_whatever_became_of_the_app(
    house: OrchestratorHouse, flow: str, clock: ManualClock
) -> None:
    await _make(house, flow, open_to_all=True)
    sent = {"inputs": {"host": "web-1", "key": "s3cret"}, "revision": 1}
    first = await _launch(house, "lee", key="k1", **sent)
    assert first.status_code == 201, first.text
    changes: list[dict[str, Any]] = [
        {"fixed": {"zone": "us"}, "leave_out": []},
        {"fixed": {"zone": "us", "host": "web-9"}},
        {"revision": 2, "fixed": {"zone": "eu"}},
        {"enabled": False},
        {"expires_at": "2026-01-01T00:00:00Z"},
    ]
    await _publish_again(house, flow)
    for version, change in enumerate(changes, start=1):
        clock.advance(seconds=1)
        body = {"name": "Check disks", "open_to_all": True, "version": version, **change}
        assert (await house.client.put("/mini-apps/check-disks", json=body)).status_code == 200
        again = await _launch(house, "lee", key="k1", **sent)
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"]), change
    other = await _launch(house, "lee", key="k1", **sent | {"inputs": {"host": "web-2"}})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await _launch(house, "lee", key="k2", **sent)).json()["code"] == "mini_app_closed"
    await house.client.put("/mini-apps/check-disks", json={"name": "Check disks", "version": 6})
    assert (await _launch(house, "lee", key="k1", **sent)).status_code == 403, "who may not open it is told nothing"


async def test_an_app_whose_time_is_over_is_not_offered(
    house: OrchestratorHouse, flow: str, clock: ManualClock
) -> None:
    await _make(house, flow, open_to_all=True, expires_at="2026-01-02T04:00:00Z")
    assert await _openable(house, "lee") == ["check-disks"]
    clock.advance(hours=1)
    assert await _openable(house, "lee") == []


async def test_what_is_fixed_is_nobody_s_to_send(house: OrchestratorHouse, flow: str) -> None:
    await _make(house, flow, open_to_all=True)
    refused = await _launch(house, "lee", inputs={"host": "a", "zone": "us"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "/inputs/zone")


async def test_only_who_shares_the_flow_makes_and_changes_apps(
    house: OrchestratorHouse, flow: str, database: Database
) -> None:
    assert (await house.client.post(f"/flows/{flow}/mini-apps", json=APP, headers=as_user("viewer"))).status_code == 403
    await _make(house, flow)
    place, body = "/mini-apps/check-disks", {"name": "Disks", "colour": "#00aa88", "icon": "server", "version": 1}
    assert (await house.client.put(place, json=body, headers=as_user("viewer"))).status_code == 403
    changed = (await house.client.put(place, json=body, headers=as_user("dev"))).json()
    assert (changed["name"], changed["fixed"], changed["icon"]) == ("Disks", {}, "server")
    (listed,) = (await house.client.get("/projects/shop/mini-apps", headers=as_user("viewer"))).json()["items"]
    assert listed == changed == (await house.client.get(place, headers=as_user("viewer"))).json()
    assert (await house.client.delete(place, headers=as_user("viewer"))).status_code == 403
    assert (await house.client.delete(place, headers=as_user("dev"))).status_code == 204
    async with database.reading() as session:
        kind = col(AuditRecord.resource_kind) == "mini_app"
        noted = (await session.execute(select(AuditRecord).where(kind).order_by(col(AuditRecord.id)))).scalars().all()
    assert [each.action for each in noted] == ["mini_app.created", "mini_app.changed", "mini_app.deleted"]
    assert noted[0].after is not None
    assert noted[0].after["fixed"] == ["zone"]


async def test_of_two_who_change_an_app_neither_overwrites_the_other(house: OrchestratorHouse, flow: str) -> None:
    made = await _make(house, flow)
    bodies = [{"name": name, "version": made["version"]} for name in ("One", "Two")]
    answers = await asyncio.gather(*(house.client.put("/mini-apps/check-disks", json=body) for body in bodies))
    assert sorted(each.status_code for each in answers) == [200, 409]
    kept = (await house.client.get("/mini-apps/check-disks")).json()
    assert [each.json() for each in answers if each.status_code == 200] == [kept]
    (refused,) = (each.json() for each in answers if each.status_code == 409)
    assert (refused["code"], "version 2, changed by admin" in refused["detail"]) == ("stale_version", True)


async def test_a_code_is_taken_once_even_at_the_same_moment(house: OrchestratorHouse, flow: str) -> None:
    made = await asyncio.gather(*(house.client.post(f"/flows/{flow}/mini-apps", json=APP) for _ in range(3)))
    assert sorted(each.status_code for each in made) == [201, 409, 409]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "Check"}, "code"),
        ({"colour": "red"}, "colour"),
        ({"icon": "cat"}, "icon"),
        ({"fixed": {"gone": 1}}, "/fixed/gone"),
        ({"fixed": {"key": "prod"}}, "/fixed/key"),
        ({"leave_out": ["find"]}, "/leave_out/0"),
    ],
)
async def test_what_does_not_fit_the_flow_is_refused(
    house: OrchestratorHouse, flow: str, changed: dict[str, Any], field: str
) -> None:
    refused = await house.client.post(f"/flows/{flow}/mini-apps", json=APP | changed)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await house.client.get("/projects/shop/mini-apps")).json()["items"] == []
