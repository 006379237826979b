"""The verified mark of publishers, by what a DNS server says."""

from dataclasses import replace
from typing import Any

import pytest

from kernel.clock import ManualClock
from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.dns_server import dns_server
from tests.support.marketplace import MarketplaceHouse, Told, as_user, build_house, call_of
from tests.support.packages import FIND_HOST, manifest_of
from tests.support.server import free_port

ONLY_VERIFIED = {"rules": [{"effect": "deny", "verified": False, "reason": "prove who you are"}]}


async def _claim(house: MarketplaceHouse, user: str = "alice", domain: str = "acme.example") -> Any:
    path = "/publishers/acme/domain"
    return await house.client.put(path, json={"domain": domain}, headers=as_user(user))


async def _verify(house: MarketplaceHouse, user: str = "alice") -> Any:
    return await house.client.post("/publishers/acme:verify", headers=as_user(user))


async def test_the_domains_dns_gives_the_mark_and_takes_it_away(kernel: KernelServices) -> None:
    async with dns_server() as zone:
        house = build_house(kernel, dns_servers=(f"127.0.0.1:{zone.port}",))
        await house.publish(FIND_HOST, "alice")
        await house.publish(manifest_of(FIND_HOST, code="unproven", publisher="bobs"), "bob")
        record = (await _claim(house)).json()["record"]
        assert record["name"] == "_trunkline-publisher.acme.example"
        assert (await _verify(house)).json()["verified_at"] is None, "nothing stands there"
        zone.texts[record["name"]] = ["v=spf1 -all", record["text"].replace("acme", "bobs")]
        assert (await _verify(house)).json()["verified_at"] is None, "made for another"
        zone.texts[record["name"]].append(record["text"])
        assert (await _verify(house)).json()["verified_at"] is not None
        assert (await house.client.get("/plugins/find_host")).json()["verified_domain"] == "acme.example"
        found = (await house.client.get("/plugins?verified=true")).json()["items"]
        assert [plugin["code"] for plugin in found] == ["find_host"]
        del zone.texts[record["name"]]
        assert (await _verify(house, "admin")).json()["verified_at"] is None
        assert (await house.client.get("/plugins?verified=true")).json()["items"] == []
        await house.close()


async def test_publishers_are_listed_page_by_page_by_name(house: MarketplaceHouse) -> None:
    for number, name in enumerate(("carol", "alice", "bob")):
        await house.publish(manifest_of(FIND_HOST, code=f"plugin_{number}", publisher=name))
    first = (await house.client.get("/publishers?limit=2")).json()
    last = (await house.client.get("/publishers", params={"limit": 2, "cursor": first["next"]})).json()
    names = [[each["name"] for each in page["items"]] for page in (first, last)]
    assert (names, last["next"]) == ([["alice", "bob"], ["carol"]], None)


async def test_a_mark_whose_record_goes_is_lost_within_a_day_and_the_owner_told(
    kernel: KernelServices, clock: ManualClock
) -> None:
    async with dns_server() as zone:
        house = build_house(kernel, dns_servers=(f"127.0.0.1:{zone.port}",))
        told = Told()
        rechecks = replace(house.unit.rechecks, notices=told)
        await house.publish(FIND_HOST, "alice")
        record = (await _claim(house)).json()["record"]
        assert not await rechecks.run(), "nothing is verified"
        zone.texts[record["name"]] = [record["text"]]
        await _verify(house)
        assert not await rechecks.run(), "it was looked at just now"
        clock.advance(days=1, seconds=1)
        assert await rechecks.run()
        assert not await rechecks.run(), "once a day"
        (publisher,) = (await house.client.get("/publishers")).json()["items"]
        assert (publisher["verified_at"] is not None, told.words) == (True, [])
        del zone.texts[record["name"]]
        clock.advance(days=1, seconds=1)
        await rechecks.run()
        (publisher,) = (await house.client.get("/publishers")).json()["items"]
        assert publisher["verified_at"] is None
        ((whom, words),) = told.words
        assert (whom, record["text"] in words) == ("alice", True)
        await house.close()


