import asyncio
import ipaddress

import pytest

from kernel.transport import address_problem
from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.errors import AddressDenied, InvalidRequest, ResolveFailed
from kernel.transport.origin import Origin, parse_url

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
    "224.0.0.1", "239.255.255.250", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fd00:ec2::254", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_that_are_not_public_are_denied(address):
    assert not AddressPolicy().permits(Origin("http", "evil.example", 80), ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_permitted(address):
    assert AddressPolicy().permits(Origin("http", "dns.example", 80), ipaddress.ip_address(address))


def test_only_the_exact_origin_that_was_listed_is_permitted_inside():
    policy = AddressPolicy.allowing(["http://127.0.0.1:8080"])
    loopback = ipaddress.ip_address("127.0.0.1")
    assert policy.permits(Origin("http", "127.0.0.1", 8080), loopback)
    for other in (
        Origin("http", "127.0.0.1", 8081),
        Origin("https", "127.0.0.1", 8080),
        Origin("http", "localhost", 8080),
    ):
        assert not policy.permits(other, loopback)


def test_a_listed_network_is_permitted_for_every_origin():
    policy = AddressPolicy.allowing(networks=["10.20.0.0/16"])
    assert policy.permits(Origin("http", "a.corp", 80), ipaddress.ip_address("10.20.3.4"))
    assert not policy.permits(Origin("http", "a.corp", 80), ipaddress.ip_address("10.21.3.4"))


async def test_a_name_that_resolves_inside_is_denied_and_one_that_does_not_resolve_says_so():
    with pytest.raises(AddressDenied):
        await resolve(Origin("http", "localhost", 80), AddressPolicy())
    with pytest.raises(ResolveFailed):
        await resolve(Origin("http", "does-not-exist.invalid", 80), AddressPolicy())


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://a.example", "http://a.example", "/"),
        ("HTTPS://A.Example:443/x?y#z", "https://a.example", "/x?y"),
        ("http://[::1]:8080/p", "http://[::1]:8080", "/p"),
    ],
)
def test_an_address_is_split_into_origin_and_target(url, origin, target):
    parsed = parse_url(url)
    assert (str(parsed[0]), parsed[1]) == (origin, target)


@pytest.mark.parametrize("url", ["http://", "x", "http://a:b", "http://a:99999", "http://u@a", "file:///etc/passwd"])
def test_what_is_not_an_address_is_refused(url):
    with pytest.raises(InvalidRequest):
        parse_url(url)


async def test_a_name_that_no_resolver_answers_for_holds_nobody_up(monkeypatch):
    async def never(_origin, _policy):
        await asyncio.Event().wait()

    monkeypatch.setattr(address_problem, "resolve", never)
    monkeypatch.setattr(address_problem, "_PATIENCE_SECONDS", 0.01)
    assert "no resolver answers" in await address_problem.address_problem(AddressPolicy(), "https://slow.example/")
