"""API tokens that carry less than their owner's rights."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.authorization.authorizer import RoleAuthorizer
from gateway.identity.authorization.token_scopes import TOKEN_SCOPES, only_read, scopes_cover
from kernel.contracts.authorizer import Action, Resource, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from tests.support.management import Management


async def holder(management: Management, **order: Any) -> httpx.AsyncClient:
    made = await management.client.post("/v1/api-tokens", json={"name": "narrow", **order})
    assert made.status_code == 201, made.text
    client = management.anonymous()
    client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    return client


async def test_a_reading_token_of_an_administrator_changes_nothing(management: Management) -> None:
    reader = await holder(management, scopes=["read"])
    assert (await reader.get("/v1/projects")).status_code == 200
    for path, body in (("/v1/projects", {"code": "ops", "name": "x"}), ("/v1/users/admin:enable", None)):
        assert (await reader.post(path, json=body)).status_code == 403
    assert (await reader.get("/v1/users")).status_code == 403


async def test_a_token_for_one_area_does_nothing_elsewhere(management: Management) -> None:
    founder = await holder(management, scopes=["project"])
    assert (await founder.post("/v1/projects", json={"code": "ops", "name": "x"})).status_code == 201
    refused = await founder.get("/v1/users")
    assert refused.status_code == 403
    assert "use one with the scope platform" in refused.json()["detail"]


async def test_a_token_confined_to_a_project_counts_there_alone(management: Management) -> None:
    for code in ("ops", "web"):
        await management.client.post("/v1/projects", json={"code": code, "name": code})
    confined = await holder(management, project="ops")
    assert (await confined.get("/v1/projects/ops")).status_code == 200
    refused = await confined.get("/v1/projects/web")
    assert refused.status_code == 403
    assert "counts in another project only" in refused.json()["detail"]
    assert [each["code"] for each in (await confined.get("/v1/projects")).json()["items"]] == ["ops"]
    assert (await confined.get("/v1/users")).status_code == 403
    assert (await confined.post("/v1/projects", json={"code": "new", "name": "x"})).status_code == 403


@pytest.mark.parametrize("order", [{"scopes": ["read", "project", "platform"]}, {"project": "ops"}])
async def test_a_narrowed_token_makes_and_deletes_no_tokens(management: Management, order: dict[str, Any]) -> None:
    await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})
    narrow = await holder(management, **order)
    assert (await narrow.post("/v1/api-tokens", json={"name": "wide"})).status_code == 403
    for token in (await management.client.get("/v1/api-tokens")).json()["items"]:
        assert (await narrow.delete(f"/v1/api-tokens/{token['id']}")).status_code == 403


def test_what_is_a_persons_own_needs_no_role_but_a_token_that_carries_it() -> None:
    authorizer, project = RoleAuthorizer(), Resource(ResourceKind.PROJECT, "p1")
    task = Resource(ResourceKind.TASK, "t1", (project,))
    for scopes, confined in ((None, None), ({"task"}, None), ({"read"}, "p1"), (None, "p1")):
        token = Principal(PrincipalKind.USER, "lee", scopes=scopes and frozenset(scopes), confined_to=confined)
        authorizer.require_credential(token, Action.TASK_VIEW, task)
    for scopes, confined, told in (({"flow"}, None, "the scope task"), (None, "p2", "counts in another project only")):
        token = Principal(PrincipalKind.USER, "lee", scopes=scopes and frozenset(scopes), confined_to=confined)
        with pytest.raises(PermissionDenied, match=told):
            authorizer.require_credential(token, Action.TASK_VIEW, task)


async def test_a_token_is_listed_with_what_it_carries_and_when_it_was_used(management: Management) -> None:
    reader = await holder(management, scopes=["task:read", "flow"])
    await reader.get("/v1/projects")
    await management.unit.services.identity.last_use.write()
    newest = (await management.client.get("/v1/api-tokens")).json()["items"][-1]
    assert (newest["scopes"], newest["project_id"]) == (["flow", "task:read"], None)
    assert newest["last_used_at"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": []}, "scopes"),
        ({"project": "nowhere"}, "project"),
    ],
)
async def test_an_unknown_scope_or_project_is_refused(
    management: Management, order: dict[str, Any], field: str
) -> None:
    refused = await management.client.post("/v1/api-tokens", json={"name": "x", **order})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


@given(st.sets(st.sampled_from(TOKEN_SCOPES)), st.sampled_from(list(Action)))
def test_scopes_together_carry_what_each_carries_and_reading_ones_only_views(scopes: set[str], action: Action) -> None:
    assert scopes_cover(scopes, action) == any(scopes_cover({scope}, action) for scope in scopes)
    if only_read(scopes) and scopes_cover(scopes, action):
        assert action.value.endswith(".view")
