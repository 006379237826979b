"""The verified mark of publishers, by what a DNS server says."""

from typing import Any

import pytest

from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.dns_server import dns_server
from tests.support.marketplace import MarketplaceHouse, as_user, build_house
from tests.support.packages import FIND_HOST, manifest_of


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


async def test_a_resolver_that_is_away_changes_nothing_and_is_told(kernel: KernelServices) -> None:
    house = build_house(kernel, dns_servers=("127.0.0.1:1",))
    await house.publish(FIND_HOST, "alice")
    await _claim(house)
    assert (await _verify(house)).status_code == 503
    await house.close()


@pytest.mark.parametrize("server", ["resolver.example", "127.0.0.1:x", "1.2.3"])
def test_a_resolver_is_named_by_its_address(server: str) -> None:
    with pytest.raises(ValueError, match="dns_servers"):
        Settings(dns_servers=(server,))
