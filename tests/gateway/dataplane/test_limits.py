"""Rate limits, quotas and concurrency limits of one process, through the served data plane."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from gateway.snapshot.model.snapshot import Peers
from tests.gateway.dataplane.conftest import SECRET, Gateway, component, token

MINUTE = 60


def rate(most: int, period: int = MINUTE, **more: Any) -> dict[str, Any]:
    return {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": period, "tokens": most}]}, **more}}


@pytest.fixture
def now(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The gateway's clock, which stands still in the first second of a minute until a test moves it."""
    real = gateway.plane._road.clock()
    moment = [real - real % MINUTE]
    monkeypatch.setattr(gateway.plane._road, "clock", lambda: moment[0])
    return moment


async def calls(
    gateway: Gateway, number: int, path: str = "/api/cmdb/prod/search", **more: Any
) -> list[httpx.Response]:
    return list(await asyncio.gather(*(gateway.call(path, **more) for _ in range(number))))


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status_code] = found.get(answer.status_code, 0) + 1
    return found


async def test_n_admits_exactly_n_of_many_calls_at_a_time(gateway: Gateway, now: list[float]) -> None:
    gateway.system(component("search"), policies=[rate(37)])
    assert statuses(await calls(gateway, 100)) == {200: 37, 429: 63}
    assert len(gateway.upstream.received) == 37


async def test_an_admitted_call_is_told_what_is_left_and_a_refused_one_when_to_come_back(
    gateway: Gateway, now: list[float]
) -> None:
    gateway.system(component("search"), policies=[rate(2)])
    now[0] += 20
    first, second, third = [await gateway.call("/api/cmdb/prod/search") for _ in range(3)]
    prefix = "x-bkapi-ratelimit-"
    told = {name.removeprefix(prefix): value for name, value in first.headers.items() if name.startswith(prefix)}
    assert told == {"limit": "2", "remaining": "1", "reset": "40", "plugin": "rate-limit"}
    assert second.headers[f"{prefix}remaining"] == "0"
    assert (third.status_code, third.json()["code"], third.headers["x-bkapi-error-code"]) == (429, 1642902, "1642902")
    assert (third.headers["retry-after"], third.headers[f"{prefix}remaining"]) == ("40", "0")
    now[0] += 40
    assert (await gateway.call("/api/cmdb/prod/search")).status_code == 200


async def test_each_app_is_counted_by_itself_and_all_together_by_the_total(gateway: Gateway, now: list[float]) -> None:
    policy = rate(3, total=[{"period": MINUTE, "tokens": 5}])
    policy["config"]["rates"]["desk"] = [{"period": MINUTE, "tokens": 4}]
    gateway.system(component("search"), policies=[policy])
    gateway.app({"system": "cmdb", "component": None}, code="desk")
    assert statuses(await calls(gateway, 4)) == {200: 3, 429: 1}
    of_desk = [await gateway.call("/api/cmdb/prod/search", bearer=token("desk")) for _ in range(3)]
    assert [answer.status_code for answer in of_desk] == [200, 200, 429]
    assert of_desk[2].json()["code"] == 1642901


async def test_a_refused_call_is_counted_by_none_of_its_limits(gateway: Gateway, now: list[float]) -> None:
    both = {"rates": {"__default": [{"period": 1, "tokens": 1}, {"period": MINUTE, "tokens": 3}]}}
    gateway.system(component("search"), policies=[{"kind": "rate-limit", "config": both}])
    for _ in range(3):
        assert statuses(await calls(gateway, 5)) == {200: 1, 429: 4}
        now[0] += 1
    assert statuses(await calls(gateway, 5)) == {429: 5}


def refusal(answers: list[httpx.Response]) -> tuple[int, str]:
    """The code and the place that the last one tells."""
    told = answers[-1].json()
    place = re.search(r"(?:of|for) (\w+ [\w/]+)", told["message"].partition("[")[2])
    return told["code"], place[1] if place is not None else told["message"]


def at_every_place(gateway: Gateway, *limits: dict[str, Any]) -> None:
    """Limits of the system, its stages, its component search and the app shop, in this order; other has none."""
    system, stage, search, app = limits
    prod = {
        "release": "1.0.0", "upstream": {"base_url": gateway.upstream.url}, "policies": [stage],
        "components": [component("search", policies=[search]), component("other")],
    }  # fmt: skip
    stages = {"prod": prod, "test": prod}
    gateway.apply({"kind": "system", "name": "cmdb", "policies": [system], "stages": stages})
    gateway.app({"system": "cmdb", "component": None}, policies=[app])


