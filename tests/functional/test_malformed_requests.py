"""Forty malformed requests at each door: a clear 4xx that names what is wrong, and not one row changed."""

import http.client
import json
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.stand import Stand

Malformed = tuple[str, str, Any, str]

_DEEP = b"[" * 10_000 + b"]" * 10_000
_LONG_CODE = json.dumps({"bk_app_code": "a" * 33, "bk_app_secret": "x"})
_WRONG_SECRET = json.dumps({"bk_app_code": "caller", "bk_app_secret": "wrong"})
_IMPORT = {"document": {"openapi": "3.1.0"}, "name": "x1", "upstream_url": "https://example.com"}
_APP = {"app_code": "fresh", "name": "Fresh", "description": ""}
_GRANT = {"app_code": "caller", "system": "cmdb", "components": None, "reason": "x", "days": 180}

MANAGEMENT: list[Malformed] = [
    ("POST", "/session", b"", "body"),
    ("POST", "/session", b"{", "body"),
    ("POST", "/session", b"\xff\xfe{}", "body"),
    ("POST", "/session", _DEEP, "body"),
    ("POST", "/session", [], "body"),
    ("POST", "/session", {"username": "admin"}, "password"),
    ("POST", "/session", {"username": 7, "password": "x"}, "username"),
    ("POST", "/session", {"username": "a" * 10_000, "password": "x"}, "username"),
    ("POST", "/users", {"username": "x", "password": "short", "display_name": "x"}, "password"),
    ("POST", "/users", {"username": "no spaces", "password": "long enough 1"}, "username"),
    ("POST", "/users", {"username": "ok", "password": "long enough 1", "is_admin": "perhaps"}, "is_admin"),
    ("POST", "/projects", {"code": "UPPER CASE", "name": "x"}, "code"),
    ("POST", "/projects", {"code": "ok"}, "name"),
    ("POST", "/projects", {"code": "ok", "name": "x" * 5000}, "name"),
    ("POST", "/projects", {"code": None, "name": "x"}, "code"),
    ("POST", "/systems:import", {**_IMPORT, "document": []}, "document"),
    ("POST", "/systems:import", {**_IMPORT, "document": {}}, "document"),
    ("POST", "/systems:import", {**_IMPORT, "document": {"openapi": "9.9.9", "paths": {}}}, "document"),
    ("POST", "/systems:import", {**_IMPORT, "name": "c"}, "name"),
    ("POST", "/systems:import", {**_IMPORT, "name": "Bad Name"}, "name"),
    ("POST", "/systems:import", {**_IMPORT, "name": None}, "name"),
    ("POST", "/systems:import", {**_IMPORT, "upstream_url": "ftp://x"}, "upstream_url"),
    ("POST", "/systems:import", {**_IMPORT, "upstream_url": "http://169.254.169.254/"}, "upstream_url"),
    ("POST", "/systems:import", {**_IMPORT, "upstream_url": "http://u:p@example.com"}, "upstream_url"),
    ("POST", "/systems:import", {**_IMPORT, "signing": "magic"}, "signing"),
    ("POST", "/systems/cmdb/stages/prod:activate", {"release": "not semver"}, "release"),
    ("POST", "/systems/cmdb/stages/prod:activate", {}, "release"),
    ("POST", "/apps", {**_APP, "app_code": "-x"}, "app_code"),
    ("POST", "/apps", {**_APP, "app_code": "x" * 300}, "app_code"),
    ("POST", "/apps", {"name": "x"}, "app_code"),
    ("POST", "/grants", {**_GRANT, "days": 7}, "days"),
    ("POST", "/grants", {**_GRANT, "days": "many"}, "days"),
    ("POST", "/grants", {**_GRANT, "components": "all"}, "components"),
    ("POST", "/grants", {**_GRANT, "components": ["no_such_component"]}, "components"),
    ("POST", "/grants", {**_GRANT, "app_code": None}, "app_code"),
    ("GET", "/grants?limit=0", None, "limit"),
    ("GET", "/grants?limit=many", None, "limit"),
    ("GET", "/apps?cursor=%F0%9F%98%80", None, "cursor"),
    ("GET", "/audit?limit=99999", None, "limit"),
    ("POST", "/api-tokens", {"name": ""}, "name"),
    ("POST", "/api-tokens", {"name": "x", "expires_at": "tomorrow"}, "expires_at"),
]

