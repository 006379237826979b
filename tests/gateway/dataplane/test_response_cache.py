"""Answers kept and given again, and those that must not be."""

import asyncio
from typing import Any

import pytest

from tests.gateway.dataplane.conftest import Gateway, component, token

PATH = "/api/cmdb/prod/find"


def cache(**config: Any) -> dict[str, Any]:
    return {"kind": "response-cache", "config": {"ttl": 60, **config}}


def cached(gateway: Gateway, **config: Any) -> None:
    gateway.system(component("find", "GET"), policies=[cache(**config)])


async def fetched(gateway: Gateway, *calls: dict[str, Any], path: str = PATH) -> int:
    """How many of these calls reached the upstream."""
    before = len(gateway.upstream.received)
    for call in calls:
        answer = await gateway.call(call.pop("path", path), call.pop("method", "GET"), **call)
        assert answer.status_code in (200, 404)
    return len(gateway.upstream.received) - before


async def test_an_answer_is_given_again_byte_for_byte_until_it_is_old(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = gateway.plane._road.clock()
    monkeypatch.setattr(gateway.plane._road, "clock", lambda: now)
    cached(gateway, ttl=30)
    gateway.upstream.headers.append((b"x-own", b"1"))
    first = await gateway.call(PATH, "GET")
    now += 29
    again = await gateway.call(PATH, "GET")
    assert (again.content, again.headers["x-own"], again.headers["age"]) == (first.content, "1", "29")
    assert again.headers["x-trunkline-cache"] == "hit"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(gateway.upstream.received) == 1
    now += 1
    assert await fetched(gateway, {}) == 1


async def test_a_kept_answer_is_only_for_whom_it_was_given_to(gateway: Gateway) -> None:
    cached(gateway)
    gateway.app({"system": "cmdb", "component": None}, code="desk")
    callers = [
        {"bearer": token()},
        {"bearer": token("desk")},
        {"bearer": token(sub="ann")},
        {"bearer": token(sub="bob")},
    ]
    assert await fetched(gateway, *callers) == 4
    assert await fetched(gateway, *(dict(caller) for caller in callers)) == 0


async def test_a_shared_answer_is_for_everybody_who_may_call(gateway: Gateway) -> None:
    cached(gateway, shared=True)
    gateway.app({"system": "cmdb", "component": None}, code="desk")
    assert await fetched(gateway, {}, {"bearer": token("desk")}, {"bearer": token(sub="ann")}) == 1
    refused = await gateway.call(PATH, "GET", bearer=token(scope="other:read"))
    assert refused.status_code == 403


async def test_other_requests_are_other_answers(gateway: Gateway) -> None:
    hosts = component("hosts", "GET", path="/hosts/{id}")
    gateway.system(component("find", "GET"), component("list", "GET"), hosts, policies=[cache()])
    paths = [
        PATH,
        f"{PATH}?a=1",
        f"{PATH}?a=2",
        "/api/cmdb/prod/list",
        "/api/cmdb/prod/hosts/1",
        "/api/cmdb/prod/hosts/2",
    ]
    assert await fetched(gateway, *({"path": path} for path in paths)) == 6
    assert await fetched(gateway, *({"path": path} for path in paths)) == 0
    assert await fetched(gateway, {"path": "/api/cmdb/test/find"}) == 1


async def test_a_new_release_fetches_anew(gateway: Gateway) -> None:
    cached(gateway)
    assert await fetched(gateway, {}) == 1
    gateway.system(component("find", "GET"), release="2.0.0", policies=[cache()])
    assert await fetched(gateway, {}) == 1


async def test_vary_and_the_policys_own_headers_tell_answers_apart(gateway: Gateway) -> None:
    gateway.upstream.headers.append((b"vary", b"Accept-Language"))
    cached(gateway, vary=["x-area"])
    different = [{"accept-language": "en"}, {"accept-language": "zh"}, {"accept-language": "en", "x-area": "1"}]
    assert await fetched(gateway, *({"headers": dict(each)} for each in different)) == 3
    assert await fetched(gateway, *({"headers": dict(each)} for each in different)) == 0


async def test_an_encoded_answer_is_only_for_those_who_accept_the_same(gateway: Gateway) -> None:
    gateway.upstream.headers.append((b"content-encoding", b"identity"))
    cached(gateway)
    assert await fetched(gateway, {"headers": {"accept-encoding": "gzip"}}, {"headers": {"accept-encoding": ""}}) == 2


@pytest.mark.parametrize(
    "header",
    [
        (b"cache-control", b"no-store"), (b"cache-control", b"private"), (b"cache-control", b"max-age=0"),
        (b"cache-control", b"public, No-Cache"), (b"set-cookie", b"a=1"), (b"vary", b"*"), (b"vary", b"x-request-id"),
        (b"expires", b"0"), (b"expires", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)  # fmt: skip
async def test_what_the_upstream_forbids_is_not_kept(gateway: Gateway, header: tuple[bytes, bytes]) -> None:
    gateway.upstream.headers.append(header)
    cached(gateway)
    assert await fetched(gateway, {}, {}) == 2


async def test_a_shared_answer_that_depends_on_the_caller_is_not_kept(gateway: Gateway) -> None:
    gateway.upstream.headers.append((b"vary", b"X-Trunkline-User"))
    cached(gateway, shared=True)
    assert await fetched(gateway, {}, {}) == 2
    cached(gateway)
    assert await fetched(gateway, {}, {}) == 1


async def test_what_the_client_asks_is_honoured(gateway: Gateway) -> None:
    cached(gateway)
    assert await fetched(gateway, {"headers": {"cache-control": "no-store"}}, {}) == 2
    assert await fetched(gateway, {"headers": {"cache-control": "no-cache"}}, {}) == 1
    assert await fetched(gateway, {"headers": {"range": "bytes=0-1"}}, {"headers": {"if-none-match": '"1"'}}) == 2


async def test_errors_writes_and_long_answers_are_not_kept(gateway: Gateway) -> None:
    gateway.system(component("find", "GET"), component("make", "POST"), policies=[cache(max_bytes=10)])
    assert await fetched(gateway, {}, {}) == 2, "longer than the policy keeps"
    gateway.upstream.pieces = [b"{}"]
    assert (
        await fetched(
            gateway,
            {"path": "/api/cmdb/prod/make", "method": "POST"},
            {"path": "/api/cmdb/prod/make", "method": "POST"},
        )
        == 2
    )
    gateway.upstream.status = 404
    assert await fetched(gateway, {}, {}) == 2
    gateway.system(component("find", "GET"), policies=[cache(statuses=[404])])
    assert await fetched(gateway, {}, {}) == 1


async def test_one_call_fetches_for_all_that_ask_at_a_time(gateway: Gateway) -> None:
    cached(gateway)
    gateway.upstream.gate = asyncio.Event()
    tasks = [asyncio.create_task(gateway.call(PATH, "GET")) for _ in range(20)]
    await asyncio.sleep(0.1)
    gateway.upstream.gate.set()
    answers = await asyncio.gather(*tasks)
    assert len(gateway.upstream.received) == 1
    assert {answer.content for answer in answers} == {b"".join(gateway.upstream.pieces)}


async def test_when_the_fetch_fails_who_waited_goes_its_own_way(gateway: Gateway) -> None:
    cached(gateway)
    gateway.upstream.headers.append((b"cache-control", b"no-store"))
    gateway.upstream.gate = asyncio.Event()
    tasks = [asyncio.create_task(gateway.call(PATH, "GET")) for _ in range(5)]
    await asyncio.sleep(0.1)
    gateway.upstream.gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*tasks)} == {200}
    assert len(gateway.upstream.received) == 5
    assert gateway.plane._governing.answers_kept.fetches == {}


async def test_the_least_recently_used_answers_go_when_there_is_no_room(gateway: Gateway) -> None:
    kept = gateway.plane._governing.answers_kept
    kept.store._most = 3000
    gateway.upstream.pieces = [b"x" * 500]
    cached(gateway)
    paths = [f"{PATH}?n={number}" for number in range(10)]
    assert await fetched(gateway, *({"path": path} for path in paths)) == 10
    assert 0 < kept.store.size <= 3000
    assert await fetched(gateway, {"path": paths[-1]}) == 0
    assert await fetched(gateway, {"path": paths[0]}) == 1


async def test_head_is_kept_by_itself(gateway: Gateway) -> None:
    length = b"%d" % len(gateway.upstream.pieces[0])
    gateway.upstream.headers.append((b"content-length", length))
    gateway.system(component("find", "GET"), component("look", "HEAD", path="/find"), policies=[cache()])
    assert await fetched(gateway, {"method": "HEAD"}, {"method": "HEAD"}, {}, {}) == 2
    head = await gateway.call(PATH, "HEAD")
    assert (head.headers["content-length"], head.content) == (length.decode(), b"")


async def test_an_envelope_is_put_around_a_kept_answer_too(gateway: Gateway) -> None:
    gateway.upstream.pieces = [b'{"a": 1}']
    gateway.system(component("find", "GET"), policies=[cache()], envelope=True)
    first, again = [(await gateway.call(PATH, "GET")).json() for _ in range(2)]
    assert first["data"] == again["data"] == {"a": 1}
    assert first["request_id"] != again["request_id"]
    assert len(gateway.upstream.received) == 1


async def test_what_the_first_caller_was_told_of_its_limits_is_not_kept(gateway: Gateway) -> None:
    limit = {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 86400, "tokens": 5}]}}}
    gateway.system(component("find", "GET"), policies=[cache(shared=True), limit])
    gateway.app({"system": "cmdb", "component": None}, code="desk")
    assert (await gateway.call(PATH, "GET")).headers["x-bkapi-ratelimit-remaining"] == "4"
    assert (await gateway.call(PATH, "GET")).headers.get_list("x-bkapi-ratelimit-remaining") == ["3"]
    told = await gateway.call(PATH, "GET", bearer=token("desk"))
    assert told.headers["x-trunkline-cache"] == "hit"
    assert told.headers.get_list("x-bkapi-ratelimit-remaining") == ["4"]


async def test_a_condition_spelt_with_underscores_is_one(gateway: Gateway) -> None:
    cached(gateway)
    assert await fetched(gateway, {"headers": {"If_None_Match": "*"}}, {}) == 2
