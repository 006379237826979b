"""The rest of BlueKing's shapes: addresses by path or host, languages, parameters, loops, and where a call went."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.dataplane.hosts import SystemHosts
from gateway.wire import codes
from gateway.wire.codes import Code
from gateway.wire.languages import CHINESE
from tests.gateway.dataplane.conftest import SECRET, Gateway, component

SEARCH = "/api/c/compapi/v2/cc/search/"
HEADER = {"bk_app_code": "shop", "bk_app_secret": SECRET}
FORM = "application/x-www-form-urlencoded"
AUTHORIZATION = {"X-Bkapi-Authorization": json.dumps(HEADER)}


def system(gateway: Gateway, *components: dict[str, Any], **members: Any) -> None:
    gateway.system(*components)
    gateway.apply(dict(gateway.holder.current.systems["cmdb"].to_document()) | members)


@pytest.fixture
def self_service(gateway):
    components = (component("find", "GET", path="/hosts/{id}"), component("add", path="/hosts"))
    system(gateway, *components, self_service=True)
    return gateway


async def test_a_self_service_address_is_a_method_and_a_path(self_service):
    answer = await self_service.http.get("/api/c/self-service-api/hosts/7/", params=HEADER | {"a": "1"})
    assert answer.json()["result"] is True, answer.text
    answer = await self_service.http.post("/api/c/self-service-api/hosts", json=HEADER | {"b": 2})
    assert answer.json()["result"] is True, answer.text
    first, second = self_service.upstream.received
    assert (first.method, first.target, first.body) == ("GET", "/systems/cmdb/hosts/7?a=1", b"")
    assert (second.method, second.target, second.body) == ("POST", "/systems/cmdb/hosts", b'{"b": 2}')


@pytest.mark.parametrize(("method", "path"), [("POST", "hosts/7"), ("GET", "hosts/7/disks"), ("GET", "")])
async def test_a_self_service_address_nobody_answers_is_http_404(self_service, method, path):
    answer = await self_service.http.request(method, f"/api/c/self-service-api/{path}", headers=AUTHORIZATION)
    assert (answer.status_code, answer.json()["message"]) == (404, "The content does not exist")


async def test_other_systems_are_not_found_by_path_alone(gateway):
    assert (await gateway.http.post("/api/c/self-service-api/search", headers=AUTHORIZATION)).status_code == 404


async def test_a_test_stage_nobody_made_is_told_as_such(gateway):
    stages = {"prod": gateway.holder.current.systems["cmdb"].to_document()["stages"]["prod"]}
    gateway.apply({"kind": "system", "name": "cmdb", "aliases": ["cc"], "stages": stages})
    answer = await gateway.http.post(SEARCH, headers=AUTHORIZATION | {"X-Use-Test-Env": "true"}, json={})
    assert (answer.status_code, answer.json()["code"]) == (200, 1306206)


@pytest.mark.parametrize(("language", "is_chinese"), [("zh-hans", True), ("zh-CN", True), ("en", False), ("", False)])
async def test_errors_are_told_in_the_language_that_is_asked_for(gateway, language, is_chinese):
    headers = {"Blueking-Language": language}
    refused = (await gateway.http.post(SEARCH, headers=headers, json=HEADER | {"bk_app_secret": "x"})).json()
    assert (not refused["message"].isascii()) is is_chinese
    unknown = (await gateway.http.post("/api/c/compapi/v2/none/x/", headers=headers)).json()
    assert (not unknown["message"].isascii()) is is_chinese


def test_every_refusal_has_its_chinese_text():
    messages = {code.message for code in vars(codes).values() if isinstance(code, Code)}
    assert messages - CHINESE.keys() == set()


async def test_the_language_goes_on_to_the_backend(gateway):
    await gateway.http.post(SEARCH, headers=AUTHORIZATION | {"Blueking-Language": "zh-hans"}, json={})
    assert gateway.upstream.received[0].header("blueking-language") == "zh-hans"


@pytest.mark.parametrize(
    "parts",
    [
        {"params": HEADER | {"a": "1"}, "json": {"b": 2}},
        {"params": {"a": "1"}, "json": HEADER | {"b": 2}},
        {"params": {"a": "1"}, "content": urlencode(HEADER | {"b": "2"}), "headers": {"content-type": FORM}},
    ],
)
async def test_parameters_prove_an_app_where_the_system_allows_that(gateway, parts):
    path = "/api/cmdb/prod/search"
    refused = await gateway.http.post(path, **parts)
    assert (refused.status_code, refused.headers["x-bkapi-error-code"]) == (401, "1640100")
    system(gateway, component("search"), parameter_credentials=True)
    assert (await gateway.http.post(path, **parts)).json()["result"] is True
    received = gateway.upstream.received[0]
    assert received.target == "/systems/cmdb/search?a=1"
    assert received.body in (b'{"b":2}', b'{"b": 2}', b"b=2")
    assert SECRET not in str(received)


async def test_parameters_that_are_wrong_prove_nothing(gateway):
    system(gateway, component("search"), parameter_credentials=True)
    for parts in (
        {"params": HEADER | {"bk_app_secret": "x"}},
        {"json": {"bk_app_code": 7}},
        {"json": HEADER, "headers": {"X-Bkapi-Authorization": "{}"}},
        {"content": b"\xff{"},
        {"content": b'{"bk_app_code": ' + b"7" * 900 + b"}"},
    ):
        assert (await gateway.http.post("/api/cmdb/prod/search", **parts)).status_code in {400, 401}
    assert gateway.upstream.received == []


async def test_a_call_that_comes_back_is_ended(gateway):
    await gateway.http.post("/api/cmdb/prod/search", headers=AUTHORIZATION, json={})
    own = gateway.upstream.received[0].header("x-bkapi-instance-id")
    other = "0" * 32
    headers = AUTHORIZATION | {"X-Bkapi-Instance-Id": f"{other}, {own}"}
    refused = await gateway.http.post("/api/cmdb/prod/search", headers=headers, json={})
    assert (refused.status_code, refused.headers["x-bkapi-error-code"]) == (508, "1650801")
    assert (await gateway.http.post(SEARCH, headers=headers, json={})).json()["result"] is False
    assert len(gateway.upstream.received) == 1
    await gateway.http.post("/api/cmdb/prod/search", headers=AUTHORIZATION | {"X-Bkapi-Instance-Id": other}, json={})
    passed = [value for name, value in gateway.upstream.received[1].headers if name == "x-bkapi-instance-id"]
    assert sorted(passed) == sorted([own, other])


async def test_a_loop_through_two_gateways_is_seen_though_each_wrote_a_line(gateway):
    await gateway.http.post("/api/cmdb/prod/search", headers=AUTHORIZATION, json={})
    own = gateway.upstream.received[0].header("x-bkapi-instance-id")
    headers = [*AUTHORIZATION.items(), ("X-Bkapi-Instance-Id", own), ("X-Bkapi-Instance-Id", "0" * 32)]
    for path in ("/api/cmdb/prod/search", SEARCH):
        answer = await gateway.http.post(path, headers=headers, json={})
        assert "RECURSIVE" in answer.text or answer.json()["message"].startswith("Recursive"), answer.text
    assert len(gateway.upstream.received) == 1


@pytest.mark.parametrize("body", [b"{" + b"[" * 998, b'{"bk_token": ' + b"[" * 490 + b"]" * 490 + b"}"])
async def test_deep_json_where_credentials_may_stand_is_refused(gateway, body):
    system(gateway, component("search"), parameter_credentials=True)
    told = (await gateway.http.post(SEARCH, content=body)).json()
    assert told["code"] in {1306406, 1306000}
    assert told["message"].startswith(("Parameters error", "Unauthorized"))
    assert (await gateway.http.post("/api/cmdb/prod/search", content=body)).status_code in {400, 401}


async def test_a_parameter_named_username_need_not_be_text(gateway):
    answer = await gateway.http.post(SEARCH, json=HEADER | {"username": ["ann", "bob"]})
    assert answer.json()["result"] is True, answer.text
    assert json.loads(gateway.upstream.received[0].body) == {"username": ["ann", "bob"]}


@pytest.mark.parametrize("query", ["debug", "a=1&", "debug&"])
async def test_a_query_may_be_written_carelessly(gateway, query):
    for method, body in (("GET", None), ("POST", {"b": 2})):
        answer = await gateway.http.request(method, f"{SEARCH}?{query}", headers=AUTHORIZATION, json=body)
        assert answer.json()["result"] is True, answer.text


async def test_a_parameter_that_is_not_utf8_is_refused_and_not_replaced(gateway):
    answer = await gateway.http.get(f"{SEARCH}?a=%b0%a2", headers=AUTHORIZATION)
    assert answer.json()["code"] == 1306406
    assert gateway.upstream.received == []


@pytest.mark.parametrize("path", [SEARCH, "/api/cmdb/prod/search"])
async def test_who_asks_is_told_where_his_call_went(gateway, path):
    answer = await gateway.http.post(path, headers=AUTHORIZATION | {"X-Bkapi-Debug": "true"}, json={})
    told = json.loads(answer.headers["x-bkapi-debug-info"])
    assert (told["bk_gateway_name"], told["bk_stage_name"], told["bk_resource_name"]) == ("cmdb", "prod", "search")
    assert (told["bk_app_code"], told["x_request_id"]) == ("shop", answer.headers["x-request-id"])
    assert SECRET not in answer.headers["x-bkapi-debug-info"]
    assert gateway.upstream.url not in answer.headers["x-bkapi-debug-info"]
    assert "x-bkapi-debug-info" not in (await gateway.http.post(path, headers=AUTHORIZATION, json={})).headers


async def test_a_system_answers_at_a_host_of_its_own(gateway):
    gateway.plane.hosts = SystemHosts("gw.example", "https://www.gw.example")
    for host, status in (("cmdb.gw.example", 200), ("CMDB.gw.example:8080", 200), ("none.gw.example", 404)):
        answer = await gateway.http.post("/prod/search?a=1", headers=AUTHORIZATION | {"Host": host}, json={})
        assert answer.status_code == status, host
    assert gateway.upstream.received[0].target == "/systems/cmdb/search?a=1"


@pytest.mark.parametrize(
    ("host", "target"),
    [
        (b"www.gw.example", b"/prod/search"),
        (b"gw.example", b"/prod/search"),
        (b"a.b.gw.example", b"/prod/search"),
        (b"c.gw.example", b"/compapi/v2/cc/search/"),
        (b"bk-apigateway.gw.example", b"/prod/api/v2/sync/gateways/x/"),
        (b"cmdb.gw.example", b"http://elsewhere/"),
    ],
)
def test_other_hosts_keep_their_addresses(host, target):
    hosts = SystemHosts("gw.example", "https://www.gw.example:8443")
    assert hosts.address_of(target, [(b"Host", host)]) == target
