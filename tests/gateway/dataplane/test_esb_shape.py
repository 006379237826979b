"""The same components by the ESB's shape: credentials and parameters anywhere, the envelope, HTTP 200 for most."""

import json
from base64 import urlsafe_b64decode

import pytest

from kernel.signing.jwt import verify_jwt
from kernel.signing.keys import VerifyingKey
from tests.gateway.dataplane.conftest import RSA_KEY, SECRET, component, token

SEARCH = "/api/c/compapi/v2/cc/search/"
CREDENTIALS = {"bk_app_code": "shop", "bk_app_secret": SECRET}


def body_of(gateway):
    return json.loads(gateway.upstream.received[-1].body)


@pytest.mark.parametrize(
    "path", [SEARCH, "/api/c/compapi/v2/cmdb/search", "/api/c/compapi/cc/search/", "/api/c/compapi/cmdb/search"]
)
async def test_every_form_of_the_path_reaches_the_component(gateway, path):
    answer = await gateway.call(path, json={"a": 1})
    assert answer.status_code == 200
    assert answer.text == (
        '{"result": true, "code": 0, "data": {"id":12345678901234567890}, "message": "", '
        f'"request_id": "{answer.headers["x-request-id"]}"}}'
    )
    assert gateway.upstream.received[0].target == "/systems/cmdb/search"
    assert gateway.upstream.received[0].header("x-trunkline-app") == "shop"


@pytest.mark.parametrize(
    "request_parts",
    [
        {"headers": {"X-Bkapi-Authorization": json.dumps(CREDENTIALS)}, "content": b'{"n": 1.10}'},
        {"content": json.dumps(CREDENTIALS)[:-1] + ', "n": 1.10}'},
        {
            "content": json.dumps({"app_code": "shop", "app_secret": SECRET})[:-1] + ', "n": 1.10}',
            "headers": {"content-type": "text/plain"},
        },
        {"content": json.dumps({"access_token": "TOKEN", "bk_username": "x"})[:-1] + ', "n": 1.10}'},
    ],
)
@pytest.mark.rfc("9700", "4.9", "No system behind the gateway gets its caller's token")
async def test_credentials_are_taken_from_the_header_or_the_body_and_go_no_further(gateway, request_parts):
    content = request_parts["content"]
    if isinstance(content, str):
        content = content.replace("TOKEN", token())
    answer = await gateway.http.post(SEARCH, **(request_parts | {"content": content}))
    assert answer.json()["result"] is True
    received = gateway.upstream.received[0]
    assert received.body == b'{"n": 1.10}'
    assert received.header("content-type") == "application/json"


async def test_a_form_is_a_body_too(gateway):
    answer = await gateway.http.post(SEARCH, data=CREDENTIALS | {"a": "1", "b": "x y"})
    assert answer.json()["result"] is True
    assert body_of(gateway) == {"a": "1", "b": "x y"}


async def test_a_get_becomes_the_body_of_a_posted_component_in_its_declared_types(gateway):
    properties = {
        "n": {"type": "integer"},
        "f": {"type": ["number", "null"]},
        "b": {"type": "boolean"},
        "l": {"type": "array"},
        "s": {"type": "string"},
    }
    gateway.system(component("search", body_schema={"type": "object", "properties": properties}))
    params = CREDENTIALS | {"n": "12345678901234567890", "f": "1.50", "b": "True", "l": "[1]", "s": "7", "z": "9"}
    answer = await gateway.http.get(SEARCH, params=params)
    assert answer.json()["result"] is True
    received = gateway.upstream.received[0]
    assert (received.method, received.target) == ("POST", "/systems/cmdb/search")
    assert received.body == b'{"n": 12345678901234567890, "f": 1.50, "b": true, "l": [1], "s": "7", "z": "9"}'


async def test_declared_types_are_found_behind_references_and_alternatives(gateway):
    page = {"type": "object", "properties": {"limit": {"type": "integer"}}}
    properties = {
        "page": {"anyOf": [{"$ref": "#/$defs/Page"}, {"type": "null"}]},
        "ids": {"$ref": "#/$defs/Ids"},
        "loop": {"$ref": "#/$defs/Loop"},
    }
    schema = {
        "type": "object",
        "properties": properties,
        "$defs": {"Page": page, "Ids": {"allOf": [{"type": "array"}]}, "Loop": {"$ref": "#/$defs/Loop"}},
    }
    gateway.system(component("search", body_schema=schema), validate_requests=False)
    params = CREDENTIALS | {"page": '{"limit": 10}', "ids": "[1]", "loop": "[2]"}
    assert (await gateway.http.get(SEARCH, params=params)).json()["result"] is True
    assert body_of(gateway) == {"page": {"limit": 10}, "ids": [1], "loop": "[2]"}


