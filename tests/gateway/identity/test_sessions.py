"""Sessions: listed, ended, and ending by themselves; sign-in slowed down without locking people out."""

import httpx
import pytest

from tests.support.management import Management

RIGHT = {"username": "ann", "password": "password of ann"}
WRONG = {"username": "ann", "password": "wrong"}


def from_address(management: Management, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(management.app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://gw.test")


async def signed_in(client: httpx.AsyncClient, agent: str = "curl") -> httpx.AsyncClient:
    opened = await client.post("/v1/session", json=RIGHT, headers={"User-Agent": agent})
    assert opened.status_code == 200
    client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    return client


async def test_a_person_sees_where_he_is_signed_in_and_ends_what_is_not_his(management: Management) -> None:
    await management.person("ann")
    management.clock.advance(minutes=5)
    ann = await signed_in(from_address(management, "192.0.2.7"), "Firefox")
    here, first = (await ann.get("/v1/users/ann/sessions")).json()["items"]
    assert (here["ip"], here["agent"], here["is_current"], here["method"]) == (
        "192.0.2.7",
        "Firefox",
        True,
        "password",
    )
    assert first["is_current"] is False
    assert (await ann.delete(f"/v1/users/ann/sessions/{first['id']}")).status_code == 204
    assert (await ann.delete(f"/v1/users/ann/sessions/{first['id']}")).status_code == 404
    other = await signed_in(management.anonymous())
    assert (await ann.delete("/v1/users/ann/sessions")).json() == {"ended": 1}
    assert (await other.get("/v1/session")).status_code == 401
    assert (await ann.get("/v1/session")).status_code == 200


async def test_administrators_end_anyones_sessions(management: Management) -> None:
    ann = await management.person("ann")
    listed = (await management.client.get("/v1/users/ann/sessions")).json()["items"]
    assert [each["is_current"] for each in listed] == [False]
    assert (await management.client.delete("/v1/users/ann/sessions")).json() == {"ended": 1}
    assert (await ann.get("/v1/session")).status_code == 401


async def test_a_session_that_idles_ends_and_one_in_use_goes_on_to_its_limit(management: Management) -> None:
    used, idle = await management.person("ann"), await management.person("bob")
    for _ in range(11):
        management.clock.advance(minutes=60)
        assert (await used.get("/v1/session")).status_code == 200
        await management.unit.services.identity.last_use.write()
    assert (await idle.get("/v1/session")).status_code == 401
    management.clock.advance(minutes=61)
    assert (await used.get("/v1/session")).status_code == 401
    assert (await management.client.get("/v1/users/ann/sessions")).json()["items"] == []


async def test_a_session_id_of_somebody_else_ends_nothing(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    his = (await bob.get("/v1/users/bob/sessions")).json()["items"][0]["id"]
    assert (await ann.delete(f"/v1/users/ann/sessions/{his}")).status_code == 404
    assert (await bob.get("/v1/session")).status_code == 200


async def test_a_stranger_cannot_lock_a_person_out_of_the_browser_he_uses(management: Management) -> None:
    mine = await signed_in(from_address(management, "192.0.2.1")) if await management.person("ann") else None
    assert mine is not None
    for last in range(30):
        answer = await from_address(management, f"198.51.100.{last}").post("/v1/session", json=WRONG)
        assert answer.status_code == 401
    elsewhere = from_address(management, "203.0.113.1")
    assert (await elsewhere.post("/v1/session", json=RIGHT)).status_code == 429
    assert (await mine.post("/v1/session", json=RIGHT)).status_code == 200
    management.clock.advance(minutes=5)
    assert (await elsewhere.post("/v1/session", json=RIGHT)).status_code == 200


async def test_a_known_browser_may_not_guess_for_ever_either(management: Management) -> None:
    await management.person("ann")
    mine = await signed_in(from_address(management, "192.0.2.1"))
    answers = [(await mine.post("/v1/session", json=WRONG)).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


async def test_the_mark_of_one_person_helps_nobody_to_guess_at_another(management: Management) -> None:
    await management.person("ann")
    mine = await signed_in(management.anonymous())
    guess = {"username": "admin", "password": "wrong"}
    answers = [(await mine.post("/v1/session", json=guess)).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


async def test_one_address_that_tries_many_names_is_refused(management: Management) -> None:
    stranger = from_address(management, "198.51.100.1")
    for number in range(50):
        guess = {"username": f"user{number}", "password": "Password1"}
        assert (await stranger.post("/v1/session", json=guess)).status_code == 401
    refused = await stranger.post("/v1/session", json={"username": "user99", "password": "Password1"})
    assert refused.status_code == 429
    other = from_address(management, "198.51.100.2")
    assert (await other.post("/v1/session", json={"username": "x", "password": "y"})).status_code == 401


@pytest.mark.parametrize("agent", ["", "x" * 5000, "a\u00e9b"])
async def test_a_strange_agent_does_no_harm(management: Management, agent: str) -> None:
    await management.person("ann")
    opened = await management.anonymous().post("/v1/session", json=RIGHT, headers={"User-Agent": agent.encode()})  # type: ignore[dict-item]  # bytes are sent as they are
    assert opened.status_code == 200
