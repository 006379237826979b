import json

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount

from adapters.cmdb.service.app import build_app
from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.http.nonces import DatabaseNonces, MemoryNonces
from kernel.services import KernelServices
from tests.adapters.gateway import ORIGIN, Gateway, OneKey


@pytest.fixture
def gateway(kernel: KernelServices) -> Gateway:
    return Gateway(build_app(kernel, OneKey()), kernel.clock)


BODY = json.dumps({"condition": {}}).encode()


def _refused(answer: httpx.Response, reason: str) -> None:
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "gateway_signature_required"
    assert reason in problem["detail"]


async def test_a_signed_call_is_answered(gateway: Gateway) -> None:
    answer = await gateway.send(gateway.signed("POST", "/search_business", BODY))
    assert answer.status_code == 200
    assert answer.json()["result"] is True


async def test_an_unsigned_call_is_refused(gateway: Gateway) -> None:
    _refused(await gateway.send(httpx.Request("POST", f"{ORIGIN}/search_business", content=BODY)), "not signed")


async def test_an_altered_body_is_refused(gateway: Gateway) -> None:
    signed = gateway.signed("POST", "/search_business", BODY)
    altered = httpx.Request("POST", signed.url, headers=_without_length(signed), content=b'{"condition": {"a": 1}}')
    _refused(await gateway.send(altered), "does not fit the body")


async def test_another_target_or_method_is_refused(gateway: Gateway) -> None:
    signed = gateway.signed("POST", "/search_business", BODY)
    elsewhere = httpx.Request("POST", f"{ORIGIN}/create_business", headers=_without_length(signed), content=BODY)
    _refused(await gateway.send(elsewhere), "does not hold")
    read = gateway.signed("GET", "/search_business", b"")
    _refused(await gateway.send(httpx.Request("POST", read.url, headers=read.headers)), "does not hold")


async def test_an_altered_added_or_removed_identity_is_refused(gateway: Gateway) -> None:
    for name, value in (("x-trunkline-user", "root"), ("x-trunkline-extra", "1")):
        signed = gateway.signed("POST", "/search_business", BODY)
        signed.headers[name] = value
        assert (await gateway.send(signed)).status_code == 401
    signed = gateway.signed("POST", "/search_business", BODY)
    del signed.headers["x-trunkline-user"]
    assert (await gateway.send(signed)).status_code == 401


async def test_an_added_idempotency_key_is_refused(gateway: Gateway) -> None:
    signed = gateway.signed("POST", "/search_business", BODY)
    signed.headers["idempotency-key"] = "n:1"
    _refused(await gateway.send(signed), "does not cover idempotency-key")


async def test_a_replayed_call_is_refused_and_has_no_second_effect(gateway: Gateway) -> None:
    body = json.dumps({"data": {"bk_biz_name": "shop"}}).encode()
    signed = gateway.signed("POST", "/create_business", body)
    assert (await gateway.send(signed)).json()["result"] is True
    _refused(await gateway.send(signed), "seen before")


async def test_a_replay_is_refused_by_another_process_on_the_same_database(
    gateway: Gateway, kernel: KernelServices
) -> None:
    signed = gateway.signed("POST", "/search_business", BODY)
    await gateway.send(signed)
    other = Gateway(build_app(kernel, OneKey()), kernel.clock)
    _refused(await other.send(signed), "seen before")


async def test_an_expired_or_future_call_is_refused(gateway: Gateway, clock: ManualClock) -> None:
    signed = gateway.signed("POST", "/search_business", BODY)
    clock.advance(seconds=61)
    _refused(await gateway.send(signed), "expired")
    clock.advance(seconds=60)
    early = gateway.signed("POST", "/search_business", BODY)
    clock.advance(seconds=-30)
    _refused(await gateway.send(early), "from the future")


async def test_another_key_is_refused(gateway: Gateway) -> None:
    forger = Gateway(gateway.system, gateway.clock, key=b"x" * 32)
    _refused(await forger.send(forger.signed("POST", "/search_business", BODY)), "does not hold")


async def test_a_call_that_names_no_app_is_refused(gateway: Gateway) -> None:
    nameless = Gateway(gateway.system, gateway.clock, identity={})
    _refused(await nameless.send(nameless.signed("POST", "/search_business", BODY)), "names no app")


async def test_the_document_is_open_to_everybody(gateway: Gateway) -> None:
    answer = await gateway.send(httpx.Request("GET", f"{ORIGIN}/openapi.json"))
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"
    _refused(await gateway.send(httpx.Request("POST", f"{ORIGIN}/openapi.json")), "not signed")


async def test_a_body_past_the_bound_is_refused_before_the_signature_is_looked_at(gateway: Gateway) -> None:
    request = httpx.Request("POST", f"{ORIGIN}/search_business", content=b"x" * (10 * 1024 * 1024 + 1))
    assert (await gateway.send(request)).status_code == 413


async def test_nonces_in_memory_are_taken_once_and_distrust_what_was_signed_before_the_start(
    clock: ManualClock,
) -> None:
    nonces = MemoryNonces(clock)
    now = clock.now().timestamp()
    assert await nonces.take("cmdb", "a", now, now + 60) is True
    assert await nonces.take("cmdb", "a", now, now + 60) is False
    assert await nonces.take("job", "a", now, now + 60) is True
    assert await nonces.take("cmdb", "b", now - 5, now + 55) is False


async def test_nonces_in_the_database_are_forgotten_when_they_expire(kernel: KernelServices) -> None:
    nonces = DatabaseNonces(kernel.database, kernel.clock)
    past = kernel.clock.now().timestamp() - 100
    assert await nonces.take("cmdb", "old", past, past + 60) is True
    nonces._taken = 499
    assert await nonces.take("cmdb", "new", past + 100, past + 160) is True
    assert await nonces.take("cmdb", "old", past, past + 60) is True
    assert await nonces.take("cmdb", "new", past + 100, past + 160) is False


def _without_length(request: httpx.Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.headers.items() if name != "content-length"]


async def test_a_system_mounted_below_a_path_checks_the_whole_target(gateway: Gateway) -> None:
    mounted = Starlette(routes=[Mount("/systems/cmdb", gateway.system.app)])
    transport = httpx.ASGITransport(app=mounted)
    async with httpx.AsyncClient(transport=transport) as client:
        whole = await client.send(gateway.signed("POST", "/systems/cmdb/search_business", BODY))
        assert whole.json()["result"] is True
        below = gateway.signed("POST", "/search_business", BODY)
        moved = httpx.Request("POST", f"{ORIGIN}/systems/cmdb/search_business", headers=below.headers, content=BODY)
        _refused(await client.send(moved), "does not hold")
        assert (await client.get(f"{ORIGIN}/systems/cmdb/openapi.json")).status_code == 200
        assert (await client.get(f"{ORIGIN}/systems/cmdb/search_business")).status_code == 401


async def test_names_that_are_no_plain_header_text_arrive_whole(kernel: KernelServices) -> None:
    identity = {"x-trunkline-app": "demo-app", "x-trunkline-user": "%E7%8E%8B%25"}
    gateway = Gateway(build_app(kernel, OneKey()), kernel.clock, identity=identity)
    await gateway.data("create_business", {"data": {"bk_biz_name": "shop"}})
    async with kernel.database.reading() as session:
        (kept,) = (await session.execute(select(AuditRecord))).scalars()
    assert kept.on_behalf_of == "王%"
