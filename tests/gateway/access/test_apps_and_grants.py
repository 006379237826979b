from typing import Any

import pytest
from sqlalchemy import select

from gateway.access.apps.models import AppSecret
from kernel.audit.models import AuditRecord
from kernel.principal import Principal, PrincipalKind
from tests.support.management import Management, document

ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)


def _may(management: Management, app_code: str, component: str) -> bool:
    shard = management.holder.current.apps[app_code]
    return shard.may_call("cmdb", f"cmdb.{component}", management.clock.now().timestamp())


async def _actions(management: Management, resource_kind: str) -> list[tuple[str, str]]:
    async with management.kernel.database.reading() as session:
        rows = await session.execute(
            select(AuditRecord).where(AuditRecord.resource_kind == resource_kind).order_by(AuditRecord.id)
        )
        return [(each.action, each.actor) for each in rows.scalars()]


async def test_secrets_are_shown_once_stored_hashed_and_overlap(management: Management) -> None:
    first = await management.app_with_secret("shop")
    second = (await management.client.post("/v1/apps/shop/secrets")).json()
    assert second["live"] is True
    shard = management.holder.current.apps["shop"]
    now = management.clock.now().timestamp()
    assert shard.verifies(first, now)
    assert shard.verifies(second["app_secret"], now)
    listed = await management.client.get("/v1/apps/shop/secrets")
    assert first not in listed.text
    async with management.kernel.database.reading() as session:
        kept = (await session.execute(select(AppSecret))).scalars().all()
    assert first not in {secret.sha256 for secret in kept}
    old = next(each["id"] for each in listed.json()["items"] if each["id"] != second["id"])
    removed = await management.client.delete(f"/v1/apps/shop/secrets/{old}")
    assert removed.json()["live"] is True
    shard = management.holder.current.apps["shop"]
    assert not shard.verifies(first, now)
    assert shard.verifies(second["app_secret"], now)


async def test_only_secrets_of_an_app_that_signs_are_kept_sealed(management: Management) -> None:
    plain = await management.app_with_secret("shop")
    now = management.clock.now().timestamp()
    assert management.holder.current.apps["shop"].signing_keys(now) == []
    changed = await management.client.patch("/v1/apps/shop", json={"may_sign": True})
    assert (changed.status_code, changed.json()["may_sign"], changed.json()["live"]) == (200, True, True)
    signing = (await management.client.post("/v1/apps/shop/secrets")).json()["app_secret"]
    assert management.holder.current.apps["shop"].signing_keys(now) == [signing]
    assert [each["signs"] for each in (await management.client.get("/v1/apps/shop/secrets")).json()["items"]] == [
        False,
        True,
    ]
    async with management.kernel.database.reading() as session:
        kept = [secret.sealed for secret in (await session.execute(select(AppSecret))).scalars()]
    assert not any(value in str(kept) for value in (plain, signing))
    await management.client.patch("/v1/apps/shop", json={"may_sign": False})
    shard = management.holder.current.apps["shop"]
    assert (shard.signing_keys(now), shard.verifies(signing, now)) == ([], True)


async def test_a_new_app_may_sign_from_its_first_secret(management: Management) -> None:
    made = await management.client.post("/v1/apps", json={"app_code": "shop", "name": "Shop", "may_sign": True})
    now = management.clock.now().timestamp()
    assert management.holder.current.apps["shop"].signing_keys(now) == [made.json()["app_secret"]]


