"""Policies laid down through the management API, on each database."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from gateway.policies.kinds.registry import KINDS
from kernel.audit.models import AuditRecord
from tests.support.management import Management, document
from tests.support.policies import example

LIMIT = {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 60, "tokens": 5}]}}}
BODY = {"kind": "body-limit", "config": {"max_bytes": 10}}
AT_SYSTEM, AT_STAGE, AT_APP = (
    "/v1/systems/cmdb/policies",
    "/v1/systems/cmdb/stages/prod/policies",
    "/v1/apps/shop/policies",
)


@pytest.fixture
async def registered(management: Management) -> Management:

    async def register() -> None:
        await management.import_system(document())
        await management.app_with_secret("shop")

    await management.reached("cmdb and shop", register)
    return management


async def put(management: Management, path: str, *policies: Any, **more: Any) -> dict[str, Any]:
    answer = await management.client.put(path, json={"policies": list(policies), **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def changes(management: Management) -> list[AuditRecord]:
    statement = select(AuditRecord).where(AuditRecord.action == "policies.changed").order_by(AuditRecord.id)
    async with management.kernel.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def test_the_kinds_are_told_with_their_schemas_and_levels(management: Management) -> None:
    items = (await management.client.get("/v1/policy-kinds")).json()["items"]
    assert [item["name"] for item in items] == list(KINDS)
    limits = {item["name"] for item in items if "app" in item["levels"]}
    assert limits == {"rate-limit", "quota", "concurrency-limit"}
    assert all(item["config_schema"]["additionalProperties"] is False for item in items)
    assert (await management.anonymous().get("/v1/policy-kinds")).status_code == 401


async def test_what_is_put_stands_is_live_and_is_told_again(registered: Management) -> None:
    empty = (await registered.client.get(AT_STAGE)).json()
    assert (empty["policies"], empty["version"], empty["updated_by"]) == ([], 0, None)
    for path in (AT_SYSTEM, AT_STAGE, AT_APP):
        changed = await put(registered, path, LIMIT)
        assert (changed["policies"], changed["version"], changed["live"]) == ([LIMIT], 1, True)
        told = (await registered.client.get(path)).json()
        assert (told["policies"], told["version"], told["updated_by"]) == ([LIMIT], 1, "admin")
    snapshot = registered.holder.current
    for route in snapshot.systems["cmdb"].stages["prod"].components.values():
        assert [each.place for each in route.policies["rate-limit"]] == ["cmdb", "cmdb/prod"]
    assert [each.place for each in snapshot.apps["shop"].policies["rate-limit"]] == ["shop"]


async def test_a_list_is_replaced_as_a_whole_and_the_same_list_changes_nothing(registered: Management) -> None:
    first = await put(registered, AT_STAGE, LIMIT, BODY)
    same = await put(registered, AT_STAGE, LIMIT, BODY)
    assert (same["revision"], same["version"]) == (first["revision"], 1)
    await put(registered, AT_STAGE)
    assert (await registered.client.get(AT_STAGE)).json()["policies"] == []
    assert registered.holder.current.systems["cmdb"].stages["prod"].settings.policies == {}
    kept = await changes(registered)
    assert [(each.actor, each.resource_kind, each.resource_id) for each in kept] == [("admin", "system", "cmdb")] * 2
    assert kept[0].before is not None
    assert (kept[0].before["policies"], kept[0].after) == (
        [],
        {"level": "stage", "place": "cmdb/prod", "policies": [LIMIT, BODY]},
    )


async def test_every_kind_is_kept_as_it_was_sent(registered: Management) -> None:
    policies = [{"kind": kind, "config": example(kind)} for kind in KINDS]
    assert (await put(registered, AT_STAGE, *policies))["policies"] == policies


async def test_a_change_of_what_somebody_else_has_changed_is_refused(registered: Management) -> None:
    await put(registered, AT_STAGE, LIMIT, version=0)
    late = await registered.client.put(AT_STAGE, json={"policies": [], "version": 0})
    assert (late.status_code, "version 1" in late.json()["detail"]) == (409, True)
    await put(registered, AT_STAGE, BODY, version=1)


@pytest.mark.parametrize(
    ("path", "policies", "field"),
    [
        (AT_STAGE, [LIMIT, {"kind": "body-limit", "config": {"max_bytes": -1}}], "policies.1.config.max_bytes"),
        (AT_STAGE, [LIMIT, LIMIT], "policies.1.kind"),
        (AT_STAGE, [{"kind": "x", "config": {}}], "policies.0.kind"),
        (AT_APP, [BODY], "policies.0.kind"),
        (AT_SYSTEM, [{"kind": "mock", "config": {"body": "\x00"}}], "policies.0.config.body"),
        (AT_SYSTEM, [{"kind": "mock"}], "policies.0.config"),
        (AT_SYSTEM, [BODY | {"more": 1}], "policies.0.more"),
        (AT_SYSTEM, {"kind": "mock"}, "policies"),
    ],
)
async def test_a_wrong_policy_is_named_by_its_place_and_changes_nothing(
    registered: Management, path: str, policies: Any, field: str
) -> None:
    answer = await registered.client.put(path, json={"policies": policies})
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["errors"]
    assert re.sub(r"\[(\d+)\]", r".\1", problem["field"]) == field
    assert (await registered.client.get(path)).json()["version"] == 0
    assert await changes(registered) == []


async def test_who_may_lay_down_what(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    await management.import_system(document(), owner="ann")
    made = await bob.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
    assert made.status_code == 201
    assert (await ann.put(AT_STAGE, json={"policies": [LIMIT]})).status_code == 200
    assert (await bob.put(AT_STAGE, json={"policies": []})).status_code == 403
    assert (await bob.get(AT_STAGE)).json()["policies"] == [LIMIT]
    await put(management, AT_APP, LIMIT)
    assert (await bob.put(AT_APP, json={"policies": []})).status_code == 403
    assert (await bob.get(AT_APP)).json()["policies"] == [LIMIT]
    assert (await ann.get(AT_APP)).status_code == 403


async def test_places_that_are_not_there(registered: Management) -> None:
    for path in ("/v1/systems/none/policies", "/v1/systems/cmdb/stages/none/policies", "/v1/apps/none/policies"):
        assert (await registered.client.get(path)).status_code == 404
        assert (await registered.client.put(path, json={"policies": [LIMIT]})).status_code == 404


async def test_the_answer_says_how_limits_count_here(registered: Management) -> None:
    told = (await registered.client.get(AT_STAGE)).json()["enforcement"]
    assert told == {"processes": 1, "rate_limits": "exact", "concurrency_limits": "exact"}
