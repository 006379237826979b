"""Accounts: found, changed, disabled; passwords changed and set anew."""

import asyncio

import pytest

from gateway.snapshot.repository import shard_document
from tests.support.management import Management

OLD, NEW = "password of ann", "a better password"


async def sign_in(management: Management, password: str, username: str = "ann") -> int:
    client = management.anonymous()
    return (await client.post("/v1/session", json={"username": username, "password": password})).status_code


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "ANN"}, ["ann", "joanna"]),
        ({"search": "example.com"}, ["joanna"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"active": "false"}, ["ann"]),
        ({"active": "true", "search": "ann"}, ["joanna"]),
    ],
)
async def test_people_are_found_by_part_of_their_names(
    management: Management, query: dict[str, str], found: list[str]
) -> None:
    for name in ("ann", "joanna", "bob"):
        body = {"username": name, "display_name": name.title(), "email": "jo@example.com" if name == "joanna" else ""}
        assert (await management.client.post("/v1/users", json=body)).status_code == 201
    assert (await management.client.post("/v1/users/ann:disable")).status_code == 200
    listed = (await management.client.get("/v1/users", params=query)).json()["items"]
    assert [user["username"] for user in listed] == found


async def test_disabling_ends_sessions_and_tokens_for_good(management: Management) -> None:
    ann = await management.person("ann")
    token = (await ann.post("/v1/api-tokens", json={"name": "ci"})).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    link = (await management.client.post("/v1/users/ann:reset-password", json={})).json()["url"].partition("#")[2]
    disabled = await management.client.post("/v1/users/ann:disable")
    assert disabled.json()["is_active"] is False
    assert (await ann.get("/v1/projects")).status_code == 401
    assert (await management.anonymous().get("/v1/projects", headers=bearer)).status_code == 401
    assert await sign_in(management, OLD) == 401
    redeemed = await management.anonymous().post("/v1/password-links:redeem", json={"token": link, "password": NEW})
    assert redeemed.json()["code"] == "password_link_invalid"
    assert (await management.client.post("/v1/users/ann:reset-password", json={})).status_code == 409
    assert (await management.client.post("/v1/users/ann:enable")).json()["is_active"] is True
    assert (await ann.get("/v1/projects")).status_code == 401
    assert (await management.anonymous().get("/v1/projects", headers=bearer)).status_code == 401
    assert await sign_in(management, OLD) == 200
    actions = [record.action for record in await management.audit("user", "ann")]
    assert actions == ["user.created", "user.password_link_issued", "user.disabled", "user.enabled"]


async def test_disabling_a_person_voids_the_tokens_that_apps_hold_for_him(management: Management) -> None:
    await management.person("ann")
    assert (await management.client.post("/v1/users/ann:disable")).status_code == 200
    async with management.kernel.database.reading() as session:
        told = await shard_document(session, "revocations")
    assert told is not None
    assert [each["username"] for each in told["users"]] == ["ann"]


async def test_the_last_administrator_stays(management: Management) -> None:
    refused = await management.client.post("/v1/users/admin:disable")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    body = {"username": "admin", "roles": []}
    assert (await management.client.put("/v1/roles?resource=platform", json=body)).status_code == 409
    await management.person("ann")
    made = await management.client.put("/v1/roles?resource=platform", json={"username": "ann", "roles": ["admin"]})
    assert made.json()["roles"] == [{"role": "admin", "origin": "given", "given_by": "admin", "provider": None}]
    assert (await management.client.post("/v1/users/ann:disable")).status_code == 200
    assert (await management.client.put("/v1/roles?resource=platform", json=body)).status_code == 409
    assert (await management.client.post("/v1/users/ann:enable")).status_code == 200
    assert (await management.client.put("/v1/roles?resource=platform", json=body)).status_code == 200
    assert (await management.client.get("/v1/users")).status_code == 403


async def test_two_administrators_who_remove_each_other_at_once_leave_one(management: Management) -> None:
    ann = await management.person("ann")
    await management.client.put("/v1/roles?resource=platform", json={"username": "ann", "roles": ["admin"]})
    answers = await asyncio.gather(
        ann.put("/v1/roles?resource=platform", json={"username": "admin", "roles": []}),
        management.client.post("/v1/users/ann:disable"),
    )
    assert min(answer.status_code for answer in answers) == 200
    assert max(answer.status_code for answer in answers) in (401, 403, 409)