TOKEN: list[tuple[dict[str, str], bytes, str]] = [
    ({}, b"", "grant_type"),
    ({}, b"grant_type=", "grant_type"),
    ({}, b"grant_type=password&username=a&password=b", "grant_type"),
    ({}, b"grant_type=implicit", "grant_type"),
    ({}, b"grant_type=authorization_code", "authorization_code"),
    ({}, b"grant_type=refresh_token&refresh_token=x", "refresh_token"),
    ({}, b"grant_type=client_credentials&grant_type=client_credentials", "grant_type"),
    ({}, b"grant_type=client_credentials&scope=cmdb:read&scope=cmdb:read", "scope"),
    ({}, b"grant_type=client_credentials&scope=no:such", "no:such"),
    ({}, b"grant_type=client_credentials&scope=job:execute", "job:execute"),
    ({}, b"grant_type=client_credentials&scope=%00", "scope"),
    ({}, b"grant_type=client_credentials&scope=%22quoted%22", "scope"),
    ({}, b"grant_type=client_credentials&scope=" + b"x" * 20_000, "scope"),
    ({"Content-Type": "application/json"}, b'{"grant_type": "client_credentials"}', "Content-Type"),
    ({"Content-Type": "text/plain"}, b"grant_type=client_credentials", "Content-Type"),
    ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", "Content-Type"),
    ({"Authorization": "Basic"}, b"grant_type=client_credentials", "client"),
    ({"Authorization": "Basic !!!"}, b"grant_type=client_credentials", "client"),
    ({"Authorization": "Basic " + "Y2FsbGVy"}, b"grant_type=client_credentials", "client"),
    ({"Authorization": "Basic Y2FsbGVyOndyb25n"}, b"grant_type=client_credentials", "client"),
    ({"Authorization": "Basic bm9ib2R5Ong="}, b"grant_type=client_credentials", "client"),
    ({"Authorization": "Basic 4pi6Og=="}, b"grant_type=client_credentials", "client"),
    ({"Authorization": "Bearer x"}, b"grant_type=client_credentials", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=caller", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=caller&client_secret=wrong", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=&client_secret=", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=a&client_id=b&client_secret=x", "client_id"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_secret=x", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=%FF%FE&client_secret=x", "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=" + b"a" * 9000, "client"),
    ({"Authorization": ""}, b"grant_type=client_credentials&client_id=svc-x&client_secret=", "client"),
    ({}, b"grant_type=client_credentials&client_id=other&client_secret=x", "client"),
    ({}, b"\xff\xfe\xfd", "parameters"),
    ({}, b"=&=&=", "grant_type"),
    ({}, b"grant_type%00=client_credentials", "grant_type"),
    ({}, b"grant_type=client_credentials%00", "grant_type"),
    ({}, b"grant_type=CLIENT_CREDENTIALS", "grant_type"),
    ({}, b"GRANT_TYPE=client_credentials", "grant_type"),
    ({}, b"&".join(b"a%d=1" % number for number in range(5000)), "parameters"),
]

_SEARCH = "/api/cmdb/prod/search_business"
_NO_TOKEN = {"Authorization": ""}

