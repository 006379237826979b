"""A person lets an app act for him: the code, and the tokens it gives."""

import asyncio
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.management import Management, document
from tests.support.oauth import BACK, Client, agree, ask, client_of, first_client, pending_of, query_of

ISSUER = "http://127.0.0.1:8080"


async def claims_of(management: Management, token: str) -> dict[str, Any]:
    async with management.anonymous() as http:
        keys = KeySet.import_key_set((await http.get("/oauth/jwks")).json())
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


@pytest.fixture
async def client(management: Management) -> Client:
    return await first_client(management, "list_hosts")


@pytest.mark.parametrize("is_public", [False, True])
async def test_a_code_gives_tokens_that_name_the_person(management: Management, *, is_public: bool) -> None:
    await management.import_system(document())
    method = "none" if is_public else "client_secret_basic"
    client = await client_of(management, "list_hosts", token_endpoint_auth_method=method)
    ann = await management.person("ann")
    told = await agree(ann, client.request())
    assert (told["state"], told["iss"]) == ("st&te=1", ISSUER)
    answer = await client.redeem(told["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "cmdb:read")
    claims = await claims_of(management, body["access_token"])
    expected = {"sub": "ann", "client_id": "shop", "aud": ISSUER, "scope": "cmdb:read"}
    assert {name: claims[name] for name in expected} == expected
    assert claims["auth_time"] == int(management.clock.now().timestamp())
    assert "refresh_token" in body
    assert "id_token" not in body


async def test_scopes_are_what_was_asked_for_and_the_grants_cover(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    told = await agree(ann, client.request(scope="cmdb:read cmdb:write cmdb.get_host job:read"))
    assert (await client.redeem(told["code"])).json()["scope"] == "cmdb:read"
    usual = await agree(ann, client.request(scope=None, prompt="consent"))
    assert (await client.redeem(usual["code"])).json()["scope"] == "cmdb:read"
    refused = query_of((await ask(ann, client.request(scope="cmdb:write"))).headers["location"])
    assert (refused["error"], refused["state"], refused["iss"]) == ("invalid_scope", "st&te=1", ISSUER)


@pytest.mark.rfc("9700", "4.1", "Nothing is sent to an address that is not exactly a registered one")
@pytest.mark.rfc("9700", "4.11", "No open redirector: a wrong request is told to the person alone")
@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "ghost"},
        {"client_id": None},
        {"client_id": "sh\0p"},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": BACK + "?next=https://evil.example.com"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": '"><script>alert(1)</script>'},
    ],
)
async def test_a_request_that_cannot_be_trusted_is_told_to_the_person_alone(
    management: Management, client: Client, changed: dict[str, str | None]
) -> None:
    ann = await management.person("ann")
    answer = await ask(ann, client.request(**changed, prompt="none"))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert "script>" not in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.rfc("9700", "2.1.1", "PKCE is required of every client, and S256 is the only method")
@pytest.mark.rfc("9700", "4.8", "There is no code without a challenge, and no token without its verifier")
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "later"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://x"}, "request_uri_not_supported"),
        ({"resource": "https://elsewhere.example.com"}, "invalid_target"),
        ({"resource": f"{ISSUER}/api/unknown"}, "invalid_target"),
        ({"scope": "job:write"}, "invalid_scope"),
    ],
)
async def test_what_is_wrong_is_told_to_the_app_with_its_state(
    management: Management, client: Client, changed: dict[str, str | None], error: str
) -> None:
    ann = await management.person("ann")
    answer = await ask(ann, client.request(**changed))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{BACK}?error=")
    told = query_of(answer.headers["location"])
    assert (told["error"], told["state"], told["iss"]) == (error, "st&te=1", ISSUER)
    assert "code" not in told


