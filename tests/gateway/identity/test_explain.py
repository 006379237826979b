"""Why something is allowed or denied: the same decision as where it is made, in words."""

from typing import Any

import pytest

from tests.support.management import Management, document


async def explained(client: Any, resource: str, *actions: str, **more: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/explain", params={"resource": resource, "action": list(actions), **more})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_denial_names_what_is_missing_and_whom_to_ask(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    project = (await ann.post("/v1/projects", json={"code": "ops", "name": "Operations"})).json()["id"]
    denied, allowed = await explained(bob, "project:ops", "flow.edit", "project.create")
    assert (denied["allowed"], denied["reason"], denied["by"]) == (False, "role_missing", None)
    assert (denied["roles"], denied["on"], denied["ask"]) == (
        ["owner", "maintainer", "developer"],
        f"project:{project}",
        ["ann"],
    )
    assert (await bob.get("/v1/projects/ops")).json()["detail"].startswith("project.view needs the role")
    assert "on the project Operations, which bob does not hold" in denied["text"]
    assert (allowed["allowed"], allowed["reason"]) == (True, "everybody")


async def test_what_is_allowed_names_the_role_that_decided_and_where_it_comes_from(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    await ann.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    await ann.put("/v1/roles?resource=project:ops", json={"username": "bob", "roles": ["operator"]})
    (found,) = await explained(bob, "project:ops", "flow.launch")
    assert found["allowed"] is True
    assert (found["by"]["role"], found["by"]["origin"], found["by"]["given_by"]) == ("operator", "given", "ann")
    assert found["text"].endswith("is operator of the project Operations (given by ann)")
    (own,) = await explained(management.client, "platform", "platform.administer")
    assert (own["by"]["role"], own["by"]["resource"]) == ("admin", "platform")


async def test_administrators_ask_for_others_and_nobody_else_does(management: Management) -> None:
    ann = await management.person("ann")
    (found,) = await explained(management.client, "platform", "system.register", username="ann")
    assert (found["allowed"], found["roles"]) == (False, ["admin", "registrar"])
    query = {"resource": "platform", "action": "system.register", "username": "admin"}
    assert (await ann.get("/v1/explain", params=query)).status_code == 403


async def test_a_narrow_token_is_told_that_it_is_narrow(management: Management) -> None:
    made = await management.client.post("/v1/api-tokens", json={"name": "x", "scopes": ["read"]})
    client = management.anonymous()
    client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    (found,) = await explained(client, "platform", "system.register")
    assert (found["allowed"], found["reason"]) == (False, "token_too_narrow")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"resource": "project:nowhere", "action": "flow.edit"}, 404),
        ({"resource": "planet:mars", "action": "flow.edit"}, 422),
        ({"resource": "project:", "action": "flow.edit"}, 422),
        ({"resource": "platform", "action": "fly"}, 422),
        ({"resource": "platform"}, 422),
    ],
)
async def test_what_does_not_exist_is_not_explained(management: Management, query: dict[str, str], status: int) -> None:
    assert (await management.client.get("/v1/explain", params=query)).status_code == status


async def test_a_call_is_explained_check_by_check(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    call = {"app_code": "shop", "system": "cmdb", "component": "list_hosts"}

    async def asked(**more: Any) -> dict[str, tuple[bool, str]]:
        answer = await management.client.post("/v1/explain/call", json={**call, **more})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["admitted"] == all(each["holds"] for each in body["checks"])
        return {each["check"]: (each["holds"], each["remedy"]) for each in body["checks"]}

    missing = await asked()
    assert missing["app"] == (True, "")
    assert missing["grant"] == (False, "Apply for a grant on cmdb.list_hosts; its owner decides")
    await management.granted("shop", "cmdb", ["list_hosts"])
    assert all(holds for holds, _ in (await asked()).values())
    assert (await asked(scopes=["cmdb:write"]))["scope"][0] is False
    assert (await asked(scopes=["cmdb.list_hosts"]))["scope"][0] is True
    assert (await asked(component="nothing"))["component"][0] is False
    assert (await asked(stage="test"))["component"][0] is False
    assert (await asked(app_code="ghost"))["app"][0] is False


async def test_only_who_manages_app_or_system_asks_about_a_call(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    await management.app_with_secret("shop")
    call = {"app_code": "shop", "system": "cmdb", "component": "list_hosts"}
    assert (await ann.post("/v1/explain/call", json=call)).status_code == 403
    await ann.post("/v1/apps", json={"app_code": "mine", "name": "Mine"})
    assert (await ann.post("/v1/explain/call", json={**call, "app_code": "mine"})).status_code == 200
