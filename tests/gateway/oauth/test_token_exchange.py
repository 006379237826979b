"""Acting on behalf: a token for another with less in it, for apps that may, and never longer than what it came of."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.oauth.clients.settings import TOKEN_EXCHANGE
from gateway.oauth.grants.token_exchange import ACCESS_TOKEN, JWT, MOST_ACTORS
from kernel.principal import system_principal
from kernel.signing.access_token import AccessClaims, verify_access_token
from kernel.signing.jws import unverified
from tests.support.management import Management, document
from tests.support.oauth import Client, agree, first_client

ISSUER = "http://127.0.0.1:8080"


@pytest.fixture
async def shop(management: Management) -> Client:
    """An app with a grant, that people allow to act for them."""
    return await first_client(
        management,
        "list_hosts",
        "create_host",
        grant_types=["authorization_code", "refresh_token", "client_credentials"],
    )


async def exchanger(management: Management, code: str = "bank", *components: str, allowed_for: str = "shop") -> Client:
    secret = await management.app_with_secret(code)
    await management.granted(code, "cmdb", list(components) or ["list_hosts"])
    body = {"grant_types": ["client_credentials", TOKEN_EXCHANGE]}
    assert (await management.client.put(f"/v1/apps/{code}/oauth", json=body)).status_code == 200
    if allowed_for:
        allowed = await management.client.put(f"/v1/apps/{allowed_for}/oauth/exchangers/{code}")
        assert allowed.status_code == 200, allowed.text
    return Client(management, secret, code)


async def persons_token(management: Management, shop: Client, scope: str = "cmdb:read cmdb:write") -> dict[str, Any]:
    ann = await management.person("ann")
    told = await agree(ann, shop.request(scope=scope))
    answer = await shop.redeem(told["code"])
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def own_token(client: Client, **form: str) -> str:
    answer = await client.token(grant_type="client_credentials", **form)
    assert answer.status_code == 200, answer.text
    value: str = answer.json()["access_token"]
    return value


async def exchange(client: Client, subject: str, **form: str) -> httpx.Response:
    usual = {"grant_type": TOKEN_EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
    return await client.token(**usual | form)


def claims_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return unverified(answer.json()["access_token"])[1]


def seen(management: Management, answer: httpx.Response) -> AccessClaims:
    """As the data plane reads it."""
    shard = management.holder.current.keys
    now = management.clock.now().timestamp()
    value = answer.json()["access_token"]
    return verify_access_token(value, shard.keys, issuer=shard.issuer, audience=shard.audience, now=now)


def is_revoked(management: Management, answer: httpx.Response) -> bool:
    """As the data plane decides it."""
    read, told = seen(management, answer), management.holder.current.revocations
    sid = read.authorization_id or ""
    return told.covers(read.token_id, read.client_id, read.issued_at, sid, read.user, read.origins)


def refused(answer: httpx.Response, error: str) -> str:
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    said: str = answer.json()["error_description"]
    return said


@pytest.mark.rfc("8693", "4.1", "the new token names its subject and who acts for it")
async def test_an_app_acts_for_a_person_with_what_both_may(management: Management, shop: Client) -> None:
    bank = await exchanger(management)
    subject = (await persons_token(management, shop))["access_token"]
    answer = await exchange(bank, subject)
    body = answer.json()
    assert (body["issued_token_type"], body["token_type"], body["scope"]) == (ACCESS_TOKEN, "Bearer", "cmdb:read")
    assert "refresh_token" not in body
    claims, before = claims_of(answer), unverified(subject)[1]
    assert (claims["sub"], claims["client_id"], claims["act"]) == ("ann", "bank", {"sub": "bank"})
    assert (claims["sid"], claims["exp"] - claims["iat"]) == (before["sid"], 600)
    read = seen(management, answer)
    assert (read.user, read.client_id) == ("ann", "bank")


async def test_an_app_acts_for_another_app_and_for_no_person(management: Management, shop: Client) -> None:
    bank = await exchanger(management)
    answer = await exchange(bank, await own_token(shop), subject_token_type=JWT, requested_token_type=JWT)
    claims = claims_of(answer)
    assert (claims["sub"], claims["client_id"], claims["act"]) == ("shop", "bank", {"sub": "bank"})
    assert seen(management, answer).user is None


async def test_an_app_narrows_its_own_token_without_anybodys_permission(management: Management, shop: Client) -> None:
    bank = await exchanger(management, "bank", "list_hosts", "create_host", allowed_for="")
    answer = await exchange(bank, await own_token(bank), scope="cmdb:read")
    assert claims_of(answer)["scope"] == "cmdb:read"
    assert (seen(management, answer).user, seen(management, answer).client_id) == (None, "bank")


@pytest.mark.rfc("8693", "2.1", "the scope can be narrowed, and is never widened")
async def test_the_scope_is_never_more_than_the_subjects_and_both_apps_grants(
    management: Management, shop: Client
) -> None:
    narrow = await exchanger(management, "narrow", "list_hosts")
    wide = await exchanger(management, "wide", "list_hosts", "create_host", "get_host")
    everything = (await persons_token(management, shop))["access_token"]
    assert claims_of(await exchange(wide, everything))["scope"] == "cmdb:read cmdb:write"
    assert claims_of(await exchange(wide, everything, scope="cmdb:write"))["scope"] == "cmdb:write"
    assert "both apps" in refused(await exchange(narrow, everything, scope="cmdb:write"), "invalid_scope")
    assert "subject_token" in refused(await exchange(wide, everything, scope="cmdb.get_host"), "invalid_scope")
    little = await own_token(shop, scope="cmdb:read")
    assert "subject_token" in refused(await exchange(wide, little, scope="cmdb:write"), "invalid_scope")
    for grant in (await management.client.get("/v1/grants", params={"app_code": "shop"})).json()["items"]:
        if grant["component"] == "create_host":
            await management.client.post(f"/v1/grants/{grant['id']}:revoke", json={"comment": "enough"})
    assert claims_of(await exchange(wide, everything))["scope"] == "cmdb:read"


async def test_only_who_was_allowed_exchanges_and_only_as_long(management: Management, shop: Client) -> None:
    bank = await exchanger(management, allowed_for="")
    subject = await own_token(shop)
    assert "have its owner allow it" in refused(await exchange(bank, subject), "invalid_request")
    path = "/v1/apps/shop/oauth/exchangers/bank"
    somebody = await management.person("somebody")
    assert (await somebody.put(path)).status_code == 403
    assert (await management.client.put("/v1/apps/shop/oauth/exchangers/ghost")).status_code == 404
    assert (await management.client.put("/v1/apps/shop/oauth/exchangers/shop")).status_code == 422
    for _ in range(2):
        assert (await management.client.put(path)).status_code == 200
    assert (await exchange(bank, subject)).status_code == 200
    listed = (await management.client.get("/v1/apps/shop/oauth/exchangers")).json()["items"]
    assert [(each["app_code"], each["exchanger"]) for each in listed] == [("shop", "bank")]
    assert (await management.client.delete(path)).status_code == 204
    assert (await management.client.delete(path)).status_code == 404
    refused(await exchange(bank, subject), "invalid_request")
    actions = [record.action for record in await management.audit("app", "shop")]
    assert [action for action in actions if action.startswith("token_exchange")] == [
        "token_exchange.allowed",
        "token_exchange.withdrawn",
    ]


async def test_it_takes_the_grant_type_and_a_client_that_can_prove_itself(management: Management, shop: Client) -> None:
    subject = await own_token(shop)
    assert "may not use" in refused(await exchange(shop, subject), "unauthorized_client")
    body = {"token_endpoint_auth_method": "none", "grant_types": [TOKEN_EXCHANGE]}
    assert (await management.client.put("/v1/apps/shop/oauth", json=body)).status_code == 422


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"subject_token": "a.b.c"}, "subject_token"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "subject_token_type"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "requested_token_type"),
        ({"actor_token": "a.b.c", "actor_token_type": ACCESS_TOKEN}, "actor_token"),
        ({"actor_token": "a.b.c"}, "actor_token_type"),
        ({"actor_token_type": ACCESS_TOKEN}, "actor_token_type"),
    ],
    ids=["token", "kind", "wanted", "actor", "actor without kind", "kind without actor"],
)
@pytest.mark.rfc("8693", "2.2.2", "tokens that don't hold are refused as invalid_request")
async def test_what_is_no_token_of_ours_is_refused(
    management: Management, shop: Client, form: dict[str, str], said: str
) -> None:
    bank = await exchanger(management)
    assert said in refused(await exchange(bank, await own_token(shop), **form), "invalid_request")


async def test_an_expired_token_is_not_exchanged_and_none_outlives_its_subject(
    management: Management, shop: Client
) -> None:
    bank = await exchanger(management)
    subject = await own_token(shop)
    management.clock.advance(seconds=3500)
    claims = claims_of(await exchange(bank, subject))
    assert claims["exp"] == unverified(subject)[1]["exp"]
    management.clock.advance(seconds=100)
    assert "expired" in refused(await exchange(bank, subject), "invalid_request")


async def test_what_a_person_takes_back_ends_what_was_exchanged_too(management: Management, shop: Client) -> None:
    bank = await exchanger(management)
    subject = (await persons_token(management, shop))["access_token"]
    exchanged = await exchange(bank, subject)
    sid = claims_of(exchanged)["sid"]
    services = management.unit.services.oauth
    async with management.kernel.database.unit_of_work() as session:
        await services.revocations.lock(session)
        revision = await services.authorizations.end(
            session, system_principal("test"), authorization_id=sid, because="test"
        )
    assert await management.unit.live.wait_live(revision)
    assert is_revoked(management, exchanged)
    assert "revoked" in refused(await exchange(bank, subject), "invalid_request")


@pytest.mark.parametrize("ends", ["token", "app"])
async def test_what_was_exchanged_ends_with_what_it_came_of(management: Management, shop: Client, ends: str) -> None:
    bank = await exchanger(management)
    last = await exchanger(management, "last", allowed_for="bank")
    subject = await own_token(shop)
    first = await exchange(bank, subject)
    second = await exchange(last, first.json()["access_token"])
    assert not is_revoked(management, second)
    if ends == "token":
        async with management.anonymous() as http:
            given = await http.post("/oauth/revoke", data={"token": subject}, auth=shop.auth)
        assert given.status_code == 200, given.text
    else:
        assert (await management.client.patch("/v1/apps/shop", json={"enabled": False})).json()["live"]
        await management.client.patch("/v1/apps/shop", json={"enabled": True})
    assert is_revoked(management, first)
    assert is_revoked(management, second)
    async with management.anonymous() as http:
        form = {"token": second.json()["access_token"]}
        told = (await http.post("/oauth/introspect", data=form, auth=last.auth)).json()
    assert told == {"active": False}
    assert "revoked" in refused(await exchange(last, first.json()["access_token"]), "invalid_request")
    management.clock.advance(seconds=2)
    assert not is_revoked(management, await exchange(bank, await own_token(shop)))


async def test_who_acts_for_whom_is_a_chain_with_an_end(management: Management, shop: Client) -> None:
    value = (await persons_token(management, shop))["access_token"]
    before = "shop"
    for number in range(MOST_ACTORS):
        code = f"app{number}"
        client = await exchanger(management, code, allowed_for=before)
        answer = await exchange(client, value)
        claims, before = claims_of(answer), code
        value = answer.json()["access_token"]
    chain, act = [], claims["act"]
    while act is not None:
        chain.append(act["sub"])
        act = act.get("act")
    assert chain == [f"app{number}" for number in reversed(range(MOST_ACTORS))]
    assert claims["sub"] == "ann"
    last = await exchanger(management, "last", allowed_for=before)
    assert str(MOST_ACTORS) in refused(await exchange(last, value), "invalid_request")


async def test_an_actor_token_is_the_clients_own(management: Management, shop: Client) -> None:
    bank = await exchanger(management)
    subject = await own_token(shop)
    form = {"actor_token_type": ACCESS_TOKEN}
    answer = await exchange(bank, subject, actor_token=await own_token(bank), **form)
    assert claims_of(answer)["act"] == {"sub": "bank", "client_id": "bank"}
    foreign = await exchange(bank, subject, actor_token=subject, **form)
    assert "not the client's own" in refused(foreign, "invalid_request")


async def test_a_token_for_one_system_gives_none_for_another(management: Management, shop: Client) -> None:
    await management.import_system(document(), "job")
    bank = await exchanger(management)
    whole = await own_token(shop)
    cmdb = f"{ISSUER}/api/cmdb"
    answer = await exchange(bank, whole, resource=cmdb)
    assert claims_of(answer)["aud"] == cmdb
    assert claims_of(await exchange(bank, whole, audience=cmdb))["aud"] == cmdb
    narrowed = answer.json()["access_token"]
    again = await exchanger(management, "again", allowed_for="bank")
    assert claims_of(await exchange(again, narrowed))["aud"] == cmdb
    refused(await exchange(again, narrowed, resource=f"{ISSUER}/api/job"), "invalid_target")
    refused(await exchange(bank, whole, resource="https://elsewhere.example"), "invalid_target")
    refused(await exchange(bank, whole, resource=cmdb, audience=f"{ISSUER}/api/job"), "invalid_target")


async def test_a_tasks_token_is_not_exchanged(management: Management, shop: Client) -> None:
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})).json()["id"]
    minted = await management.unit.task_tokens.mint(
        project_id=project, task_id="t1", on_behalf_of="ann", scopes=frozenset({"cmdb:read"})
    )
    bank = await exchanger(management)
    assert (await management.client.put("/v1/apps/svc-ops/oauth/exchangers/bank")).status_code == 200
    assert "one task" in refused(await exchange(bank, minted.value), "invalid_request")


async def test_many_exchanges_at_once_give_many_tokens(management: Management, shop: Client) -> None:
    bank = await exchanger(management)
    subject = await own_token(shop)
    answers = await asyncio.gather(*(exchange(bank, subject) for _ in range(5)))
    assert len({claims_of(answer)["jti"] for answer in answers}) == 5