@pytest.mark.rfc("9700", "4.2", "Addresses with codes in them are told to no other page")
@pytest.mark.rfc("9700", "4.3", "No cache keeps what goes through the browser, and no token goes through it")
@pytest.mark.rfc("9700", "4.12", "Redirects are 303: no form is sent on to the app")
@pytest.mark.rfc("9700", "4.16", "Nothing of the authorization endpoint is shown inside another page")
async def test_what_goes_through_the_browser_is_neither_kept_nor_told_nor_framed(
    management: Management, client: Client
) -> None:
    ann = await management.person("ann")
    asked = await ask(ann, client.request())
    await agree(ann, client.request())
    for answer in (asked, await ask(ann, client.request()), await ask(ann, client.request(scope="job:read"))):
        assert answer.status_code == 303
        said = {name: answer.headers[name] for name in ("cache-control", "referrer-policy", "x-frame-options")}
        assert said == {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-frame-options": "DENY"}


async def test_an_app_that_does_not_use_codes_gets_none(management: Management) -> None:
    client = await client_of(management, grant_types=["client_credentials"])
    answer = await ask(await management.person("ann"), client.request())
    assert query_of(answer.headers["location"])["error"] == "unauthorized_client"


@pytest.mark.rfc("9700", "2.1.1", "A code is bound to its client, its verifier and its address")
async def test_a_code_is_worth_nothing_to_others(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    code = (await agree(ann, client.request()))["code"]
    other = Client(management, await management.app_with_secret("bank"), "bank", client.verifier)
    settings = {"redirect_uris": [BACK], "grant_types": ["authorization_code"]}
    await management.client.put("/v1/apps/bank/oauth", json=settings)
    attempts = [
        await other.redeem(code),
        await client.redeem(code, code_verifier="x" * 43),
        await client.redeem(code, redirect_uri="https://shop.example.com/other"),
        await client.redeem(code + "x"),
    ]
    assert [(each.status_code, each.json()["error"]) for each in attempts] == [(400, "invalid_grant")] * 4
    without = await client.token(grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert (without.status_code, without.json()["error"]) == (400, "invalid_request")
    stolen = Client(management, "", verifier=client.verifier)
    assert (await stolen.redeem(code)).json()["error"] == "invalid_client"
    assert (await client.redeem(code)).status_code == 200


async def test_a_code_holds_for_a_minute(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    code = (await agree(ann, client.request()))["code"]
    management.clock.advance(seconds=60)
    assert (await client.redeem(code)).json()["error"] == "invalid_grant"


@pytest.mark.rfc("9700", "4.5", "A code that is used a second time ends all tokens it gave")
async def test_a_second_use_of_a_code_ends_what_the_first_gave(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    code = (await agree(ann, client.request()))["code"]
    given = (await client.redeem(code)).json()
    management.clock.advance(minutes=5)
    again = await client.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    claims = await claims_of(management, given["access_token"])
    await management.unit._loader.load()
    shard = management.holder.current.revocations
    assert shard.covers(claims["jti"], "shop", claims["iat"], claims["sid"], "ann")
    assert (await client.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
    (record,) = [
        each for each in await management.audit("oauth_authorization", claims["sid"]) if "ended" in each.action
    ]
    assert (record.actor, record.on_behalf_of) == ("shop", "ann")


@pytest.mark.rfc("9700", "2.1.1", "Of many redemptions of one code at once, one gets tokens")
async def test_many_who_redeem_one_code_at_once_get_one_set_of_tokens(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    code = (await agree(ann, client.request()))["code"]
    answers = await asyncio.gather(*(client.redeem(code) for _ in range(8)))
    given = [each.json() for each in answers if each.status_code == 200]
    assert len(given) == 1
    assert {each.json()["error"] for each in answers if each.status_code != 200} == {"invalid_grant"}


@pytest.mark.rfc("9207", "2", "Every answer names its issuer")
@pytest.mark.rfc("9700", "4.4", "Every answer, errors too, names its issuer")
async def test_a_person_who_refuses_sends_the_app_away(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    sealed = await pending_of(ann, client.request())
    denied = await ann.post("/v1/authorization-request:deny", json={"request": sealed})
    told = query_of(denied.json()["redirect_to"])
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "st&te=1", ISSUER)


async def test_the_person_reads_what_the_app_is_and_could_do(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    sealed = await pending_of(ann, client.request(scope="openid cmdb:read cmdb.list_hosts"))
    question = (await ann.get("/v1/authorization-request", params={"request": sealed})).json()
    assert (question["app_name"], question["app_owner"], question["returns_to"]) == (
        "shop",
        "admin",
        "shop.example.com",
    )
    assert (question["username"], question["missing"]) == ("ann", "consent")
    scopes = {each["scope"]: each for each in question["scopes"]}
    assert set(scopes) == {"openid", "cmdb:read", "cmdb.list_hosts"}
    assert scopes["cmdb:read"]["components"] == [{"name": "list_hosts", "title": "List hosts", "is_read": True}]
    assert scopes["openid"]["system"] == ""


async def test_consent_is_remembered_for_what_it_was_given_for(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    await agree(ann, client.request())
    at_once = await ask(ann, client.request())
    assert (await client.redeem(query_of(at_once.headers["location"])["code"])).status_code == 200
    await pending_of(ann, client.request(scope="cmdb.list_hosts"))
    await pending_of(ann, client.request(prompt="consent"))
    bob = await management.person("bob")
    await pending_of(bob, client.request())


@pytest.mark.rfc("8252", "8.6", "A public client on the person's machine is asked for each time")
async def test_a_program_on_the_machine_is_asked_for_each_time(management: Management) -> None:
    await management.import_system(document())
    uri = "http://127.0.0.1/back"
    client = await client_of(
        management, "list_hosts", token_endpoint_auth_method="none", redirect_uris=[uri], is_first_party=True
    )
    ann = await management.person("ann")
    request = client.request(redirect_uri="http://127.0.0.1:51234/back")
    told = await agree(ann, request)
    assert (await client.redeem(told["code"], redirect_uri="http://127.0.0.1:51234/back")).status_code == 200
    await pending_of(ann, request)


async def test_nobody_is_asked_for_a_first_party_app(management: Management) -> None:
    client = await client_of(management, is_first_party=True)
    ann = await management.person("ann")
    answer = await ask(ann, client.request(scope="openid"))
    assert "code" in query_of(answer.headers["location"])
    assert (await ann.get("/v1/consents")).json()["items"] == []


async def test_whoever_is_not_signed_in_is_asked_by_the_page_and_by_nobody_where_that_is_forbidden(
    management: Management, client: Client
) -> None:
    nobody = management.anonymous()
    sealed = await pending_of(nobody, client.request())
    assert (await nobody.get("/v1/authorization-request", params={"request": sealed})).status_code == 401
    silent = query_of((await ask(nobody, client.request(prompt="none"))).headers["location"])
    assert silent["error"] == "login_required"
    ann = await management.person("ann")
    silent = query_of((await ask(ann, client.request(prompt="none"))).headers["location"])
    assert silent["error"] == "consent_required"
    assert (await ann.post("/v1/authorization-request:allow", json={"request": sealed})).status_code == 200


@pytest.mark.parametrize("changed", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "60"}])
async def test_the_app_may_want_the_person_to_sign_in_again(
    management: Management, client: Client, changed: dict[str, str]
) -> None:
    ann = await management.person("ann")
    await agree(ann, client.request())
    management.clock.advance(minutes=5)
    sealed = await pending_of(ann, client.request(**changed))
    question = await ann.get("/v1/authorization-request", params={"request": sealed})
    assert question.json()["missing"] == "sign_in"
    refused = await ann.post("/v1/authorization-request:allow", json={"request": sealed})
    assert (refused.status_code, refused.json()["code"]) == (409, "sign_in_needed")
    opened = await ann.post("/v1/session", json={"username": "ann", "password": "password of ann"})
    ann.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    allowed = await ann.post("/v1/authorization-request:allow", json={"request": sealed})
    given = (await client.redeem(query_of(allowed.json()["redirect_to"])["code"])).json()
    claims = await claims_of(management, given["access_token"])
    assert claims["auth_time"] == int(management.clock.now().timestamp())


@pytest.mark.rfc("9700", "2.1", "Nobody but the person himself agrees in his name")
@pytest.mark.rfc("9700", "4.7", "No page of another site answers in the person's name")
async def test_only_the_person_himself_in_his_browser_can_agree(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    sealed = await pending_of(ann, client.request())
    del ann.headers["X-CSRF-Token"]
    forged = await ann.post("/v1/authorization-request:allow", json={"request": sealed})
    assert (forged.status_code, forged.json()["code"]) == (403, "csrf_token_missing")
    by_token = await management.client.post("/v1/authorization-request:allow", json={"request": sealed})
    assert by_token.status_code == 401


async def test_a_request_cannot_be_changed_on_its_way_and_does_not_wait_for_ever(
    management: Management, client: Client
) -> None:
    ann = await management.person("ann")
    sealed = await pending_of(ann, client.request())
    changed = await ann.post("/v1/authorization-request:allow", json={"request": sealed[:-6] + "AAAAA="})
    assert changed.status_code == 422
    management.clock.advance(minutes=31)
    late = await ann.post("/v1/authorization-request:allow", json={"request": sealed})
    assert (late.status_code, late.json()["code"]) == (409, "request_expired")


async def test_a_request_holds_no_longer_once_its_app_is_set_up_otherwise(
    management: Management, client: Client
) -> None:
    ann = await management.person("ann")
    sealed = await pending_of(ann, client.request())
    await management.client.put("/v1/apps/shop/oauth", json={"grant_types": ["authorization_code"]})
    void = await ann.post("/v1/authorization-request:allow", json={"request": sealed})
    assert (void.status_code, void.json()["code"]) == (409, "request_void")


@pytest.mark.rfc("8707", "2", "A token is for the resource that was asked for, and carries only its scopes")
async def test_a_token_is_for_the_resource_that_was_asked_for(management: Management, client: Client) -> None:
    resource = f"{ISSUER}/api/cmdb"
    ann = await management.person("ann")
    code = (await agree(ann, client.request(resource=resource)))["code"]
    given = (await client.redeem(code)).json()
    assert (await claims_of(management, given["access_token"]))["aud"] == resource
    other = await client.refresh(given["refresh_token"], resource=ISSUER + "/mcp/tools")
    assert other.json()["error"] == "invalid_target"
    again = (await client.refresh(given["refresh_token"])).json()
    assert (await claims_of(management, again["access_token"]))["aud"] == resource


async def test_what_a_person_allowed_is_seen_and_taken_back_by_him(management: Management, client: Client) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    given = (await client.redeem((await agree(ann, client.request()))["code"])).json()
    (consent,) = (await ann.get("/v1/consents")).json()["items"]
    assert (consent["app_code"], consent["scopes"]) == ("shop", ["cmdb:read"])
    assert (await bob.get("/v1/consents")).json()["items"] == []
    assert (await bob.delete("/v1/consents/shop")).status_code == 404
    ended = await ann.delete("/v1/consents/shop")
    assert (ended.status_code, ended.json()["live"]) == (200, True)
    claims = await claims_of(management, given["access_token"])
    assert management.holder.current.revocations.covers(claims["jti"], "shop", claims["iat"], claims["sid"])
    assert (await client.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
    await pending_of(ann, client.request())


async def test_no_code_or_token_is_kept_in_the_clear(management: Management, client: Client) -> None:
    ann = await management.person("ann")
    code = (await agree(ann, client.request()))["code"]
    refresh = (await client.redeem(code)).json()["refresh_token"]
    async with management.kernel.database.engine.connect() as connection:
        for table in ("code", "refresh_token", "authorization", "consent"):
            rows = await connection.exec_driver_sql(f"SELECT * FROM gateway_oauth_{table}")  # noqa: S608  names of ours
            text = " ".join(str(row) for row in rows)
            assert text
            assert code not in text
            assert refresh not in text
