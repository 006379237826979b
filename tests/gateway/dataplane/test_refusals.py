"""Each refusal has its documented status, code and message, and the upstream never sees the call."""

import time

import pytest

from kernel.signing.jwt import sign_for_gateway_shape
from tests.gateway.dataplane.conftest import AUDIENCE, RSA_KEY, SECRET, component, public_pem, token

SEARCH = "/api/cmdb/prod/search"


def refused(gateway, answer, status, code, name):
    assert gateway.upstream.received == []
    assert answer.status_code == status
    assert answer.headers["x-bkapi-error-code"] == str(code)
    body = answer.json()
    assert answer.headers["x-bkapi-error-message"] == body["message"]
    assert (body["code"], body["code_name"], body["result"], body["data"]) == (code, name, False, None)
    assert len(answer.headers["x-request-id"]) == 32
    return body["message"]


async def test_without_a_credential(gateway):
    answer = await gateway.http.post(SEARCH)
    refused(gateway, answer, 401, 1640100, "UNAUTHORIZED")
    metadata = 'resource_metadata="https://gw.example/.well-known/oauth-protected-resource"'
    assert answer.headers.get_list("www-authenticate") == [
        f"Bearer {metadata}",
        f'DPoP algs="ES256 Ed25519 EdDSA", {metadata}',
    ]


@pytest.mark.parametrize(
    "bearer",
    [
        "garbage",
        "a.b.c",
        token(iss="https://evil.example"),
        token(aud="https://other.example"),
        token(exp=int(time.time()) - 1),
        token()[:-6] + "AAAAAA",
    ],
)
async def test_with_a_token_that_does_not_hold(gateway, bearer):
    answer = await gateway.call(SEARCH, bearer=bearer)
    refused(gateway, answer, 401, 1640100, "UNAUTHORIZED")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_with_a_wrong_scope(gateway):
    answer = await gateway.call(SEARCH, bearer=token(scope="job:run cmdb.find_host"))
    message = refused(gateway, answer, 403, 1640301, "APP_NO_PERMISSION")
    assert "the token's scope lacks cmdb:read" in message
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_a_component_of_several_scopes_needs_them_all_or_its_own(gateway):
    gateway.system(component("search", scopes=["cmdb:read", "cmdb:write"]))
    half = await gateway.call(SEARCH, bearer=token(scope="cmdb:read"))
    assert "lacks cmdb:write" in refused(gateway, half, 403, 1640301, "APP_NO_PERMISSION")
    assert (await gateway.call(SEARCH, bearer=token(scope="cmdb:read cmdb:write"))).status_code == 200
    assert (await gateway.call(SEARCH, bearer=token(scope="cmdb.search"))).status_code == 200


async def test_the_components_own_scope_suffices(gateway):
    assert (await gateway.call(SEARCH, bearer=token(scope="cmdb.search"))).status_code == 200


@pytest.mark.parametrize(
    ("grants", "words"),
    [
        ([], "is missing"),
        ([{"system": "cmdb", "component": None, "expires_at": time.time() - 1}], "has expired"),
        ([{"system": "cmdb", "component": "search", "expires_at": time.time() - 1}], "has expired"),
        ([{"system": "cmdb", "component": "find_host", "expires_at": None}], "is missing"),
        ([{"system": "job", "component": None, "expires_at": None}], "is missing"),
    ],
)
async def test_without_a_grant_that_holds(gateway, grants, words):
    gateway.app(*grants)
    message = refused(gateway, await gateway.call(SEARCH), 403, 1640301, "APP_NO_PERMISSION")
    assert message == f'App has no permission to the resource [reason="the grant of app shop for cmdb.search {words}"]'


async def test_a_grant_that_is_taken_away_ends_at_the_swap(gateway):
    assert (await gateway.call(SEARCH)).status_code == 200
    gateway.app()
    assert (await gateway.call(SEARCH)).status_code == 403


async def test_an_app_that_is_disabled_or_unknown(gateway):
    gateway.app({"system": "cmdb", "component": None}, enabled=False)
    refused(gateway, await gateway.call(SEARCH), 403, 1640301, "APP_NO_PERMISSION")
    refused(gateway, await gateway.call(SEARCH, bearer=token("nobody")), 403, 1640301, "APP_NO_PERMISSION")


@pytest.mark.parametrize(
    "revocations",
    [
        {"tokens": [{"jti": "t1", "expires_at": time.time() + 60}]},
        {"authorizations": [{"sid": "s1", "expires_at": time.time() + 60}]},
        {"apps": [{"app_code": "shop", "issued_before": time.time() + 3600}]},
        {"users": [{"username": "ann", "issued_before": time.time() + 3600}]},
        {"tokens": [{"jti": "t0", "expires_at": time.time() + 60}]},
        {"apps": [{"app_code": "till", "issued_before": time.time() + 3600}]},
    ],
)
async def test_a_token_that_was_revoked_ends_at_the_swap(gateway, revocations):
    persons = token(sub="ann", sid="s1", origins=[{"jti": "t0", "client_id": "till"}])
    assert (await gateway.call(SEARCH, bearer=persons)).status_code == 200
    gateway.upstream.received.clear()
    gateway.apply({"kind": "revocations", **revocations})
    answer = await gateway.call(SEARCH, bearer=persons)
    refused(gateway, answer, 401, 1640100, "UNAUTHORIZED")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.rfc("9700", "2.3", "A token is accepted only where it was issued for")
