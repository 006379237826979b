"""Every change of the gateway's configuration stands in the audit log: who, what, before and after; never a secret."""

import json
from typing import Any

from sqlalchemy import select

from kernel.audit.models import AuditRecord
from tests.support.management import Management, document

SECRET_WORDS = ('password":', 'secret":', 'token":', "sha256", "csrf", "PRIVATE KEY", "tlp_")


async def _records(management: Management, **where: str) -> list[AuditRecord]:
    statement = select(AuditRecord).order_by(AuditRecord.id)
    for name, value in where.items():
        statement = statement.where(getattr(AuditRecord, name) == value)
    async with management.kernel.database.reading() as session:
        return list((await session.execute(statement)).scalars())


def _changes(records: list[AuditRecord]) -> list[tuple[str, Any, Any]]:
    return [(each.action, each.before, each.after) for each in records]


async def test_sign_in_and_sign_out(management: Management) -> None:
    ann = await management.person("ann")
    failed = {"username": "ann", "password": "wrong"}
    assert (await management.anonymous().post("/v1/session", json=failed)).status_code == 401
    assert (await ann.delete("/v1/session")).status_code == 204
    opened, closed = await _records(management, resource_kind="session")
    assert [(each.action, each.actor) for each in (opened, closed)] == [
        ("session.opened", "ann"),
        ("session.closed", "ann"),
    ]
    assert opened.resource_id == closed.resource_id
    assert opened.ip == "127.0.0.1"
    assert len(opened.request_id) == 32


async def test_people_and_their_api_tokens(management: Management) -> None:
    ann = await management.person("ann")
    made = (await ann.post("/v1/api-tokens", json={"name": "ci"})).json()
    await ann.delete(f"/v1/api-tokens/{made['id']}")
    (user,) = await _records(management, resource_kind="user", resource_id="ann")
    assert (user.action, user.actor, user.after) == (
        "user.created",
        "admin",
        {"display_name": "ann", "is_admin": False},
    )
    assert _changes(await _records(management, resource_kind="api_token", resource_id=made["id"])) == [
        ("api_token.created", None, {"name": "ci", "scopes": None, "project": None}),
        ("api_token.deleted", {"name": "ci"}, None),
    ]


async def test_projects_and_roles(management: Management) -> None:
    await management.person("ann")
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})).json()["id"]
    for roles in (["viewer"], ["viewer"], ["operator"]):
        await management.client.put("/v1/projects/ops/members/ann", json={"roles": roles})
    records = await _records(management, project_id=project)
    ann_viewer, ann_operator = ({"username": "ann", "role": role} for role in ("viewer", "operator"))
    assert _changes(records) == [
        ("project.created", None, {"code": "ops", "name": "Operations"}),
        ("role.bound", None, {"username": "admin", "role": "owner"}),
        ("app.created", None, {"name": "Operations", "owner": None}),
        ("role.bound", None, ann_viewer),
        ("role.bound", None, ann_operator),
        ("role.unbound", ann_viewer, None),
    ]


async def test_systems_releases_and_activations(management: Management) -> None:
    await management.person("ann")
    await management.import_system(document(), aliases=["cc"])
    await management.import_system(document(), aliases=["cc"])
    await management.import_system(document(**{"/racks": {"get": {"operationId": "list_racks"}}}), owner="ann")
    await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.0.0"})
    await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.0.0"})
    records = await _records(management, resource_kind="system", resource_id="cmdb")
    assert [each.action for each in records] == [
        "role.bound",
        "system.registered",
        "draft.filled",
        "release.published",
        "stage.activated",
        "role.bound",
        "role.unbound",
        "system.changed",
        "draft.filled",
        "release.published",
        "stage.activated",
        "stage.activated",
    ]
    registered, changed = records[1], records[7]
    assert (registered.before, registered.after["aliases"]) == (None, ["cc"])
    assert (changed.before["owner"], changed.after["owner"]) == ("admin", "ann")
    assert records[4].before is None
    assert (records[4].after["release"], records[4].after["upstream_url"]) == ("1.0.0", "http://127.0.0.1:9099/cmdb")
    assert (records[10].before["release"], records[10].after["release"]) == ("1.0.0", "1.1.0")
    assert (records[11].before, records[11].after) == (
        {"stage": "prod", "release": "1.1.0"},
        {"stage": "prod", "release": "1.0.0"},
    )