async def test_only_administrators_let_an_app_name_its_user(management: Management) -> None:
    ann = await management.person("ann")
    await ann.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
    refused = await ann.patch("/v1/apps/shop", json={"may_name_user": True, "name": "Other"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert (await ann.get("/v1/apps/shop")).json()["name"] == "Shop"
    assert not management.holder.current.apps["shop"].may_name_user
    assert (await management.client.patch("/v1/apps/shop", json={"may_name_user": True})).status_code == 200
    assert management.holder.current.apps["shop"].may_name_user
    assert (await ann.patch("/v1/apps/shop", json={"name": "Other"})).json()["may_name_user"] is True
    assert [action for action, _ in await _actions(management, "app")].count("app.changed") == 2


async def test_a_projects_service_app_gets_no_secret(management: Management) -> None:
    await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    assert (await management.client.post("/v1/apps/svc-ops/secrets")).status_code == 409
    assert (await management.client.post("/v1/apps", json={"app_code": "svc-mine", "name": "x"})).status_code == 422


async def test_a_grant_is_applied_for_approved_live_and_revoked(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    await ann.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts"], "reason": "inventory"}
    (grant,) = (await ann.post("/v1/grants", json=wish)).json()["items"]
    assert (grant["state"], grant["applied_by"], grant["expires_at"]) == ("applied", "ann", None)
    assert not _may(management, "shop", "list_hosts")
    assert (await ann.post(f"/v1/grants/{grant['id']}:approve")).status_code == 403
    approved = (await management.client.post(f"/v1/grants/{grant['id']}:approve", json={"comment": "fine"})).json()
    assert (approved["state"], approved["decided_by"], approved["live"]) == ("approved", "admin", True)
    assert approved["expires_at"].startswith("2026-07-01")
    assert _may(management, "shop", "list_hosts")
    assert not _may(management, "shop", "create_host")
    again = await management.client.post(f"/v1/grants/{grant['id']}:approve")
    assert (again.status_code, again.json()["code"]) == (409, "grant_state")
    revoked = (await management.client.post(f"/v1/grants/{grant['id']}:revoke", json={"comment": "enough"})).json()
    assert (revoked["state"], revoked["live"]) == ("revoked", True)
    assert not _may(management, "shop", "list_hosts")
    assert await _actions(management, "grant") == [
        ("grant.applied", "ann"),
        ("grant.approved", "admin"),
        ("grant.revoked", "admin"),
    ]


async def test_a_whole_system_may_be_granted_without_end(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    await management.granted("shop", "cmdb", None, None)
    management.clock.advance(days=10_000)
    assert _may(management, "shop", "create_host")


async def test_an_expired_grant_stops_and_is_written_down(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    grant_id = await management.granted("shop", "cmdb", ["list_hosts"])
    management.clock.advance(days=179)
    assert _may(management, "shop", "list_hosts")
    management.clock.advance(days=1)
    assert not _may(management, "shop", "list_hosts")
    assert (await management.client.get(f"/v1/grants/{grant_id}")).json()["state"] == "expired"
    expired = await management.client.get("/v1/grants", params={"state": "expired"})
    assert [each["id"] for each in expired.json()["items"]] == [grant_id]
    async with management.kernel.database.unit_of_work() as session:
        assert await management.unit.services.grants.expire_due(session) == 1
    async with management.kernel.database.unit_of_work() as session:
        assert await management.unit.services.grants.expire_due(session) == 0
    assert (await _actions(management, "grant"))[-1] == ("grant.expired", "grant expiry")


async def test_applying_twice_files_once_and_refused_may_apply_again(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts", "list_hosts"]}
    (first,) = (await management.client.post("/v1/grants", json=wish)).json()["items"]
    (second,) = (await management.client.post("/v1/grants", json=wish)).json()["items"]
    assert first["id"] == second["id"]
    await management.client.post(f"/v1/grants/{first['id']}:refuse", json={"comment": "why?"})
    (third,) = (await management.client.post("/v1/grants", json=wish)).json()["items"]
    assert third["id"] != first["id"]


@pytest.mark.parametrize("step", ["refuse", "revoke"])
async def test_who_takes_something_away_says_why(management: Management, step: str) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts"]}
    (grant,) = (await management.client.post("/v1/grants", json=wish)).json()["items"]
    if step == "revoke":
        await management.client.post(f"/v1/grants/{grant['id']}:approve")
    for unsaid in (None, {}, {"comment": " "}):
        refused = await management.client.post(f"/v1/grants/{grant['id']}:{step}", json=unsaid)
        assert refused.status_code == 422, refused.text
    state = (await management.client.get(f"/v1/grants/{grant['id']}")).json()["state"]
    assert state == ("applied" if step == "refuse" else "approved")
    said = await management.client.post(f"/v1/grants/{grant['id']}:{step}", json={"comment": "too much"})
    assert (said.status_code, said.json()["comment"]) == (200, "too much")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"system": "nowhere"}, 422, "system"),
        ({"components": ["nothing"]}, 422, "components"),
        ({"components": []}, 422, "components"),
        ({"days": 7}, 422, "days"),
        ({"app_code": "ghost"}, 404, None),
        ({"app_code": "Shop!"}, 422, "app_code"),
    ],
)
async def test_a_wrong_application_names_the_field_and_files_nothing(
    management: Management, change: dict[str, Any], status: int, field: str | None
) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts"]}
    answer = await management.client.post("/v1/grants", json=wish | change)
    assert answer.status_code == status
    if field is not None:
        assert {problem["field"] for problem in answer.json()["errors"]} == {field}
    assert (await management.client.get("/v1/grants")).json()["items"] == []


async def test_strangers_see_neither_apps_nor_grants_and_cannot_apply_for_them(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    grant_id = await management.granted("shop", "cmdb", ["list_hosts"])
    bob = await management.person("bob")
    for path in ("/v1/apps/shop", "/v1/apps/shop/secrets", f"/v1/grants/{grant_id}"):
        assert (await bob.get(path)).status_code == 403
    assert (await bob.post("/v1/apps/shop/secrets")).status_code == 403
    assert (await bob.get("/v1/grants")).json()["items"] == []
    assert (await bob.get("/v1/apps")).json()["items"] == []
    wish = {"app_code": "shop", "system": "cmdb", "components": ["create_host"]}
    assert (await bob.post("/v1/grants", json=wish)).status_code == 403


async def test_the_desk_files_for_the_service_app_what_it_lacks(management: Management) -> None:
    await management.import_system(document(), aliases=["cc"])
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})).json()
    desk = management.unit.grant_desk
    async with management.kernel.database.unit_of_work() as session:
        names = ["cmdb.list_hosts", "cmdb.create_host"]
        first = await desk.apply_for_components(session, ADMIN, project["id"], names, "plugin")
    assert {(g.app_code, g.component, g.state) for g in first} == {
        ("svc-ops", "list_hosts", "applied"),
        ("svc-ops", "create_host", "applied"),
    }
    await management.client.post(f"/v1/grants/{first[0].id}:approve")
    async with management.kernel.database.unit_of_work() as session:
        second = await desk.apply_for_components(session, ADMIN, project["id"], names, "plugin again")
    assert {g.id for g in second} == {g.id for g in first}
    assert {g.state for g in second} == {"applied", "approved"}
