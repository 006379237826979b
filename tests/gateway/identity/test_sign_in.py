from tests.support.management import Management

ADMIN = {"username": "admin", "password": "admin-password"}


async def test_a_session_carries_the_person_and_needs_its_csrf_token_to_change(management: Management) -> None:
    client = management.anonymous()
    opened = await client.post("/v1/session", json=ADMIN)
    assert opened.status_code == 200
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert opened.json()["user"]["is_admin"] is True
    project = {"code": "ops", "name": "Operations"}
    refused = await client.post("/v1/projects", json=project)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_missing")
    headers = {"X-CSRF-Token": opened.json()["csrf_token"]}
    assert (await client.post("/v1/projects", json=project, headers=headers)).status_code == 201
    seen = (await client.get("/v1/session")).json()
    assert [(each["code"], each["roles"]) for each in seen["projects"]] == [("ops", ["owner"])]


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(management: Management) -> None:
    client = management.anonymous()
    wrong = await client.post("/v1/session", json=ADMIN | {"password": "no"})
    unknown = await client.post("/v1/session", json=ADMIN | {"username": "nobody"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]


async def test_the_sixth_attempt_is_refused_until_the_window_has_passed(management: Management) -> None:
    client = management.anonymous()
    for _ in range(5):
        assert (await client.post("/v1/session", json=ADMIN | {"password": "no"})).status_code == 401
    refused = await client.post("/v1/session", json=ADMIN)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == 300
    management.clock.advance(seconds=301)
    assert (await client.post("/v1/session", json=ADMIN)).status_code == 200


async def test_a_session_ends_by_signing_out_and_by_time(management: Management) -> None:
    client = await management.person("ann")
    assert (await client.get("/v1/session")).status_code == 200
    management.clock.advance(hours=13)
    assert (await client.get("/v1/session")).status_code == 401
    client = management.anonymous()
    opened = await client.post("/v1/session", json=ADMIN)
    kept = dict(client.cookies)
    left = await client.delete("/v1/session", headers={"X-CSRF-Token": opened.json()["csrf_token"]})
    assert left.status_code == 204
    client.cookies.update(kept)
    assert (await client.get("/v1/session")).status_code == 401


async def test_an_api_token_works_until_deleted_and_is_never_shown_again(management: Management) -> None:
    made = await management.client.post("/v1/api-tokens", json={"name": "ci"})
    token = made.json()["token"]
    assert token.startswith("tlp_")
    bearer = {"Authorization": f"Bearer {token}"}
    client = management.anonymous()
    assert (await client.get("/v1/users", headers=bearer)).status_code == 200
    listed = await management.client.get("/v1/api-tokens")
    assert token not in listed.text
    assert (await management.client.delete(f"/v1/api-tokens/{made.json()['id']}")).status_code == 204
    assert (await client.get("/v1/users", headers=bearer)).status_code == 401


async def test_an_expired_api_token_is_refused(management: Management) -> None:
    past = await management.client.post("/v1/api-tokens", json={"name": "x", "expires_at": "2025-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "expires_at")
    made = await management.client.post("/v1/api-tokens", json={"name": "x", "expires_at": "2026-01-03T00:00:00Z"})
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await management.anonymous().get("/v1/users", headers=bearer)).status_code == 200
    management.clock.advance(days=1)
    assert (await management.anonymous().get("/v1/users", headers=bearer)).status_code == 401


async def test_nobody_gets_in_without_a_credential_or_with_a_strange_one(management: Management) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic tlp_x"},
        {"Cookie": "trunkline_session=x"},
    ):
        answer = await management.anonymous().get("/v1/users", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_first_administrator_is_made_once(management: Management) -> None:
    async with management.kernel.database.unit_of_work() as session:
        assert await management.unit.prepare(session) is None
