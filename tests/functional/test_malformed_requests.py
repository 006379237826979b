"""Forty malformed requests at each door: a clear 4xx that names what is wrong, and not one row changed."""

import json
from typing import Any

import httpx
import pytest

from tests.functional.conftest import Stand

Malformed = tuple[str, str, Any, str]

_DEEP = b"[" * 10_000 + b"]" * 10_000
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
    ({}, b"grant_type=authorization_code", "grant_type"),
    ({}, b"grant_type=refresh_token&refresh_token=x", "grant_type"),
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
    ({}, b"\xff\xfe\xfd", "body"),
    ({}, b"=&=&=", "grant_type"),
    ({}, b"grant_type%00=client_credentials", "grant_type"),
    ({}, b"grant_type=client_credentials%00", "grant_type"),
    ({}, b"grant_type=CLIENT_CREDENTIALS", "grant_type"),
    ({}, b"GRANT_TYPE=client_credentials", "grant_type"),
    ({}, b"&".join(b"a%d=1" % number for number in range(5000)), "parameters"),
]

CALLS: list[tuple[str, str, dict[str, str], bytes, int]] = [
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": ""}, b"{}", 401),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "Bearer"}, b"{}", 401),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "Bearer a.b.c"}, b"{}", 401),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "Bearer " + "x" * 9000}, b"{}", 401),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "Basic Y2FsbGVyOng="}, b"{}", 401),
    ("POST", "/api/cmdb/prod/search_business", {"X-Bkapi-JWT": "forged"}, b"{}", 400),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "", "X-Bkapi-Authorization": "{"}, b"{}", 400),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "", "X-Bkapi-Authorization": "[]"}, b"{}", 400),
    ("POST", "/api/cmdb/prod/search_business", {"Authorization": "", "X-Bkapi-Authorization": "7"}, b"{}", 400),
    ("POST", "/api/nowhere/prod/search_business", {}, b"{}", 404),
    ("POST", "/api/cmdb/nostage/search_business", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/no_such", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod", {}, b"{}", 404),
    ("POST", "/api/cmdb", {}, b"{}", 404),
    ("POST", "/api/", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/search_business/extra", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/../prod/search_business", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/%2e%2e/search_business", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/search_business%00", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod/%ff%fe", {}, b"{}", 404),
    ("POST", "/api/cmdb/prod//search_business", {}, b"{}", 404),
    ("DELETE", "/api/cmdb/prod/search_business", {}, b"", 404),
    ("PATCH", "/api/cmdb/prod/search_business", {}, b"{}", 404),
    ("POST", "/api/bk-apigateway/prod/x", {}, b"{}", 404),
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


@pytest.mark.parametrize("malformed", CALLS, ids=lambda case: f"{case[0]} {case[1]} {case[4]}")
def test_the_data_plane_refuses_with_status_code_and_message(
    stand: Stand, malformed: tuple[str, str, dict[str, str], bytes, int]
) -> None:
    method, path, headers, body, status = malformed
    before = stand.row_counts()
    sent = {"Authorization": f"Bearer {stand.token}", "Content-Type": "application/json", **headers}
    sent = {name: value for name, value in sent.items() if value}
    with httpx.Client() as client:
        request = client.build_request(method, stand.url, content=body, headers=sent)
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code == status, answer.text
    error = answer.json()
    assert error["result"] is False
    assert error["message"]
    assert answer.headers["X-Bkapi-Error-Code"] == str(error["code"])
    assert stand.row_counts() == before


def _admin_token(stand: Stand) -> str:
    return (stand.server.data_dir / "cli-token").read_text().strip()