async def test_a_post_becomes_the_path_and_query_of_a_component_that_is_got(gateway):
    content = json.dumps({"id": "ab", "limit": 10, "on": True, "none": None, "f": {"a": [1]}, "t": "ü&"})
    answer = await gateway.call("/api/c/compapi/v2/cc/find_host/", content=content)
    assert answer.json()["result"] is True
    received = gateway.upstream.received[0]
    assert (received.method, received.body) == ("GET", b"")
    assert received.target == ("/systems/cmdb/hosts/ab?limit=10&on=true&f=%7B%22a%22%3A+%5B1%5D%7D&t=%C3%BC%26")


@pytest.mark.parametrize("value", ["", "..", "..;x", ".;", ";x", "a\r\nb", "a\x00", "a/b", "a\\b", None, "\ud800"])
async def test_a_path_parameter_that_cannot_stand_in_a_path_is_refused(gateway, value):
    answer = await gateway.call("/api/c/compapi/v2/cc/find_host/", content=json.dumps({"id": value}))
    assert answer.status_code == 200
    assert (answer.json()["result"], answer.json()["code"]) == (False, 1306407)
    assert gateway.upstream.received == []


@pytest.mark.parametrize(
    ("request_parts", "code"),
    [
        ({"json": {}}, 1306000),
        ({"json": CREDENTIALS | {"bk_app_secret": "wrong"}}, 1306000),
        ({"json": {"bk_app_code": 5}}, 1306000),
        ({"content": json.dumps(CREDENTIALS | {"bk_app_secret": "\ud800"})}, 1306000),
        ({"content": json.dumps({"access_token": "\ud800"})}, 1306000),
        ({"json": {}, "headers": {"Authorization": "Bearer wrong"}}, 1306000),
        ({"json": CREDENTIALS, "headers": {"X-Bkapi-Authorization": "{"}}, 1306000),
        ({"json": CREDENTIALS, "headers": {"X-Bkapi-JWT": "forged"}}, 1306408),
        ({"content": b"{"}, 1306406),
        ({"content": b'{"a": 1} x'}, 1306406),
        ({"content": b'{"a": ' + b"[" * 500}, 1306406),
        ({"content": b"\xff\xfe"}, 1306406),
        ({"content": b"{" + b" " * 2000 + b"}"}, 1306406),
        ({"content": b'{"bk_app_code": "x" "y"}'}, 1306406),
    ],
)
async def test_a_refusal_is_an_envelope_with_http_200(gateway, request_parts, code):
    answer = await gateway.http.post(SEARCH, **request_parts)
    body = answer.json()
    assert (answer.status_code, body["result"], body["code"], body["data"]) == (200, False, code, None)
    assert body["message"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert gateway.upstream.received == []


async def test_without_a_grant_it_is_the_apps_permission(gateway):
    gateway.app()
    assert (await gateway.call(SEARCH, json={})).json()["code"] == 1306403
    assert gateway.upstream.received == []


async def test_a_body_the_schema_does_not_allow_is_refused_by_name(gateway):
    gateway.system(component("search", body_schema={"properties": {"n": {"type": "integer"}}}))
    body = (await gateway.call(SEARCH, json={"n": "x"})).json()
    assert body["code"] == 1306406
    assert "n: " in body["message"]


@pytest.mark.parametrize(
    "path", ["/api/c/compapi/v2/none/x/", "/api/c/compapi/v2/cc/none/", "/api/c/compapi/", "/api/c/x"]
)
async def test_an_unknown_path_is_http_404(gateway, path):
    answer = await gateway.call(path)
    assert answer.status_code == 404
    assert answer.json() == {"result": False, "data": None, "message": "The content does not exist"}


async def test_the_test_stage_is_asked_for_by_header(gateway):
    gateway.apply({"kind": "system", "name": "cmdb", "aliases": ["cc"], "stages": {}})
    assert (await gateway.call(SEARCH, headers={"x-use-test-env": "true"})).status_code == 404
    gateway.system(component("search"))
    assert (await gateway.call(SEARCH, headers={"x-use-test-env": "true"})).status_code == 200
    assert gateway.plane.snapshot_of_counters()[-1].stage == "test"


async def test_a_test_stage_that_is_asked_for_twice_is_not_taken_for_another(gateway):
    headers = [("authorization", f"Bearer {token()}"), ("X-Use-Test-Env", "true"), ("X-Use-Test-Env", "true")]
    answer = await gateway.http.post("/api/c/compapi/v2/cc/search/", headers=headers, json={})
    assert answer.json()["code"] == 1306406
    assert gateway.upstream.received == []


async def test_other_methods_are_refused(gateway):
    assert (await gateway.call(SEARCH, "DELETE")).json()["code"] == 1306406


@pytest.mark.parametrize(
    ("status", "pieces", "expected"),
    [
        (200, [b"[1, 2.50]"], {"result": True, "code": 0, "message": "", "data": [1, 2.5]}),
        (200, [b'{"a": 1}'], {"result": True, "code": 0, "message": "", "data": {"a": 1}}),
        (
            200,
            [b'{"result": false, "code": 7, "message": "no", "permission": null}'],
            {"result": False, "code": 7, "message": "no", "permission": None, "data": None},
        ),
        (200, [b'{"result": false}'], {"result": False, "code": 1306000, "message": "", "data": None}),
        (
            500,
            [b'{"result": false, "code": 9, "message": "m", "data": null}'],
            {"result": False, "code": 9, "message": "m", "data": None},
        ),
    ],
)
async def test_an_answer_is_put_into_the_envelope_it_lacks(gateway, status, pieces, expected):
    gateway.upstream.status, gateway.upstream.pieces = status, pieces
    answer = await gateway.call(SEARCH, json={})
    assert answer.status_code == 200
    assert answer.json() == expected | {"request_id": answer.headers["x-request-id"]}


@pytest.mark.parametrize(("status", "pieces"), [(502, [b"<html>"]), (200, [b""]), (404, [b'{"detail": "x"}'])])
async def test_a_failed_backend_is_named_with_its_status(gateway, status, pieces):
    gateway.upstream.status, gateway.upstream.pieces = status, pieces
    body = (await gateway.call(SEARCH, json={})).json()
    assert (body["result"], body["code"], body["data"]) == (False, 1306201, None)
    assert "system=cmdb, component=search" in body["message"]
    assert f"Status Code: {status}" in body["message"]


async def test_a_stage_may_ask_for_the_envelope_on_the_unified_endpoint(gateway):
    gateway.system(component("search"), envelope=True)
    gateway.upstream.pieces = [b'"text"']
    answer = await gateway.call("/api/cmdb/prod/search", headers={"x-request-id": "request-1"})
    assert answer.json() == {"result": True, "code": 0, "message": "", "data": "text", "request_id": "request-1"}


async def test_a_jwt_stage_tells_the_backend_who_calls_in_the_shape_that_was_used(gateway):
    gateway.system(component("search"), signing={"profile": "jwt", "key_id": "cmdb", "secret": "rsa"})
    keys = {"cmdb": VerifyingKey("cmdb", "RS512", RSA_KEY.public_key())}
    seen = []
    for path in ("/api/cmdb/prod/search", SEARCH, SEARCH):
        await gateway.call(path, json={}, bearer=token(act={"sub": "alice"}))
        seen.append(gateway.upstream.received[-1].header("x-bkapi-jwt"))
        identity = verify_jwt(seen[-1], keys, now=gateway.plane._road.clock())
        assert (identity.app_code, identity.username) == ("shop", "alice")
    assert seen[0] != seen[1] == seen[2]


async def test_a_jwt_stage_may_keep_to_one_shape_and_name_somebody_for_calls_of_nobodys(gateway):
    parameters = {"shape": "gateway", "username": "robot"}
    signing = {"profile": "jwt", "key_id": "cmdb", "secret": "rsa", "esb_secret": "rsa", "parameters": parameters}
    gateway.system(component("search"), signing=signing)
    for bearer, user in ((token(act={"sub": "alice"}), "alice"), (token(), "robot")):
        await gateway.call(SEARCH, json={}, bearer=bearer)
        told = gateway.upstream.received[-1].header("x-bkapi-jwt")
        claims = json.loads(urlsafe_b64decode(told.split(".")[1] + "=="))
        assert claims["user"]["username"] == user, "the name of the gateway's claim, not of the ESB's"