CALLS: list[tuple[str, str, dict[str, str], bytes, int, str]] = [
    ("POST", _SEARCH, _NO_TOKEN, b"{}", 401, "no credential"),
    ("POST", _SEARCH, {"Authorization": "Bearer"}, b"{}", 401, "no credential"),
    ("POST", _SEARCH, {"Authorization": "Bearer a.b.c"}, b"{}", 401, "token"),
    ("POST", _SEARCH, {"Authorization": "Bearer " + "x" * 9000}, b"{}", 401, "token"),
    ("POST", _SEARCH, {"Authorization": "Bearer \xe9"}, b"{}", 401, "token"),
    ("POST", _SEARCH, {"Authorization": "Basic Y2FsbGVyOng="}, b"{}", 401, "no credential"),
    ("POST", _SEARCH, {"X-Bkapi-JWT": "forged"}, b"{}", 400, "X-Bkapi-JWT"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": "{"}, b"{}", 400, "X-Bkapi-Authorization"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": "[]"}, b"{}", 400, "X-Bkapi-Authorization"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": "7"}, b"{}", 400, "X-Bkapi-Authorization"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": "[" * 3000}, b"{}", 400, "X-Bkapi-Authorization"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": '{"bk_app_code": 7}'}, b"{}", 400, "bk_app_code"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": _LONG_CODE}, b"{}", 400, "app code"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": _WRONG_SECRET}, b"{}", 400, "app_secret"),
    ("POST", _SEARCH, {**_NO_TOKEN, "X-Bkapi-Authorization": '{"access_token": "x"}'}, b"{}", 400, "access_token"),
    ("POST", "/api/job/prod/get_job_list", {}, b"{}", 404, "get_job_list"),
    ("POST", "/api/job/prod/fast_execute_script", {}, b"{}", 403, "job.fast_execute_script"),
    ("POST", "/api/nowhere/prod/search_business", {}, b"{}", 404, "nowhere"),
    ("POST", "/api/cmdb/nostage/search_business", {}, b"{}", 404, "nostage"),
    ("POST", "/api/cmdb/prod/no_such", {}, b"{}", 404, "no_such"),
    ("POST", "/api/cmdb/prod/", {}, b"{}", 404, ""),
    ("POST", "/api/cmdb/prod", {}, b"{}", 404, ""),
    ("POST", "/api/cmdb", {}, b"{}", 404, ""),
    ("POST", "/api/", {}, b"{}", 404, ""),
    ("POST", "/api/bk-apigateway/prod/x", {}, b"{}", 404, ""),
    ("POST", f"{_SEARCH}/extra", {}, b"{}", 404, "extra"),
    ("DELETE", _SEARCH, {}, b"", 404, "DELETE"),
    ("PATCH", _SEARCH, {}, b"{}", 404, "PATCH"),
    ("OPTIONS", _SEARCH, {}, b"", 404, "OPTIONS"),
    ("POST", "/api/cmdb/prod/../prod/search_business", {}, b"{}", 400, "path"),
    ("POST", "/api/cmdb/prod/%2e%2e/search_business", {}, b"{}", 400, "path"),
    ("POST", f"{_SEARCH}%00", {}, b"{}", 400, "path"),
    ("POST", "/api/cmdb/prod/%ff%fe", {}, b"{}", 404, ""),
    ("POST", "/api/cmdb/prod/%zz", {}, b"{}", 400, "path"),
    ("POST", "/api/cmdb/prod//search_business", {}, b"{}", 400, "path"),
    ("POST", "/api/cmdb/prod%2fsearch_business", {}, b"{}", 400, "path"),
    ("POST", "/api/cmdb/prod/\\search_business", {}, b"{}", 400, "path"),
    ("POST", _SEARCH, {}, b"{", 400, "JSON"),
    ("POST", _SEARCH, {}, b"\xff\xfe", 400, "JSON"),
    ("POST", _SEARCH, {}, _DEEP, 400, "JSON"),
    ("POST", _SEARCH, {}, b'{"page": NaN}', 400, "JSON"),
    ("POST", _SEARCH, {}, b"[]", 400, "body"),
    ("POST", _SEARCH, {}, b'{"page": "first"}', 400, "page"),
    ("POST", _SEARCH, {}, b'{"page": {"limit": "ten"}}', 400, "page/limit"),
    ("POST", _SEARCH, {}, b'{"fields": "all"}', 400, "fields"),
]

_ESB = "/api/c/compapi/v2/cc/search_business/"
ESB_CALLS: list[tuple[str, str, dict[str, str], bytes, int, int, str]] = [
    ("POST", _ESB, _NO_TOKEN, b"{}", 200, 1306000, "credential"),
    ("POST", _ESB, _NO_TOKEN, b'{"bk_app_code": "caller", "bk_app_secret": "x"}', 200, 1306000, "app_secret"),
    ("POST", _ESB, _NO_TOKEN, b'{"bk_app_code": 7, "bk_app_secret": "x"}', 200, 1306000, "bk_app_code"),
    ("POST", _ESB, {}, b'{"page":', 200, 1306406, "JSON"),
    ("POST", _ESB, {}, b'{"page": "first"}', 200, 1306406, "page"),
    ("POST", _ESB, {}, b"\xff\xff", 200, 1306406, "JSON"),
    ("GET", f"{_ESB}?page=first", {}, b"", 200, 1306406, "page"),
    ("GET", f"{_ESB}?%ff", {}, b"", 200, 1306406, "parameters"),
    ("PUT", _ESB, {}, b"{}", 200, 1306406, "PUT"),
    ("DELETE", _ESB, {}, b"", 200, 1306406, "DELETE"),
    ("POST", _ESB, {"X-Bkapi-JWT": "forged"}, b"{}", 200, 1306408, "X-Bkapi-JWT"),
    ("POST", "/api/c/compapi/v2/jobv3/fast_execute_script/", {}, b"{}", 200, 1306403, "fast_execute_script"),
    ("POST", "/api/c/compapi/v2/cc/no_such/", {}, b"{}", 404, 0, "does not exist"),
    ("POST", "/api/c/compapi/v2/nowhere/search_business/", {}, b"{}", 404, 0, "does not exist"),
]


