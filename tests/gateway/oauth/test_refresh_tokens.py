"""Refresh tokens: each is used once and gives the next."""

import asyncio

import pytest

from tests.support.management import Management
from tests.support.oauth import Client, agree, first_client


@pytest.fixture
async def client(management: Management) -> Client:
    return await first_client(management, "list_hosts", "create_host")


async def _given(management: Management, client: Client, scope: str = "cmdb:read cmdb:write") -> str:
    ann = await management.person("ann")
    answer = await client.redeem((await agree(ann, client.request(scope=scope)))["code"])
    token: str = answer.json()["refresh_token"]
    return token


@pytest.mark.rfc("9700", "4.14", "A refresh token is used once; its second use ends all that came of it")
async def test_a_refresh_token_gives_the_next_and_its_second_use_ends_all(
    management: Management, client: Client
) -> None:
    first = await _given(management, client)
    second = (await client.refresh(first)).json()["refresh_token"]
    third = (await client.refresh(second)).json()["refresh_token"]
    assert len({first, second, third}) == 3
    stolen = await client.refresh(first)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await client.refresh(third)).json()["error"] == "invalid_grant"


async def test_whose_answer_was_lost_asks_again_and_gets_the_same_for_ten_seconds(
    management: Management, client: Client
) -> None:
    first = await _given(management, client)
    lost = (await client.refresh(first)).json()
    management.clock.advance(seconds=10)
    again = (await client.refresh(first)).json()
    assert again["refresh_token"] == lost["refresh_token"]
    assert again["access_token"] != lost["access_token"]
    management.clock.advance(seconds=1)
    assert (await client.refresh(first)).json()["error"] == "invalid_grant"
    assert (await client.refresh(lost["refresh_token"])).json()["error"] == "invalid_grant"


async def test_many_who_refresh_at_once_get_one_line_of_tokens(management: Management, client: Client) -> None:
    first = await _given(management, client)
    answers = await asyncio.gather(*(client.refresh(first) for _ in range(6)))
    assert {each.status_code for each in answers} == {200}
    (following,) = {each.json()["refresh_token"] for each in answers}
    assert (await client.refresh(following)).status_code == 200


async def test_a_refresh_token_ends_when_it_is_not_used(management: Management, client: Client) -> None:
    first = await _given(management, client)
    management.clock.advance(days=30)
    assert (await client.refresh(first)).json()["error"] == "invalid_grant"


async def test_a_new_token_carries_less_when_less_is_asked_for_or_granted(
    management: Management, client: Client
) -> None:
    first = await _given(management, client)
    narrowed = (await client.refresh(first, scope="cmdb:read")).json()
    assert narrowed["scope"] == "cmdb:read"
    more = await client.refresh(narrowed["refresh_token"], scope="cmdb:read job:read")
    assert more.json()["error"] == "invalid_scope"
    for grant in (await management.client.get("/v1/grants", params={"app_code": "shop"})).json()["items"]:
        if grant["component"] == "create_host":
            await management.client.post(f"/v1/grants/{grant['id']}:revoke", json={"comment": "enough"})
    assert (await client.refresh(narrowed["refresh_token"])).json()["scope"] == "cmdb:read"


@pytest.mark.rfc("9700", "2.2.2", "A refresh token is bound to its client")
async def test_a_refresh_token_is_worth_nothing_to_another_app(management: Management, client: Client) -> None:
    first = await _given(management, client)
    other = Client(management, await management.app_with_secret("bank"), "bank")
    await management.client.put(
        "/v1/apps/bank/oauth", json={"grant_types": ["refresh_token"], "redirect_uris": ["https://bank.example.com/"]}
    )
    assert (await other.refresh(first)).json()["error"] == "invalid_grant"
    assert (await client.refresh(first)).status_code == 200


async def test_what_is_past_is_forgotten(management: Management, client: Client) -> None:
    await _given(management, client)
    management.clock.advance(days=31)
    await management.unit.services.oauth.authorizations.forget_past()
    async with management.kernel.database.engine.connect() as connection:
        for table in ("authorization", "code", "refresh_token", "revocation"):
            rows = await connection.exec_driver_sql(f"SELECT count(*) FROM gateway_oauth_{table}")  # noqa: S608  ours
            assert rows.scalar_one() == 0


async def test_while_nothing_is_past_nothing_is_changed(management: Management, client: Client) -> None:
    """So that an idle server stays idle: a change has every part of it look for work."""
    await _given(management, client)
    before = management.kernel.database.changes
    await management.unit.services.oauth.authorizations.forget_past()
    assert management.kernel.database.changes == before