async def test_resolvers_that_are_away_take_no_mark(
    kernel: KernelServices, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dns_server() as zone:
        house = build_house(kernel, dns_servers=(f"127.0.0.1:{zone.port}",))
        await house.publish(FIND_HOST, "alice")
        record = (await _claim(house)).json()["record"]
        zone.texts[record["name"]] = [record["text"]]
        await _verify(house)
        await house.close()
    monkeypatch.setattr("marketplace.publishers.dns_proof._SECONDS", 0.05)
    away = build_house(kernel, dns_servers=("127.0.0.1:1",))
    clock.advance(days=1, seconds=1)
    assert await away.unit.rechecks.run()
    (publisher,) = (await away.client.get("/publishers")).json()["items"]
    assert publisher["verified_at"] is not None
    assert not await away.unit.rechecks.run()
    clock.advance(hours=1, seconds=1)
    assert await away.unit.rechecks.run(), "asked again after an hour"
    await away.close()


async def test_a_policy_takes_only_plugins_of_verified_publishers(kernel: KernelServices) -> None:
    async with dns_server() as zone:
        nobody = f"http://127.0.0.1:{free_port()}"
        house = build_house(kernel, dns_servers=(f"127.0.0.1:{zone.port}",), gateway_url=nobody)
        await house.publish(FIND_HOST, "alice")
        assert (await house.client.put("/plugin-policy", json=ONLY_VERIFIED)).status_code == 200
        refused = await house.install("find_host", ["cmdb:read"])
        assert (refused.status_code, "prove who you are" in refused.json()["detail"]) == (403, True)
        record = (await _claim(house)).json()["record"]
        zone.texts[record["name"]] = [record["text"]]
        await _verify(house)
        assert (await house.install("find_host", ["cmdb:read"])).status_code == 201
        run = call_of("find_host", ["cmdb:read"], inputs={"ip": "10.0.0.1"})
        with pytest.raises(PluginUnavailable):  # it may run; there is no gateway here
            await house.unit.invoker.execute(run)
        del zone.texts[record["name"]]
        await _verify(house)
        error = (await house.unit.invoker.execute(run)).error
        assert error == (
            "find_host 1.0.0 may not run: the policy of the platform denies find_host: prove who you are"
        ), "at once, in nodes that run"
        (install,) = (await house.client.get("/projects/shop/installs")).json()["items"]
        assert "prove who you are" in install["refusal"]
        await house.close()


async def test_a_domain_is_claimed_by_the_publishers_owner_and_its_record_told_to_him_alone(
    house: MarketplaceHouse,
) -> None:
    await house.publish(FIND_HOST, "alice")
    assert (await _verify(house)).status_code == 409, "nothing is claimed"
    assert (await _claim(house, "bob")).status_code == 403
    for domain in ("localhost", "10.0.0.1", "acme.example.", "-a.example", "a b.example"):
        assert (await _claim(house, domain=domain)).status_code == 422, domain
    first = (await _claim(house)).json()["record"]
    assert (await _claim(house)).json()["record"] == first
    assert (await _claim(house, domain="other.example")).json()["record"]["text"] != first["text"]
    (seen,) = (await house.client.get("/publishers", headers=as_user("viewer"))).json()["items"]
    assert (seen["domain"], seen["record"]) == ("other.example", None)


async def test_a_resolver_that_is_away_changes_nothing_and_is_told(
    kernel: KernelServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.publishers.dns_proof._SECONDS", 0.05)
    house = build_house(kernel, dns_servers=("127.0.0.1:1",))
    await house.publish(FIND_HOST, "alice")
    await _claim(house)
    assert (await _verify(house)).status_code == 503
    await house.close()


@pytest.mark.parametrize("server", ["resolver.example", "127.0.0.1:x", "1.2.3"])
def test_a_resolver_is_named_by_its_address(server: str) -> None:
    with pytest.raises(ValueError, match="dns_servers"):
        Settings(dns_servers=(server,))