def _problem_names(problem: dict[str, Any], field: str) -> bool:
    fields = [error["field"] for error in problem.get("errors", [])]
    return any(name == field or name.startswith((f"{field}.", f"{field}/", f"{field}[")) for name in fields)


@pytest.mark.parametrize("malformed", MANAGEMENT, ids=lambda case: f"{case[0]} {case[1]} {case[3]}")
def test_the_management_api_names_what_is_wrong_and_changes_nothing(stand: Stand, malformed: Malformed) -> None:
    method, path, body, field = malformed
    before = stand.row_counts()
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {_admin_token(stand)}"}
    answer = httpx.request(method, f"{stand.url}/v1{path}", content=content, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert _problem_names(answer.json(), field), answer.text
    assert stand.row_counts() == before


@pytest.mark.parametrize("malformed", TOKEN, ids=lambda case: f"{case[0]} {case[1][:60]!r}")
def test_the_token_endpoint_says_what_is_wrong_and_changes_nothing(
    stand: Stand, malformed: tuple[dict[str, str], bytes, str]
) -> None:
    headers, body, named = malformed
    before = stand.row_counts()
    basic = httpx.BasicAuth(stand.app_code, stand.app_secret)
    request = httpx.Request("POST", f"{stand.url}/oauth/token", content=body)
    authorization = next(basic.auth_flow(request)).headers["Authorization"]
    sent = {"Authorization": authorization, "Content-Type": "application/x-www-form-urlencoded", **headers}
    sent = {name: value for name, value in sent.items() if value}
    answer = httpx.post(f"{stand.url}/oauth/token", content=body, headers=sent)
    assert answer.status_code in {400, 401, 413, 415}, answer.text
    error = answer.json()
    assert error["error"] in {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "unsupported_grant_type",
        "unauthorized_client",
    }
    assert named.lower() in f"{error['error']} {error['error_description']}".lower()
    assert answer.headers["Cache-Control"] == "no-store"
    assert stand.row_counts() == before


@pytest.mark.parametrize("malformed", CALLS, ids=lambda case: f"{case[0]} {case[1]} {case[4]} {case[5]}")
def test_the_data_plane_refuses_with_status_code_and_message(
    stand: Stand, malformed: tuple[str, str, dict[str, str], bytes, int, str]
) -> None:
    method, path, headers, body, status, named = malformed
    before = stand.row_counts()
    answer = _call(stand, method, path, headers, body)
    assert answer.status == status, answer.body
    error = json.loads(answer.body)
    assert error["result"] is False
    assert error["code_name"]
    assert named in error["message"]
    assert answer.headers["X-Bkapi-Error-Code"] == str(error["code"])
    assert answer.headers["X-Request-Id"]
    assert stand.row_counts() == before


@pytest.mark.parametrize("malformed", ESB_CALLS, ids=lambda case: f"{case[0]} {case[1]} {case[5]} {case[6]}")
def test_the_esb_shape_refuses_in_its_envelope(
    stand: Stand, malformed: tuple[str, str, dict[str, str], bytes, int, int, str]
) -> None:
    method, path, headers, body, status, code, named = malformed
    before = stand.row_counts()
    answer = _call(stand, method, path, headers, body)
    assert answer.status == status, answer.body
    error = json.loads(answer.body)
    assert error["result"] is False
    assert error.get("code", 0) == code
    assert named in error["message"]
    assert stand.row_counts() == before


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Message
    body: bytes


def _call(stand: Stand, method: str, path: str, headers: dict[str, str], body: bytes) -> _Answer:
    """By a client that sends the path as it is; a header that is empty text is left out."""
    sent = {"Authorization": f"Bearer {stand.token}", "Content-Type": "application/json", **headers}
    address = urlsplit(stand.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        answer = connection.getresponse()
        return _Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def _admin_token(stand: Stand) -> str:
    return (stand.server.data_dir / "cli-token").read_text().strip()