@pytest.mark.rfc("9700", "4.10", "A token for one system is of no use at another")
@pytest.mark.rfc("9700", "4.9", "A token that leaks at one system is of no use at another")
async def test_a_token_for_one_system_is_taken_by_that_alone(gateway):
    assert (await gateway.call(SEARCH, bearer=token(aud=f"{AUDIENCE}/api/cmdb"))).status_code == 200
    assert (await gateway.call(SEARCH, bearer=token(aud=["x", f"{AUDIENCE}/api/cmdb"]))).status_code == 200
    gateway.upstream.received.clear()
    for elsewhere in (f"{AUDIENCE}/api/job", f"{AUDIENCE}/api/", f"{AUDIENCE}/mcp/cmdb", f"{AUDIENCE}/api/cmdb/"):
        answer = await gateway.call(SEARCH, bearer=token(aud=elsewhere))
        said = refused(gateway, answer, 401, 1640100, "UNAUTHORIZED")
        assert "another audience" in said


async def test_a_token_of_a_key_that_was_withdrawn_ends_at_the_swap(gateway):
    assert (await gateway.call(SEARCH)).status_code == 200
    gateway.apply({"kind": "keys", "issuer": "https://gw.example", "audience": "https://gw.example/api", "keys": []})
    assert (await gateway.call(SEARCH)).status_code == 401


async def test_with_a_forged_gateway_jwt_even_beside_a_good_token(gateway):
    forged = sign_for_gateway_shape(
        RSA_KEY, key_id="apigw", issuer="APIGW", app_code="admin", username="root", now=int(time.time())
    )
    for value in (forged, "x", ""):
        answer = await gateway.call(SEARCH, headers={"X-Bkapi-JWT": value})
        refused(gateway, answer, 400, 1640004, "JWT_VERIFY_FAILED")


async def test_a_gateway_that_is_trusted_is_believed(gateway):
    gateway.apply(
        {
            "kind": "keys", "issuer": "i", "audience": "a",
            "trusted_gateways": [{"kid": "apigw", "alg": "RS512", "public_key": public_pem(RSA_KEY)}],
        }
    )  # fmt: skip
    told = sign_for_gateway_shape(
        RSA_KEY, key_id="apigw", issuer="APIGW", app_code="shop", username="root", now=int(time.time())
    )
    assert (await gateway.http.post(SEARCH, headers={"X-Bkapi-JWT": told})).status_code == 200
    assert gateway.upstream.received[0].header("x-trunkline-user") == "root"


@pytest.mark.parametrize(
    "header",
    [
        "no json",
        "[]",
        '{"bk_app_code": 1}',
        '{"bk_app_code": "shop"}',
        '{"bk_app_code": "shop", "bk_app_secret": "wrong"}',
        f'{{"bk_app_code": "nobody", "bk_app_secret": "{SECRET}"}}',
        '{"access_token": "wrong"}',
        f'{{"bk_app_code": "{"a" * 33}"}}',
    ],
)
async def test_with_a_blueking_credential_that_does_not_hold(gateway, header):
    answer = await gateway.http.post(SEARCH, headers={"X-Bkapi-Authorization": header})
    refused(gateway, answer, 400, 1640001, "INVALID_ARGS")


@pytest.mark.parametrize(
    "header", [f'{{"bk_app_code": "shop", "bk_app_secret": "{SECRET}"}}', '{"access_token": "TOKEN"}']
)
async def test_a_blueking_credential_that_holds_is_accepted(gateway, header):
    header = header.replace("TOKEN", token())
    assert (await gateway.http.post(SEARCH, headers={"X-Bkapi-Authorization": header})).status_code == 200
    assert gateway.upstream.received[0].header("x-bkapi-authorization") is None


async def test_an_empty_blueking_credential_is_none(gateway):
    header = '{"access_token": null, "bk_app_code": ""}'
    answer = await gateway.http.post(SEARCH, headers={"X-Bkapi-Authorization": header})
    refused(gateway, answer, 401, 1640100, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("path", "method", "words"),
    [
        ("/api/none/prod/search", "POST", "there is no system none"),
        ("/api/cmdb/none/search", "POST", "system cmdb has no stage none"),
        ("/api/cmdb/prod/none", "POST", "no component of system cmdb answers POST /none"),
        ("/api/cmdb/prod/search", "DELETE", "no component of system cmdb answers DELETE /search"),
        ("/api/cmdb/prod/search/more", "POST", "no component of system cmdb answers POST /search/more"),
        ("/api/", "GET", ""),
        ("/api/cmdb", "GET", ""),
        ("/api/bk%2dapigateway/prod/x", "GET", ""),
    ],
)
async def test_where_there_is_no_component(gateway, path, method, words):
    message = refused(gateway, await gateway.call(path, method), 404, 1640401, "API_NOT_FOUND")
    assert words in message


