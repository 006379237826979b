"""Roles on one resource: who holds which, given by whom; nobody gives more than he has."""

import pytest

from tests.support.management import Management, document


async def test_roles_on_a_system_are_given_by_who_may_and_no_further(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    await management.person("bob")
    system = "/v1/roles?resource=system:cmdb"
    assert (await ann.put(system, json={"username": "ann", "roles": ["owner"]})).status_code == 403
    made = await management.client.put(system, json={"username": "ann", "roles": ["maintainer"]})
    assert [role["role"] for role in made.json()["roles"]] == ["maintainer"]
    assert (await ann.put(system, json={"username": "bob", "roles": ["maintainer"]})).status_code == 200
    refused = await ann.put(system, json={"username": "bob", "roles": ["owner"]})
    assert refused.status_code == 403
    assert "grant.decide" in refused.json()["detail"]
    assert (await ann.put(system, json={"username": "admin", "roles": []})).status_code == 403
    listed = (await ann.get(system)).json()
    assert listed["offered"] == ["owner", "maintainer"]
    assert {each["username"]: [role["role"] for role in each["roles"]] for each in listed["items"]} == {
        "admin": ["owner"],
        "ann": ["maintainer"],
        "bob": ["maintainer"],
    }


async def test_a_system_and_an_app_keep_an_owner(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    for resource in ("system:cmdb", "app:shop"):
        refused = await management.client.put(f"/v1/roles?resource={resource}", json={"username": "admin", "roles": []})
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("resource", "body", "status"),
    [
        ("project:ops", {"username": "ghost", "roles": ["viewer"]}, 404),
        ("project:ops", {"username": "ann", "roles": ["emperor"]}, 422),
        ("project:nowhere", {"username": "ann", "roles": ["viewer"]}, 404),
        ("flow:1", {"username": "ann", "roles": ["viewer"]}, 422),
        ("nothing", {"username": "ann", "roles": []}, 422),
        ("project:ops", {"username": "ann", "roles": ["viewer", "Viewer"]}, 422),
    ],
)
async def test_a_wrong_request_changes_nothing(
    management: Management, resource: str, body: dict[str, object], status: int
) -> None:
    await management.person("ann")
    await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    assert (await management.client.put(f"/v1/roles?resource={resource}", json=body)).status_code == status
    items = (await management.client.get("/v1/roles?resource=project:ops")).json()["items"]
    assert [each["username"] for each in items] == ["admin"]


async def test_the_audit_log_tells_who_gave_what(management: Management) -> None:
    await management.person("ann")
    for roles in (["registrar"], []):
        await management.client.put("/v1/roles?resource=platform", json={"username": "ann", "roles": roles})
    given, taken = [
        each for each in await management.audit("platform", "platform") if "ann" in str(each.after or each.before)
    ]
    assert (given.action, given.actor, given.after) == ("role.bound", "admin", {"username": "ann", "role": "registrar"})
    assert (taken.action, taken.before) == ("role.unbound", {"username": "ann", "role": "registrar"})