async def test_apps_secrets_and_grants(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    second = (await management.client.post("/v1/apps/shop/secrets")).json()
    await management.client.delete(f"/v1/apps/shop/secrets/{second['id']}")
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts", "get_host", "create_host"]}
    first, other, third = (await management.client.post("/v1/grants", json=wish)).json()["items"]
    await management.client.post(f"/v1/grants/{first['id']}:approve", json={"comment": "fine"})
    await management.client.post(f"/v1/grants/{first['id']}:revoke", json={"comment": "enough"})
    await management.client.post(f"/v1/grants/{other['id']}:refuse", json={"comment": "why"})
    await management.client.post(f"/v1/grants/{third['id']}:approve")
    management.clock.advance(days=181)
    async with management.kernel.database.unit_of_work() as session:
        await management.unit.services.grants.expire_due(session)

    app = _changes(await _records(management, resource_kind="app", resource_id="shop"))
    assert [action for action, _, _ in app] == [
        "app.created",
        "role.bound",
        "app_secret.created",
        "app_secret.created",
        "app_secret.deleted",
    ]
    assert app[3][2] == app[4][1] == {"secret_id": second["id"]}
    applied, approved, revoked = await _records(management, resource_kind="grant", resource_id=first["id"])
    about = {"app_code": "shop", "system": "cmdb", "component": "list_hosts"}
    ends = {"expires_at": "2026-07-01T03:04:05+00:00"}
    assert (applied.action, applied.before, applied.after) == ("grant.applied", None, about | {"days": 180})
    assert (approved.action, approved.before, approved.after) == (
        "grant.approved",
        {"state": "applied"},
        about | ends | {"state": "approved", "comment": "fine", "applied_by": "admin"},
    )
    assert (revoked.action, revoked.before, revoked.after) == (
        "grant.revoked",
        {"state": "approved"},
        about | ends | {"state": "revoked", "comment": "enough", "applied_by": "admin"},
    )
    refused = (await _records(management, resource_kind="grant", resource_id=other["id"]))[-1]
    assert (refused.action, refused.before, refused.after["comment"]) == ("grant.refused", {"state": "applied"}, "why")
    expired = (await _records(management, resource_kind="grant", resource_id=third["id"]))[-1]
    assert (expired.action, expired.actor_kind, expired.before) == ("grant.expired", "system", {"state": "approved"})


async def test_a_projects_auditor_finds_the_whole_life_of_its_grants(management: Management) -> None:
    await management.import_system(document())
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})).json()["id"]
    grant = await management.granted("svc-ops", "cmdb", ["list_hosts"])
    await management.client.post(f"/v1/grants/{grant}:revoke", json={"comment": "enough"})
    found = await _records(management, project_id=project, resource_kind="grant")
    assert [each.action for each in found] == ["grant.applied", "grant.approved", "grant.revoked"]


async def test_a_refused_change_leaves_no_record(management: Management) -> None:
    ann = await management.person("ann")
    await management.import_system(document())
    await management.app_with_secret("shop")
    before = len(await _records(management))
    assert (await ann.post("/v1/apps/shop/secrets")).status_code == 403
    assert (await management.client.post("/v1/apps", json={"app_code": "shop", "name": "x"})).status_code == 409
    assert (await management.import_system({"openapi": "3.1.0"})).status_code == 422
    broken = {"document": document(), "name": "other", "upstream_url": "http://127.0.0.1:9099/x", "owner": "ghost"}
    assert (await management.client.post("/v1/systems:import", json=broken)).status_code == 422
    assert len(await _records(management)) == before


async def test_no_record_holds_a_secret(management: Management) -> None:
    client = management.anonymous()
    opened = await client.post("/v1/session", json={"username": "admin", "password": "admin-password"})
    ann = await management.person("ann")
    token = (await ann.post("/v1/api-tokens", json={"name": "ci"})).json()["token"]
    await management.import_system(document(), signing="jwt")
    await management.import_system(document(), "other")
    secrets = [
        "admin-password",
        "password of ann",
        management.admin_token,
        token,
        await management.app_with_secret("shop"),
        (await management.client.post("/v1/apps/shop/secrets")).json()["app_secret"],
        opened.json()["csrf_token"],
        client.cookies["trunkline_session"],
        (await management.unit.system_keys.verification_keys("other"))["other"].hex(),
    ]
    written = json.dumps(
        [
            [each.actor, each.resource_id, each.before, each.after, each.request_id]
            for each in await _records(management)
        ]
    )
    assert len(written) > 1000
    for secret in (*secrets, *SECRET_WORDS):
        assert secret not in written