@pytest.mark.parametrize(
    "path",
    [
        b"/api/cmdb/prod/../prod/search",
        b"/api/cmdb/prod/%2e%2e/search",
        b"/api/cmdb/prod/..;a=b/search",
        b"/api/cmdb/prod//search",
        b"/api/cmdb/./search",
        b"/api/cmdb/prod/hosts/a%2Fb",
        b"/api/cmdb/prod/hosts/a%5Cb",
        b"/api/cmdb/prod/hosts/%00",
        b"/api/cmdb/prod/hosts/%0d%0a",
        b"/api/cmdb/prod/hosts/%zz",
        b"/api/cmdb/prod/hosts/a\\b",
        b"/api/cmdb/prod/hosts/a|b",
        b"/api/cmdb/prod/hosts/a#b",
    ],
)
async def test_with_a_path_that_two_servers_could_read_differently(gateway, path):
    answer = await gateway.http.send(
        gateway.http.build_request(
            "GET", gateway.url, extensions={"target": path}, headers={"authorization": f"Bearer {token()}"}
        )
    )
    refused(gateway, answer, 400, 1640001, "INVALID_ARGS")


async def test_with_a_longer_body_than_a_step_may_read(gateway):
    refused(gateway, await gateway.call(SEARCH, content=b"x" * 1001), 413, 1641301, "REQUEST_BODY_TOO_LARGE")

    async def pieces():
        for _ in range(20):
            yield b"x" * 100

    refused(gateway, await gateway.call(SEARCH, content=pieces()), 413, 1641301, "REQUEST_BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"page": "x"}', "page: "),
        (b'{"page": {"limit": "many"}}', "page/limit: "),
        (b"[]", "body: "),
        (b"{", "the body is not valid JSON"),
        (b'{"page": NaN}', "the body is not valid JSON"),
        (b"[" * 10_000, "the body is not valid JSON"),
        (b"\xff", "the body is not valid JSON"),
        (b"", "page: is missing; give a value"),
        (b"{}", "page: is missing; give a value"),
    ],
)
async def test_with_a_body_the_schema_does_not_allow(gateway, body, words):
    schema = {
        "type": "object",
        "required": ["page"],
        "properties": {"page": {"type": "object", "properties": {"limit": {"type": "integer"}}}},
    }
    gateway.plane._road.max_body = 100_000
    gateway.system(component("search", body_schema=schema))
    assert words in refused(gateway, await gateway.call(SEARCH, content=body), 400, 1640001, "INVALID_ARGS")
    assert (await gateway.call(SEARCH, content=b'{"page": {"limit": 1}}')).status_code == 200


async def test_a_schema_is_not_checked_where_the_stage_says_so(gateway):
    gateway.system(component("search", body_schema=False), validate_requests=False)
    assert (await gateway.call(SEARCH, content=b"{}")).status_code == 200


async def test_a_repeated_credential_or_key(gateway):
    for name in ("authorization", "idempotency-key", "x-bkapi-authorization"):
        headers = [("authorization", f"Bearer {token()}"), (name, "a"), (name, "b")]
        answer = await gateway.http.post(SEARCH, headers=headers)
        refused(gateway, answer, 400, 1640001, "INVALID_ARGS")


async def test_a_component_for_users_needs_one(gateway):
    gateway.system(component("search", user_required=True))
    refused(gateway, await gateway.call(SEARCH), 401, 1640102, "USER_VERIFY_FAILED")
    assert (await gateway.call(SEARCH, bearer=token(sub="alice"))).status_code == 200


async def test_a_component_for_all_needs_no_credential_and_no_grant(gateway):
    gateway.app()
    gateway.system(component("search", app_required=False, grant_required=False))
    assert (await gateway.http.post(SEARCH)).status_code == 200


@pytest.mark.parametrize(
    "stage",
    [
        {"signing": {"profile": "jwt", "key_id": "cmdb", "secret": "broken"}},
        {"components": [component("search", body_schema={"type": "nonsense"})]},
        {"components": [component("search", body_schema={"$ref": "http://127.0.0.1:1/schema"})]},
    ],
)
async def test_a_configuration_that_cannot_be_used_fails_the_call_and_nothing_else(gateway, stage):
    gateway.system(**({"components": [component("search")]} | stage))
    answer = await gateway.call(SEARCH)
    refused(gateway, answer, 500, 1650002, "INVALID_RESOURCE_CONFIG")
