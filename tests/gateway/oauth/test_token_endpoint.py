import base64
import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from kernel.errors import NotFound
from kernel.signing.access_token import verify_access_token
from tests.support.management import Management, document

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def _app(management: Management, components: list[str] | None = None) -> str:
    await management.import_system(document())
    secret = await management.app_with_secret("shop")
    if components is not None:
        await management.granted("shop", "cmdb", components)
    return secret


async def _token(management: Management, auth: tuple[str, str] | None = None, **form: str) -> httpx.Response:
    data = {"grant_type": "client_credentials"} | form
    client = management.anonymous()
    return await client.post("/oauth/token", data=data, auth=auth or httpx.USE_CLIENT_DEFAULT)


async def test_a_token_verifies_by_the_published_keys_and_on_the_hot_road(management: Management) -> None:
    secret = await _app(management, ["list_hosts"])
    answer = await _token(management, ("shop", secret))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    keys = KeySet.import_key_set((await management.anonymous().get("/oauth/jwks")).json())
    decoded = jwt.decode(body["access_token"], keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "at+jwt"
    issuer = "http://127.0.0.1:8080"
    now = int(management.clock.now().timestamp())
    claims = decoded.claims
    expected = {"iss": issuer, "aud": issuer, "sub": "shop", "client_id": "shop", "iat": now, "exp": now + 3600}
    assert {name: claims[name] for name in expected} == expected
    shard = management.holder.current.keys
    seen = verify_access_token(
        body["access_token"],
        shard.keys,  # type: ignore[arg-type]  # the shard's own type has the same attributes
        issuer=shard.issuer,
        audience=shard.audience,
        now=now,
    )
    assert seen.client_id == "shop"
    assert "cmdb:read" in seen.scopes
    assert "cmdb:write" not in seen.scopes
    again = (await _token(management, ("shop", secret))).json()["access_token"]
    assert jwt.decode(again, keys, algorithms=["ES256"]).claims["jti"] != claims["jti"]


async def test_both_ways_of_authentication_work_and_not_at_once(management: Management) -> None:
    secret = await _app(management, ["list_hosts"])
    assert (await _token(management, client_id="shop", client_secret=secret)).status_code == 200
    both = await _token(management, ("shop", secret), client_id="shop", client_secret=secret)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("auth", [None, ("shop", "wrong"), ("ghost", "wrong"), ("svc-ops", ""), ("sh\0p", "x")])
async def test_whoever_does_not_prove_to_be_the_app_is_refused_alike(
    management: Management, auth: tuple[str, str] | None
) -> None:
    await _app(management)
    await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})
    answer = await _token(management, auth)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    if auth is not None:
        usual = await _token(management, ("shop", "another wrong one"))
        assert answer.json() == usual.json()
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "Bearer x", "Basic c2hvcA==", ""],
)
async def test_an_unreadable_authorization_header_is_no_proof(management: Management, header: str) -> None:
    await _app(management)
    answer = await management.anonymous().post(
        "/oauth/token", content="grant_type=client_credentials", headers=FORM | {"Authorization": header}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_deleted_secret_gets_no_token(management: Management) -> None:
    secret = await _app(management, ["list_hosts"])
    (kept,) = (await management.client.get("/v1/apps/shop/secrets")).json()["items"]
    await management.client.delete(f"/v1/apps/shop/secrets/{kept['id']}")
    assert (await _token(management, ("shop", secret))).json()["error"] == "invalid_client"


async def test_a_token_for_a_whole_large_system_is_short_enough_to_be_sent(management: Management) -> None:
    names = [f"list_hosts_of_the_region_{number}" for number in range(300)]
    await management.import_system(document(**{f"/{name}": {"get": {"operationId": name}} for name in names}))
    secret = await management.app_with_secret("shop")
    body = {"app_code": "shop", "system": "cmdb", "components": None, "days": 180}
    (grant,) = (await management.client.post("/v1/grants", json=body)).json()["items"]
    await management.client.post(f"/v1/grants/{grant['id']}:approve")
    answer = (await _token(management, ("shop", secret))).json()
    assert answer["scope"] == "cmdb:read cmdb:write"
    shard = management.holder.current.keys
    assert verify_access_token(
        answer["access_token"],
        shard.keys,  # type: ignore[arg-type]  # the shard's own type has the same attributes
        issuer=shard.issuer,
        audience=shard.audience,
        now=management.clock.now().timestamp(),
    )
    asked = await _token(management, ("shop", secret), scope=" ".join(f"cmdb.{name}" for name in names))
    assert (asked.status_code, asked.json()["error"]) == (400, "invalid_scope")
    assert "too many" in asked.json()["error_description"]


async def test_scopes_are_those_of_active_grants(management: Management) -> None:
    secret = await _app(management, ["list_hosts"])
    auth = ("shop", secret)
    assert (await _token(management, auth, scope="cmdb:read")).json()["scope"] == "cmdb:read"
    assert (await _token(management, auth, scope="cmdb.list_hosts")).json()["scope"] == "cmdb.list_hosts"
    for beyond in ("cmdb:write", "cmdb.get_host", "job:read", "cmdb:read cmdb:write"):
        refused = await _token(management, auth, scope=beyond)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
        assert beyond.split()[-1] in refused.json()["error_description"]
    management.clock.advance(days=180)
    assert (await _token(management, auth, scope="cmdb:read")).json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("headers", "content", "error"),
    [
        ({}, "grant_type=client_credentials", "invalid_request"),
        ({"Content-Type": "application/json"}, '{"grant_type": "client_credentials"}', "invalid_request"),
        (FORM, "", "invalid_request"),
        (FORM, "grant_type=", "invalid_request"),
        (FORM, "grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (FORM, "grant_type=client_credentials&scope=a&scope=b", "invalid_request"),
        (FORM, "grant_type=client_credentials&x=" + "x" * 100_000, "invalid_request"),
        (FORM, "grant_type=client_credentials&" + "&".join(f"p{i}=1" for i in range(80)), "invalid_request"),
        (FORM, b"grant_type=client_credentials&x=\xff", "invalid_request"),
        (FORM, "grant_type=client_credentials&x=%ff", "invalid_request"),
        (FORM, "grant_type=client_credentials&x=%00", "invalid_request"),
        (FORM, 'grant_type=client_credentials&"=1&"=2', "invalid_request"),
        (FORM, "grant_type=client_credentials&%C3%BC=1&%C3%BC=2", "invalid_request"),
        (FORM, "grant_type=client_credentials&client_id=other", "invalid_request"),
        (FORM, "grant_type=password&username=a&password=b", "unsupported_grant_type"),
        (FORM, "grant_type=authorization_code&code=x", "unauthorized_client"),
        (FORM, "grant_type=client_credentials&scope=%22", "invalid_scope"),
        (FORM, "grant_type=client_credentials&scope=%C3%BC", "invalid_scope"),
        (FORM, "grant_type=client_credentials&scope=a%5Cb", "invalid_scope"),
    ],
)
async def test_malformed_requests_get_the_error_of_rfc_6749(
    management: Management, headers: dict[str, str], content: Any, error: str
) -> None:
    secret = await _app(management, ["list_hosts"])
    answer = await management.anonymous().post("/oauth/token", content=content, headers=headers, auth=("shop", secret))
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"
    assert all(0x20 <= ord(sign) <= 0x7E and sign not in '"\\' for sign in answer.json().get("error_description", ""))


async def test_metadata_says_what_is_on(management: Management) -> None:
    client = management.anonymous()
    found = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert found["issuer"] == "http://127.0.0.1:8080"
    assert found["grant_types_supported"][0] == "client_credentials"
    assert {"password", "implicit"}.isdisjoint(found["grant_types_supported"])
    assert found["token_endpoint"] == found["issuer"] + "/oauth/token"
    resource = (await client.get("/.well-known/oauth-protected-resource")).json()
    assert resource["authorization_servers"] == [found["issuer"]]


async def test_no_private_key_leaves(management: Management) -> None:
    (key,) = (await management.anonymous().get("/oauth/jwks")).json()["keys"]
    assert "d" not in key
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")


async def test_a_tasks_token_is_narrowed_names_the_person_and_lives_ten_minutes(management: Management) -> None:
    await management.import_system(document())
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})).json()
    await management.granted("svc-ops", "cmdb", ["list_hosts"])
    minted = await management.unit.task_tokens.mint(
        project_id=project["id"],
        task_id="t1",
        on_behalf_of="ann",
        scopes=frozenset({"cmdb.list_hosts", "cmdb:write", "job:read"}),
    )
    assert minted.scopes == {"cmdb.list_hosts"}
    assert minted.expires_at == management.clock.now().timestamp() + 600
    shard = management.holder.current.keys
    seen = verify_access_token(
        minted.value,
        shard.keys,  # type: ignore[arg-type]  # the shard's own type has the same attributes
        issuer=shard.issuer,
        audience=shard.audience,
        now=management.clock.now().timestamp(),
    )
    assert (seen.client_id, seen.user, seen.project_id, seen.scopes) == ("svc-ops", "ann", project["id"], minted.scopes)


async def test_a_tasks_token_names_its_executor_and_inside_that_who_launched_it(management: Management) -> None:
    project = (await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})).json()
    minted = await management.unit.task_tokens.mint(
        project_id=project["id"], task_id="t1", on_behalf_of="ann", launched_by="bob", scopes=frozenset()
    )
    payload = minted.value.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["act"] == {"sub": "ann", "act": {"sub": "bob"}}


async def test_there_is_no_token_for_an_unknown_project(management: Management) -> None:
    with pytest.raises(NotFound):
        await management.unit.task_tokens.mint(
            project_id="0" * 32, task_id="t", on_behalf_of="ann", scopes=frozenset({"cmdb:read"})
        )