async def test_a_call_needs_room_at_its_component_its_stage_its_system_and_its_app(
    gateway: Gateway, now: list[float]
) -> None:
    async def one_after_another(number: int, path: str) -> list[httpx.Response]:
        return [await gateway.call(path) for _ in range(number)]

    at_every_place(gateway, rate(3), rate(2), rate(1), rate(4))
    of_component = await one_after_another(2, "/api/cmdb/prod/search")
    assert statuses(of_component) == {200: 1, 429: 1}
    assert refusal(of_component) == (1642903, "component cmdb/prod/search")
    of_stage = await one_after_another(2, "/api/cmdb/prod/other")
    assert statuses(of_stage) == {200: 1, 429: 1}
    assert refusal(of_stage) == (1642902, "stage cmdb/prod")
    of_system = await one_after_another(2, "/api/cmdb/test/search")
    assert statuses(of_system) == {200: 1, 429: 1}
    assert refusal(of_system) == (1642902, "system cmdb")
    at_every_place(gateway, rate(9), rate(9), rate(9), rate(4))
    of_app = await one_after_another(2, "/api/cmdb/test/other")
    assert statuses(of_app) == {200: 1, 429: 1}
    assert refusal(of_app) == (1642902, "app shop")


async def test_a_total_of_a_component_is_told_apart_from_its_stages(gateway: Gateway, now: list[float]) -> None:
    def total(most: int) -> dict[str, Any]:
        return {"kind": "rate-limit", "config": {"total": [{"period": MINUTE, "tokens": most}]}}

    at_every_place(gateway, total(9), total(2), total(1), rate(9))
    assert refusal([await gateway.call("/api/cmdb/prod/search") for _ in range(2)]) == (
        1642903,
        "component cmdb/prod/search",
    )
    assert refusal([await gateway.call("/api/cmdb/prod/other") for _ in range(2)]) == (1642901, "stage cmdb/prod")


async def test_a_new_release_goes_on_counting(gateway: Gateway, now: list[float]) -> None:
    gateway.system(component("search"), policies=[rate(3)])
    await calls(gateway, 2)
    gateway.system(component("search"), release="2.0.0", policies=[rate(3)])
    assert statuses(await calls(gateway, 3)) == {200: 1, 429: 2}


async def test_the_limits_of_an_app_hold_wherever_it_calls(gateway: Gateway, now: list[float]) -> None:
    gateway.system(component("search"), component("other", policies=[rate(10)]))
    gateway.app({"system": "cmdb", "component": None}, policies=[rate(3)])
    gateway.app({"system": "cmdb", "component": None}, code="desk")
    assert statuses(await calls(gateway, 2)) == {200: 2}
    answer = await gateway.call("/api/cmdb/prod/other")
    assert answer.headers["x-bkapi-ratelimit-remaining"] == "0"
    for path in ("/api/cmdb/prod/search", "/api/cmdb/prod/other"):
        refused = await gateway.call(path)
        assert (refused.status_code, refused.json()["code"]) == (429, 1642902)
        assert (await gateway.call(path, bearer=token("desk"))).status_code == 200


