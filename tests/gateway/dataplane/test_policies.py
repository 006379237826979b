"""Policies that restrict, rewrite or answer calls, through the served data plane."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.dataplane.app import DataPlane
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from tests.gateway.dataplane.conftest import SECRET, Gateway, Served, component
from tests.support.patience import patience

PATH = "/api/cmdb/prod/search"


def policy(kind: str, **config: Any) -> dict[str, Any]:
    return {"kind": kind, "config": config}


class TestAddresses:
    @pytest.mark.parametrize(
        ("config", "status"),
        [
            ({"allow": ["127.0.0.0/8"]}, 200),
            ({"allow": ["10.0.0.0/8", "::1"]}, 403),
            ({"deny": ["127.0.0.1"]}, 403),
            ({"allow": ["127.0.0.0/8"], "deny": ["127.0.0.1"]}, 403),
            ({"deny": ["10.0.0.0/8"]}, 200),
        ],
    )
    async def test_deny_beats_allow_and_comes_before_credentials(
        self, gateway: Gateway, config: dict[str, Any], status: int
    ) -> None:
        gateway.system(component("search"), policies=[policy("ip-restriction", **config)])
        answer = await gateway.call(PATH)
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == 1640302
            assert (await gateway.http.post(PATH)).json()["code"] == 1640302

    @pytest.mark.parametrize("denies", ["system", "stage", "component"])
    async def test_nobody_lifts_what_another_place_denies(self, gateway: Gateway, denies: str) -> None:
        def of(level: str) -> list[dict[str, Any]]:
            here = {"deny": ["127.0.0.0/8"]} if level == denies else {"allow": ["127.0.0.1"]}
            return [policy("ip-restriction", **here)]

        prod = {
            "release": "1.0.0", "upstream": {"base_url": gateway.upstream.url}, "policies": of("stage"),
            "components": [component("search", policies=of("component"))],
        }  # fmt: skip
        gateway.apply({"kind": "system", "name": "cmdb", "policies": of("system"), "stages": {"prod": prod}})
        answer = await gateway.call(PATH)
        assert (answer.status_code, answer.json()["code"]) == (403, 1640302)
        place = {"system": "cmdb", "stage": "cmdb/prod", "component": "cmdb/prod/search"}[denies]
        assert f"may not call {denies} {place}" in answer.json()["message"]

    async def test_what_a_client_claims_of_its_address_counts_for_nothing(self, gateway: Gateway) -> None:
        gateway.system(component("search"), policies=[policy("ip-restriction", allow=["10.0.0.0/8"])])
        answer = await gateway.call(PATH, headers={"x-forwarded-for": "10.1.1.1", "x-real-ip": "10.1.1.1"})
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        ("told", "status"),
        [("10.1.1.1", 200), ("10.1.1.1, 8.8.8.8", 403), ("8.8.8.8, 10.1.1.1", 200), ("nonsense", 403)],
    )
    async def test_a_trusted_proxy_is_believed(self, gateway: Gateway, told: str, status: int) -> None:
        gateway.system(component("search"), policies=[policy("ip-restriction", allow=["10.0.0.0/8"])])
        client = TransportClient(AddressPolicy.allowing([gateway.upstream.url]))
        plane = DataPlane(
            gateway.holder, client, public_url="https://gw.example", trusted_proxies=frozenset({"127.0.0.1"})
        )
        async with Served(plane) as url:
            answer = await gateway.call(f"{url}/api/cmdb/prod/search", headers={"x-forwarded-for": told})
        await plane.aclose()
        assert answer.status_code == status


class TestBodies:
    async def pieces(self, *pieces: bytes) -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    @pytest.mark.parametrize("schema", [None, {"type": "object"}])
    async def test_a_longer_body_is_refused_announced_or_not(self, gateway: Gateway, schema: Any) -> None:
        limited = component("search", body_schema=schema)
        gateway.system(limited, policies=[policy("body-limit", max_bytes=10)])
        assert (await gateway.call(PATH, content=b'{"a":  12}')).status_code == 200
        refused = await gateway.call(PATH, content=b'{"a":  123}')
        assert (refused.status_code, refused.json()["code"]) == (413, 1641301)
        chunked = await gateway.call(PATH, content=self.pieces(b'{"a":  ', b"123}"))
        assert chunked.status_code == 413
        assert (await gateway.call(PATH, content=self.pieces(b'{"a"', b":  12}"))).status_code == 200
        assert len([each for each in gateway.upstream.received if each.body]) == 2

    async def test_a_long_body_that_streams_is_cut_off(self, gateway: Gateway) -> None:
        unsigned = {"profile": "none"}
        gateway.system(component("search"), signing=unsigned, policies=[policy("body-limit", max_bytes=100_000)])
        refused = await gateway.call(PATH, content=self.pieces(*[b"x" * 50_000] * 10))
        assert refused.status_code == 413
        assert (await gateway.call(PATH, content=self.pieces(b"x" * 50_000, b"x" * 50_000))).status_code == 200
        assert [len(each.body) for each in gateway.upstream.received] == [100_000]

    async def test_no_body_at_all(self, gateway: Gateway) -> None:
        gateway.system(component("search"), policies=[policy("body-limit", max_bytes=0)])
        assert (await gateway.call(PATH)).status_code == 200
        assert (await gateway.call(PATH, content=b"x")).status_code == 413


class TestHeaders:
    async def test_request_headers_are_set_and_removed_before_signing(self, gateway: Gateway) -> None:
        rewrite = {"set": {"X-Area": "eu", "x-both": "new"}, "remove": ["x-debug", "x-both"]}
        gateway.system(component("search"), policies=[policy("header-rewrite", request=rewrite)])
        sent = {"x-debug": "1", "X_Debug": "1", "x-both": "old", "x_both": "old", "X-AREA": "us", "x-kept": "2"}
        assert (await gateway.call(PATH, headers=sent)).status_code == 200
        (received,) = gateway.upstream.received
        names = [name for name, _ in received.headers]
        assert (received.header("x-area"), received.header("x-both"), received.header("x-kept")) == ("eu", "new", "2")
        assert not {"x-debug", "x_debug", "x_both"} & {*names}
        assert names.count("x-area") == names.count("x-both") == 1

    async def test_answer_headers_are_set_and_removed_but_refusals_stay_as_they_are(self, gateway: Gateway) -> None:
        gateway.upstream.headers += [(b"server", b"secret/1.0"), (b"x-own", b"1")]
        rewrite = {"set": {"x-frame-options": "DENY"}, "remove": ["server"]}
        gateway.system(component("search"), policies=[policy("header-rewrite", response=rewrite)])
        answer = await gateway.call(PATH)
        assert "server" not in answer.headers
        assert (answer.headers["x-frame-options"], answer.headers["x-own"]) == ("DENY", "1")
        assert "x-frame-options" not in (await gateway.http.post(PATH)).headers


class TestAnswersOfTheGatewaysOwn:
    MOCK = policy("mock", status=201, headers={"content-type": "application/json"}, body='{"id": 1}')

    async def test_a_mock_answers_those_who_may_call(self, gateway: Gateway) -> None:
        checked = component("search", body_schema={"type": "object", "required": ["a"]})
        gateway.system(checked, policies=[self.MOCK])
        answer = await gateway.call(PATH, json={"a": 1})
        assert (answer.status_code, answer.json(), answer.headers["content-type"]) == (
            201,
            {"id": 1},
            "application/json",
        )
        assert (await gateway.call(PATH, json={})).status_code == 400
        assert (await gateway.http.post(PATH)).status_code == 401
        assert gateway.upstream.received == []

    async def test_a_mock_stands_in_the_esbs_envelope(self, gateway: Gateway) -> None:
        gateway.system(component("search"), policies=[self.MOCK])
        body = {"bk_app_code": "shop", "bk_app_secret": SECRET}
        answer = (await gateway.http.post("/api/c/compapi/v2/cc/search/", json=body)).json()
        assert (answer["result"], answer["data"]) == (True, {"id": 1})

    async def test_a_redirect_tells_the_place(self, gateway: Gateway) -> None:
        there = "https://docs.example.com/new?lang=en"
        gateway.system(
            component("search", policies=[policy("redirect", location=there, status=308, append_query=True)]),
            component("other", policies=[policy("redirect", location="/elsewhere")]),
        )
        answer = await gateway.call(f"{PATH}?a=1")
        assert (answer.status_code, answer.headers["location"], answer.content) == (308, f"{there}&a=1", b"")
        other = await gateway.call("/api/cmdb/prod/other?a=1")
        assert (other.status_code, other.headers["location"]) == (302, "/elsewhere")

    async def test_faults_strike_as_often_as_they_are_told_to(
        self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        abort = {"status": 503, "body": "on purpose", "percentage": 30}
        gateway.system(component("search"), policies=[policy("fault-injection", abort=abort)])
        for chance, status in ((0.2999, 503), (0.3, 200)):
            monkeypatch.setattr("random.random", lambda chance=chance: chance)
            assert (await gateway.call(PATH)).status_code == status

    async def test_a_delay_comes_before_the_call(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        delayed, over = asyncio.Queue[float](), asyncio.Event()

        async def sleep(seconds: float) -> None:
            delayed.put_nowait(seconds)
            await over.wait()

        monkeypatch.setattr("gateway.dataplane.steps.fault_injection.asyncio", SimpleNamespace(sleep=sleep))
        gateway.system(component("search"), policies=[policy("fault-injection", delay={"seconds": 20})])
        async with patience(), asyncio.TaskGroup() as tasks:
            call = tasks.create_task(gateway.call(PATH, json={}))
            assert await delayed.get() == 20
            assert gateway.upstream.received == []
            over.set()
        assert call.result().status_code == 200
        assert len(gateway.upstream.received) == 1


async def test_every_other_call_is_untouched_by_a_neighbours_policies(gateway: Gateway) -> None:
    gateway.system(component("search", policies=[TestAnswersOfTheGatewaysOwn.MOCK]), component("other"))
    answer = await gateway.call("/api/cmdb/prod/other", content=b"bytes")
    assert answer.content == b"".join(gateway.upstream.pieces)
    plan = gateway.plane._road.lookup.plan_of(gateway.holder.current.systems["cmdb"].stages["prod"].components["other"])
    assert (plan.waits, plan.answers, plan.ends, len(plan.first)) == ((), (), (), 2)