async def test_a_person_changes_his_password_and_stays_signed_in_here_alone(management: Management) -> None:
    ann = await management.person("ann")
    elsewhere = management.anonymous()
    await elsewhere.post("/v1/session", json={"username": "ann", "password": OLD})
    changed = await ann.put("/v1/account/password", json={"old_password": OLD, "new_password": NEW})
    assert changed.status_code == 204
    assert (await ann.get("/v1/session")).status_code == 200
    assert (await elsewhere.get("/v1/session")).status_code == 401
    assert (await sign_in(management, OLD), await sign_in(management, NEW)) == (401, 200)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"old_password": "wrong", "new_password": NEW}, "old_password"),
        ({"old_password": OLD, "new_password": OLD}, "new_password"),
        ({"old_password": OLD, "new_password": "short"}, "new_password"),
    ],
)
async def test_a_password_is_not_changed_by_a_wrong_form(
    management: Management, body: dict[str, str], field: str
) -> None:
    ann = await management.person("ann")
    refused = await ann.put("/v1/account/password", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert await sign_in(management, OLD) == 200


async def test_guessing_the_old_password_of_a_found_session_is_slowed_down(management: Management) -> None:
    ann = await management.person("ann")
    guess = {"old_password": "wrong", "new_password": NEW}
    answers = [(await ann.put("/v1/account/password", json=guess)).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


async def test_an_api_token_alone_changes_no_password(management: Management) -> None:
    ann = await management.person("ann")
    token = (await ann.post("/v1/api-tokens", json={"name": "ci"})).json()["token"]
    refused = await management.anonymous().put(
        "/v1/account/password",
        json={"old_password": OLD, "new_password": NEW},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert refused.status_code == 403


async def test_a_link_sets_a_password_once_and_for_a_day(management: Management) -> None:
    await management.client.post("/v1/users", json={"username": "ann"})
    assert await sign_in(management, "nobody has this password") == 401
    first = (await management.client.post("/v1/users/ann:reset-password", json={"by": "link"})).json()
    second = (await management.client.post("/v1/users/ann:reset-password", json={"by": "link"})).json()
    old, token = (each["url"].partition("/set-password#")[2] for each in (first, second))
    door = management.anonymous()

    async def redeem(value: str) -> int:
        answer = await door.post("/v1/password-links:redeem", json={"token": value, "password": NEW})
        return answer.status_code

    assert await redeem(old) == 401
    assert sorted(await asyncio.gather(*(redeem(token) for _ in range(4)))) == [204, 401, 401, 401]
    assert await sign_in(management, NEW) == 200
    late = (await management.client.post("/v1/users/ann:reset-password", json={"by": "link"})).json()["url"]
    management.clock.advance(hours=24)
    assert await redeem(late.partition("#")[2]) == 401


async def test_a_temporary_password_is_good_for_changing_it(management: Management) -> None:
    before = await management.person("ann")
    reset = await management.client.post("/v1/users/ann:reset-password", json={"by": "temporary"})
    temporary = reset.json()["password"]
    assert (await before.get("/v1/session")).status_code == 401
    ann = management.anonymous()
    opened = await ann.post("/v1/session", json={"username": "ann", "password": temporary})
    assert opened.json()["user"]["must_change_password"] is True
    ann.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    refused = await ann.get("/v1/projects")
    assert (refused.status_code, refused.json()["code"]) == (403, "password_change_required")
    assert (await ann.post("/v1/api-tokens", json={"name": "x"})).status_code == 403
    body = {"old_password": temporary, "new_password": NEW}
    assert (await ann.put("/v1/account/password", json=body)).status_code == 204
    assert (await ann.get("/v1/projects")).status_code == 200


async def test_everybody_changes_his_own_name_and_language_and_nobody_elses(management: Management) -> None:
    ann = await management.person("ann")
    changed = await ann.patch("/v1/account", json={"display_name": "Ann B.", "language": "zh"})
    assert (changed.json()["display_name"], changed.json()["language"]) == ("Ann B.", "zh")
    assert (await ann.patch("/v1/account", json={"display_name": None})).json()["language"] == "zh"
    left = await ann.patch("/v1/account", json={"display_name": None, "language": None})
    assert (left.json()["display_name"], left.json()["language"]) == ("Ann B.", None)
    assert (await ann.patch("/v1/users/admin", json={"display_name": "x"})).status_code == 403
    assert (await ann.get("/v1/account")).json()["platform_roles"] == []
    assert (await management.client.patch("/v1/users/ann", json={"email": "a@b.c"})).json()["email"] == "a@b.c"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/users/admin:disable", None),
        ("POST", "/v1/users/admin:enable", None),
        ("POST", "/v1/users/admin:reset-password", {"by": "temporary"}),
        ("POST", "/v1/users/admin:reset-password", {"by": "link"}),
        ("GET", "/v1/users/admin", None),
        ("PUT", "/v1/roles?resource=platform", {"username": "ann", "roles": ["admin"]}),
        ("GET", "/v1/roles?resource=platform", None),
        ("GET", "/v1/users/admin/sessions", None),
        ("DELETE", "/v1/users/admin/sessions", None),
    ],
)
async def test_only_administrators_look_after_other_peoples_accounts(
    management: Management, method: str, path: str, body: dict[str, object] | None
) -> None:
    ann = await management.person("ann")
    assert (await ann.request(method, path, json=body)).status_code == 403