async def test_users_and_addresses_can_be_counted_too(gateway: Gateway, now: list[float]) -> None:
    gateway.system(
        component("search", policies=[rate(1, per="user")]), component("other", policies=[rate(1, per="address")])
    )
    for user in ("ann", "bob"):
        bearer = token(sub=user)
        answers = [await gateway.call("/api/cmdb/prod/search", bearer=bearer) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
    assert statuses(await calls(gateway, 2, "/api/cmdb/prod/other")) == {200: 1, 429: 1}


async def test_callers_without_an_app_are_counted_as_one(gateway: Gateway, now: list[float]) -> None:
    open_to_all = component("search", app_required=False, grant_required=False, policies=[rate(2)])
    gateway.system(open_to_all)
    answers = [await gateway.http.post("/api/cmdb/prod/search") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_a_quota_counts_the_calendar_day_and_month(gateway: Gateway, now: list[float]) -> None:
    allowances = {"__default": [{"period": "day", "calls": 2}, {"period": "month", "calls": 3}]}
    gateway.system(component("search"), policies=[{"kind": "quota", "config": {"allowances": allowances}}])
    now[0] = 1_796_083_200.0  # 2026-12-01 00:00 UTC
    bearer = token(iat=int(now[0]), exp=int(now[0]) + 100_000)
    answers = await calls(gateway, 3, bearer=bearer)
    assert statuses(answers) == {200: 2, 429: 1}
    assert {answer.headers["x-bkapi-ratelimit-plugin"] for answer in answers} == {"quota"}
    now[0] += 86_400
    assert statuses(await calls(gateway, 3, bearer=bearer)) == {200: 1, 429: 2}


async def test_esb_clients_are_told_in_their_envelope(gateway: Gateway, now: list[float]) -> None:
    gateway.system(component("search"), policies=[rate(1)])
    body = {"bk_app_code": "shop", "bk_app_secret": SECRET}
    first, second = [await gateway.http.post("/api/c/compapi/v2/cc/search/", json=body) for _ in range(2)]
    assert first.json()["result"] is True
    assert (second.status_code, second.json()["code"], second.json()["result"]) == (200, 1306429, False)


@pytest.mark.parametrize("processes", [1, 2, 3])
async def test_processes_that_count_by_themselves_share_a_limit_out(
    gateway: Gateway, now: list[float], processes: int
) -> None:
    admitted = 0
    for rank in range(processes):
        gateway.holder.peers = Peers(rank, processes)
        gateway.system(component("search"), name=f"cmdb{rank}", policies=[rate(8)])
        gateway.app({"system": f"cmdb{rank}", "component": None})
        bearer = token(scope=f"cmdb{rank}.search cmdb:read")
        admitted += statuses(await calls(gateway, 10, f"/api/cmdb{rank}/prod/search", bearer=bearer))[200]
    assert admitted == 8


async def held(gateway: Gateway, number: int) -> list[asyncio.Task[httpx.Response]]:
    """Calls that reached the upstream and wait for its answer."""
    gateway.upstream.gate = asyncio.Event()
    tasks = [asyncio.create_task(gateway.call("/api/cmdb/prod/search")) for _ in range(number)]
    while len(gateway.upstream.received) < number:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
    return tasks


async def released(gateway: Gateway, tasks: list[asyncio.Task[httpx.Response]]) -> list[httpx.Response]:
    gate, gateway.upstream.gate = gateway.upstream.gate, None
    assert gate is not None
    gate.set()
    return await asyncio.gather(*tasks)


CONCURRENCY = {"kind": "concurrency-limit", "config": {"per_app": 3, "total": 4}}


async def test_only_so_many_calls_are_under_way_until_their_answers_end(gateway: Gateway) -> None:
    gateway.system(component("search"), policies=[CONCURRENCY])
    gateway.app({"system": "cmdb", "component": None}, code="desk")
    tasks = await held(gateway, 3)
    refused = await gateway.call("/api/cmdb/prod/search")
    assert (refused.status_code, refused.json()["code"]) == (429, 1642904)
    assert statuses(await released(gateway, tasks)) == {200: 3}
    assert (await gateway.call("/api/cmdb/prod/search")).status_code == 200
    assert gateway.plane._governing.limits._underway._places == {"stage:cmdb/prod": {}}


@pytest.mark.parametrize(
    ("limits", "place"),
    [
        ((1, 5, 5, 5), "system cmdb"),
        ((5, 1, 5, 5), "stage cmdb/prod"),
        ((5, 5, 1, 5), "component cmdb/prod/search"),
        ((5, 5, 5, 1), "app shop"),
    ],
)
async def test_a_call_is_under_way_at_all_its_places(gateway: Gateway, limits: tuple[int, ...], place: str) -> None:
    at_every_place(gateway, *({"kind": "concurrency-limit", "config": {"per_app": most}} for most in limits))
    tasks = await held(gateway, 1)
    assert refusal([await gateway.call("/api/cmdb/prod/search")]) == (1642904, place)
    assert statuses(await released(gateway, tasks)) == {200: 1}
    assert not any(gateway.plane._governing.limits._underway._places.values())


async def test_a_call_whose_client_goes_away_makes_room(gateway: Gateway) -> None:
    gateway.system(component("search"), policies=[{"kind": "concurrency-limit", "config": {"total": 1}}])
    (task,) = await held(gateway, 1)
    task.cancel()
    await asyncio.wait([task])
    gateway.upstream.gate = None
    while (await gateway.call("/api/cmdb/prod/search")).status_code == 429:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)


async def test_a_call_that_a_rate_limit_refuses_does_not_stay_under_way(gateway: Gateway, now: list[float]) -> None:
    gateway.system(component("search"), policies=[CONCURRENCY, rate(5)])
    for _ in range(4):
        await calls(gateway, 3)
    assert len(gateway.upstream.received) == 5
    assert gateway.plane._governing.limits._underway._places == {"stage:cmdb/prod": {}}
