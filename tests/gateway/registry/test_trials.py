"""Trying a component from the management API, and samples as checks."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from kernel.audit.models import AuditRecord
from kernel.settings import Settings
from tests.support.echo import Echo
from tests.support.management import Management, document


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    async with Echo().serving() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, echo: Echo) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": (echo.url,)})


@pytest.fixture
async def cmdb(management: Management, echo: Echo) -> Management:
    made = await management.import_system(document(), upstream_url=f"{echo.url}/base")
    assert made.status_code == 200, made.text
    return management


async def attempt(management: Management, component: str, status: int = 200, **order: Any) -> dict[str, Any]:
    answer = await management.client.post(f"/v1/systems/cmdb/stages/prod/components/{component}:try", json=order)
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_trial_answers_what_the_caller_would_get_and_shows_what_was_sent(cmdb: Management, echo: Echo) -> None:
    request = {"body": {"ip": "10.0.0.1"}, "headers": {"X-Kind": "a"}, "query": {"q": ["1", "2 3"]}}
    answer = await attempt(cmdb, "create_host", request=request)
    (received,) = echo.received
    assert (answer["status"], answer["truncated"]) == (200, False)
    assert json.loads(answer["body"]["text"]) == received
    assert (received["method"], received["target"]) == ("POST", "/base/hosts?q=1&q=2+3")
    assert received["headers"]["x-trunkline-app"] == "trunkline-try"
    assert received["headers"]["x-trunkline-user"] == "admin"
    sent = answer["upstream"]
    assert (sent["method"], sent["url"]) == ("POST", f"{echo.url}{received['target']}")
    assert json.loads(sent["body"]["text"]) == {"ip": "10.0.0.1"}
    shown = {header["name"]: header["value"] for header in sent["headers"]}
    assert (shown["x-kind"], shown["signature"], shown["signature-input"]) == ("a", "…", "…")
    assert {header["name"] for header in answer["headers"]} >= {"content-type", "x-request-id"}


async def test_what_the_gateway_refuses_is_an_answer_too(cmdb: Management, echo: Echo) -> None:
    answer = await attempt(cmdb, "create_host", request={"body": {"ip": 1}})
    assert (answer["status"], answer["upstream"]) == (400, None)
    assert "ip" in json.loads(answer["body"]["text"])["message"]
    echo.status, echo.body = "503 Service Unavailable", b"\xff\x00"
    failed = await attempt(cmdb, "get_host", request={"path": {"host_id": "a b"}})
    assert (failed["status"], failed["body"]) == (503, {"text": "/wA=", "is_base64": True})
    assert failed["upstream"]["url"].endswith("/base/hosts/a%20b")


async def test_a_long_answer_is_cut_off(cmdb: Management, echo: Echo) -> None:
    echo.body = b"x" * 3_000_000
    answer = await attempt(cmdb, "list_hosts")
    assert (answer["truncated"], len(answer["body"]["text"])) == (True, 1024 * 1024)


@pytest.mark.parametrize(
    ("component", "order", "status", "field"),
    [
        ("get_host", {}, 422, "request.path.host_id"),
        ("nothing", {}, 404, None),
        ("list_hosts", {"app_code": "nobody"}, 404, None),
        ("list_hosts", {"request": {"headers": {"a": "b\r\nc: d"}}}, 422, "request.headers.a"),
        ("list_hosts", {"request": {"method": "TRACE"}}, 422, "request.method"),
        ("list_hosts", {"colour": "red"}, 422, "colour"),
    ],
)
async def test_a_wrong_order_calls_nothing(
    cmdb: Management, echo: Echo, component: str, order: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await attempt(cmdb, component, status, **order)
    if field is not None:
        assert field in [error["field"] for error in answer["errors"]]
    assert echo.received == []


async def test_an_app_of_ones_own_calls_with_its_own_rights(cmdb: Management, echo: Echo) -> None:
    ann = await cmdb.person("ann")
    made = await ann.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
    assert made.status_code == 201, made.text
    address = "/v1/systems/cmdb/stages/prod/components/list_hosts:try"
    refused = await ann.post(address, json={})
    assert refused.status_code == 403
    other = await cmdb.app_with_secret("other")
    assert other
    assert (await ann.post(address, json={"app_code": "other"})).status_code == 403
    without_grant = (await ann.post(address, json={"app_code": "shop"})).json()
    assert (without_grant["status"], echo.received) == (403, [])
    await cmdb.granted("shop", "cmdb", ["list_hosts"])
    granted = (await ann.post(address, json={"app_code": "shop"})).json()
    assert granted["status"] == 200
    assert echo.received[0]["headers"]["x-trunkline-user"] == "ann"
    assert (await ann.post(address, json={"app_code": "shop", "draft": True})).status_code == 403


async def test_a_draft_is_tried_before_anybody_else_can_call_it(cmdb: Management, echo: Echo) -> None:
    body = {
        "method": "ANY",
        "path": "/new/{id}",
        "upstream_path": "/old",
        "upstream_method": "PUT",
        "match_subpath": True,
        "mapping": [{"to": {"in": "body", "name": "id", "type": "integer"}, "from": {"in": "path", "name": "id"}}],
    }
    assert (await cmdb.client.put("/v1/systems/cmdb/draft/components/new", json=body)).status_code == 200
    await attempt(cmdb, "new", 404, request={"path": {"id": "7"}})
    request = {"path": {"id": "7", "*": "a/b c"}, "method": "PATCH", "body": {"x": 1}}
    answer = await attempt(cmdb, "new", draft=True, request=request)
    assert answer["status"] == 200, answer
    assert (echo.received[0]["method"], echo.received[0]["target"]) == ("PUT", "/base/old/a/b%20c")
    assert json.loads(echo.received[0]["body"]) == {"x": 1, "id": 7}
    assert "new" not in cmdb.holder.current.systems["cmdb"].stages["prod"].components


async def test_a_mock_answers_without_an_upstream(cmdb: Management, echo: Echo) -> None:
    mock = {"status": 202, "headers": {"x-kind": "mock"}, "body": '{"made": true}'}
    body = {"method": "POST", "path": "/later", "mock": mock}
    assert (await cmdb.client.put("/v1/systems/cmdb/draft/components/later", json=body)).status_code == 200
    answer = await attempt(cmdb, "later", draft=True)
    assert (answer["status"], answer["body"]["text"], answer["upstream"]) == (202, '{"made": true}', None)
    assert {"name": "x-kind", "value": "mock"} in answer["headers"]
    assert echo.received == []


SECRET = "very secret key"


@pytest.mark.parametrize(
    "signing",
    [
        {"profile": "api-key", "location": "header", "name": "X-Kind", "key": SECRET},
        {"profile": "api-key", "location": "query", "name": "q", "key": SECRET},
        {"profile": "basic", "username": "ann", "password": SECRET},
        {"profile": "bearer", "token": "verysecrettoken"},
        {"profile": "bk-hmac", "app_code": "gw", "app_secret": SECRET},
        {"profile": "oauth2-client-credentials", "client_id": "gw", "client_secret": SECRET, "authentication": "body"},
    ],
)
async def test_what_proves_the_gateway_is_hidden_whatever_the_profile(
    cmdb: Management, echo: Echo, signing: dict[str, str]
) -> None:
    body = signing | ({"token_url": echo.url} if signing["profile"].startswith("oauth2") else {})
    changed = await cmdb.client.put("/v1/systems/cmdb/stages/prod/signing", json=body)
    assert changed.status_code == 200, changed.text
    echo.body = b'{"access_token": "verysecrettoken", "expires_in": 60, "token_type": "Bearer"}'
    answer = await attempt(cmdb, "list_hosts", request={"query": {"q": "1"}, "headers": {"X-Kind": "a"}})
    assert answer["upstream"] is not None, answer
    shown = json.dumps(answer["upstream"])
    assert "secret" not in shown
    assert "YW5u" not in shown  # basic, base64
    if signing["profile"].startswith("oauth2"):
        echo.body = b"{}"
        echo.status = "500 Internal Server Error"
        failed = await attempt(cmdb, "list_hosts")
        assert failed["upstream"] is None, "a request for a token is no call"


async def test_samples_are_recorded_and_run_against_the_draft(cmdb: Management, echo: Echo) -> None:
    echo.body = b'{"id": 7, "tags": ["a", "b"], "on": true, "more": 1}'
    request = {"path": {"host_id": "7"}}
    await attempt(cmdb, "get_host", request=request, record_as="seven")
    draft = (await cmdb.client.get("/v1/systems/cmdb/draft/components/get_host")).json()["component"]
    (sample,) = draft["samples"]
    assert (sample["name"], sample["expect"]["status"], sample["expect"]["json"]["tags"]) == ("seven", 200, ["a", "b"])
    results = (await cmdb.client.post("/v1/systems/cmdb/stages/prod:run-samples")).json()["items"]
    assert [(each["component"], each["sample"], each["passed"]) for each in results] == [("get_host", "seven", True)]
    echo.body = b'{"id": 8, "tags": ["a"], "on": 1}'
    (failed,) = (await cmdb.client.post("/v1/systems/cmdb/stages/prod:run-samples")).json()["items"]
    assert failed["passed"] is False
    assert failed["problems"] == [
        "/id is 8 instead of 7",
        "/more is missing",
        "/on is 1 instead of true",
        "/tags has 1 items instead of 2",
    ]
    echo.status = "500 Internal Server Error"
    (failed,) = (await cmdb.client.post("/v1/systems/cmdb/stages/prod:run-samples")).json()["items"]
    assert "status 500 instead of 200" in failed["problems"]


@pytest.mark.parametrize(
    "body", [b"[" * 5_000, b'{"n": NaN}', b'{"n": 1e999}', b'{"t": "\\ud800"}', b'{"t": "\\u0000"}', b"\xff"]
)
async def test_an_answer_that_cannot_be_kept_is_recorded_by_its_status_and_compared_with_nothing(
    cmdb: Management, echo: Echo, body: bytes
) -> None:
    echo.body = b'{"id": 7}'
    await attempt(cmdb, "get_host", request={"path": {"host_id": "7"}}, record_as="good")
    echo.body = body
    await attempt(cmdb, "get_host", request={"path": {"host_id": "7"}}, record_as="odd")
    results = (await cmdb.client.post("/v1/systems/cmdb/stages/prod:run-samples")).json()["items"]
    problems = {each["sample"]: each["problems"] for each in results}
    assert problems["odd"] == []
    assert "not JSON that can be compared" in problems["good"][0]


@pytest.mark.parametrize("header", [{"a": "b\r\nx-trunkline-user: eve"}, {"a": "é"}, {"a b": "c"}, {"a:b": "c"}])
async def test_a_sample_has_no_header_that_could_be_two(cmdb: Management, echo: Echo, header: dict[str, str]) -> None:
    address = "/v1/systems/cmdb/draft/components/list_hosts"
    drafted = (await cmdb.client.get(address)).json()["component"]
    drafted.pop("name", None)
    sample = {"name": "one", "request": {"headers": header}, "expect": {"status": 200}}
    refused = await cmdb.client.put(address, json=drafted | {"samples": [sample]})
    assert refused.status_code == 422, refused.text
    assert echo.received == []


async def test_a_sample_of_a_component_that_answers_any_method_keeps_its_own(cmdb: Management, echo: Echo) -> None:
    address = "/v1/systems/cmdb/draft/components/list_hosts"
    await cmdb.client.patch(address, json={"method": "ANY", "path": "/any"})
    await attempt(cmdb, "list_hosts", draft=True, request={"method": "DELETE"}, record_as="gone")
    (sample,) = (await cmdb.client.get(address)).json()["component"]["samples"]
    assert sample["request"]["method"] == "DELETE"
    put = await cmdb.client.patch(address, json={"samples": [sample, sample | {"name": "again"}]})
    assert put.status_code == 200, put.text
    echo.received.clear()
    assert (await cmdb.client.post("/v1/systems/cmdb/stages/prod:run-samples")).status_code == 200
    assert [each["method"] for each in echo.received] == ["DELETE", "DELETE"]


async def test_a_component_has_no_more_samples_than_can_be_put(cmdb: Management, echo: Echo) -> None:
    address = "/v1/systems/cmdb/draft/components/list_hosts"
    sample = {"request": {}, "expect": {}}
    full = [{"name": f"s{number}", **sample} for number in range(50)]
    assert (await cmdb.client.patch(address, json={"samples": full})).status_code == 200
    await attempt(cmdb, "list_hosts", record_as="s7")
    await attempt(cmdb, "list_hosts", record_as="one_more", status=409)
    assert len((await cmdb.client.get(address)).json()["component"]["samples"]) == 50


async def test_a_release_may_ask_that_its_samples_pass(cmdb: Management, echo: Echo) -> None:
    echo.body = b'{"id": 7}'
    await attempt(cmdb, "get_host", request={"path": {"host_id": "7"}}, record_as="seven")
    echo.body = b'{"id": 8}'
    refused = await cmdb.client.post("/v1/systems/cmdb/releases", json={"check_on": "prod"})
    assert (refused.status_code, refused.json()["code"]) == (409, "samples_failed")
    assert [error["field"] for error in refused.json()["errors"]] == ["samples.get_host.seven"]
    echo.body = b'{"id": 7}'
    made = await cmdb.client.post("/v1/systems/cmdb/releases", json={"check_on": "prod"})
    assert made.status_code == 201, made.text
    missing = await cmdb.client.post("/v1/systems/cmdb/releases", json={"check_on": "nowhere"})
    assert missing.status_code == 404


async def test_trials_are_on_record_without_what_was_sent(cmdb: Management) -> None:
    await attempt(cmdb, "create_host", request={"body": {"ip": "secret-looking"}})
    async with cmdb.kernel.database.reading() as session:
        statement = select(AuditRecord).where(AuditRecord.action == "component.tried")
        (entry,) = (await session.execute(statement)).scalars()
    assert entry.after == {"stage": "prod", "component": "create_host", "app_code": None}
