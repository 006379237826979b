import asyncio

import pytest
from sqlalchemy import select

from gateway.identity.users.models import User
from tests.support.management import Management

NEW = {"username": "ann", "password": "long enough 1", "display_name": "Ann", "language": "zh"}


async def test_an_account_has_no_language_until_one_is_chosen(management: Management) -> None:
    new = {name: value for name, value in NEW.items() if name != "language"}
    assert (await management.client.post("/v1/users", json=new)).json()["language"] is None
    opened = await management.anonymous().post("/v1/session", json={"username": "ann", "password": NEW["password"]})
    assert opened.json()["user"]["language"] is None


async def test_administrators_make_people_who_then_sign_in(management: Management) -> None:
    made = await management.client.post("/v1/users", json=NEW)
    assert made.status_code == 201
    assert (made.json()["username"], made.json()["is_admin"], made.json()["language"]) == ("ann", False, "zh")
    assert NEW["password"] not in made.text
    assert "hash" not in made.text
    opened = await management.anonymous().post("/v1/session", json={"username": "ann", "password": NEW["password"]})
    assert opened.json()["user"] == {
        "username": "ann",
        "display_name": "Ann",
        "is_admin": False,
        "platform_roles": [],
        "must_change_password": False,
        "language": "zh",
    }
    async with management.kernel.database.reading() as session:
        kept = (await session.execute(select(User.password_hash).where(User.username == "ann"))).scalar_one()
    assert kept.startswith("$argon2id$")


async def test_only_administrators_see_and_make_people(management: Management) -> None:
    ann = await management.person("ann")
    assert (await ann.get("/v1/users")).status_code == 403
    refused = await ann.post("/v1/users", json=NEW | {"username": "eve", "is_admin": True})
    assert refused.status_code == 403
    listed = (await management.client.get("/v1/users")).json()["items"]
    assert [user["username"] for user in listed] == ["admin", "ann"]


async def test_a_name_is_given_once_even_to_many_at_the_same_moment(management: Management) -> None:
    answers = await asyncio.gather(*(management.client.post("/v1/users", json=NEW) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_project_code_is_given_once_even_to_many_at_the_same_moment(management: Management) -> None:
    body = {"code": "ops", "name": "Operations"}
    answers = await asyncio.gather(*(management.client.post("/v1/projects", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len((await management.client.get("/v1/projects/ops/members")).json()["items"]) == 1


async def test_two_owners_who_remove_each_other_at_once_leave_one(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    await ann.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    await ann.put("/v1/projects/ops/members/bob", json={"roles": ["owner"]})
    answers = await asyncio.gather(
        ann.put("/v1/projects/ops/members/bob", json={"roles": []}),
        bob.put("/v1/projects/ops/members/ann", json={"roles": []}),
    )
    assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])
    members = (await management.client.get("/v1/projects/ops/members")).json()["items"]
    assert len(members) == 1


async def test_the_same_role_given_twice_at_once_is_one_role(management: Management) -> None:
    await management.person("ann")
    await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    answers = await asyncio.gather(
        *(management.client.put("/v1/projects/ops/members/ann", json={"roles": ["viewer"]}) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [200] * 4
    members = (await management.client.get("/v1/projects/ops/members")).json()["items"]
    assert {"username": "ann", "roles": ["viewer"]} in members


async def test_guesses_sent_at_once_count_as_many(management: Management) -> None:
    client = management.anonymous()
    guess = {"username": "admin", "password": "wrong"}
    answers = await asyncio.gather(*(client.post("/v1/session", json=guess) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_a_good_password_clears_the_count(management: Management) -> None:
    client = management.anonymous()
    good, wrong = ({"username": "admin", "password": word} for word in ("admin-password", "wrong"))
    for _ in range(2):
        for _ in range(4):
            assert (await client.post("/v1/session", json=wrong)).status_code == 401
        assert (await client.post("/v1/session", json=good)).status_code == 200


async def test_a_person_who_left_is_out_at_once(management: Management) -> None:
    ann = await management.person("ann")
    token = (await ann.post("/v1/api-tokens", json={"name": "ci"})).json()["token"]
    async with management.kernel.database.unit_of_work() as session:
        user = (await session.execute(select(User).where(User.username == "ann"))).scalar_one()
        user.is_active = False
    assert (await ann.get("/v1/session")).status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await management.anonymous().get("/v1/projects", headers=bearer)).status_code == 401
    again = await management.anonymous().post("/v1/session", json={"username": "ann", "password": "password of ann"})
    assert (again.status_code, again.json()["code"]) == (401, "wrong_credentials")


async def test_api_tokens_are_each_persons_own(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    made = (await ann.post("/v1/api-tokens", json={"name": "ci"})).json()
    assert (await bob.get("/v1/api-tokens")).json()["items"] == []
    for stranger in (bob, management.client):
        assert (await stranger.delete(f"/v1/api-tokens/{made['id']}")).status_code == 404
    assert [each["id"] for each in (await ann.get("/v1/api-tokens")).json()["items"]] == [made["id"]]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", "2027-01-01T00:00:00"])
async def test_a_time_nobody_can_keep_is_refused_by_its_field(management: Management, moment: str) -> None:
    answer = await management.client.post("/v1/api-tokens", json={"name": "x", "expires_at": moment})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == ["expires_at"]
