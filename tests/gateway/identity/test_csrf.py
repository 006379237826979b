import pytest

from tests.support.management import Management

ADMIN = {"username": "admin", "password": "admin-password"}
PROJECT = {"code": "ops", "name": "Operations"}


@pytest.mark.parametrize("sent", ["", "x", "é".encode(), b"\xff", None])
async def test_a_changing_call_with_a_strange_csrf_token_is_refused(
    management: Management, sent: str | bytes | None
) -> None:
    client = management.anonymous()
    await client.post("/v1/session", json=ADMIN)
    headers = {"X-CSRF-Token": sent} if sent is not None else {}
    for method, path in (
        ("POST", "/v1/projects"),
        ("PUT", "/v1/projects/ops/members/admin"),
        ("DELETE", "/v1/session"),
    ):
        refused = await client.request(method, path, json=PROJECT, headers=headers)  # type: ignore[arg-type]  # bytes are sent as they are
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_missing")
    assert (await client.get("/v1/projects")).json()["items"] == []


async def test_the_token_of_another_session_does_not_count(management: Management) -> None:
    mine, other = management.anonymous(), management.anonymous()
    await mine.post("/v1/session", json=ADMIN)
    foreign = (await other.post("/v1/session", json=ADMIN)).json()["csrf_token"]
    refused = await mine.post("/v1/projects", json=PROJECT, headers={"X-CSRF-Token": foreign})
    assert refused.status_code == 403


async def test_an_api_token_needs_no_csrf_token(management: Management) -> None:
    assert (await management.client.post("/v1/projects", json=PROJECT)).status_code == 201
