"""No header by which a client could claim an identity, or that belongs to one hop, arrives: on any route."""

import pytest

from gateway.dataplane.app import DataPlane
from gateway.wire.request_headers import DROPPED, DROPPED_PREFIXES, KEPT
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from tests.gateway.dataplane.conftest import Gateway, Served, component, token

SEARCH = "/api/cmdb/prod/search"
ESB = "/api/c/compapi/v2/cmdb/search/"

_READ_HERE = {
    b"authorization", b"x-bkapi-authorization", b"x-bkapi-jwt", b"content-length", b"transfer-encoding", b"dpop",
}  # fmt: skip
_FRAMING = {"host", "connection", "expect", "content-length", "transfer-encoding", "upgrade", "http2-settings"}


def _names() -> list[str]:
    """Every name that is ours and each prefix, spelt with hyphens, with underscores, and in other letters."""
    own = {name.decode() for name in (DROPPED | KEPT) - _READ_HERE} - _FRAMING
    own |= {f"{prefix.decode()}anything" for prefix in DROPPED_PREFIXES}
    own -= {"x-bkapi-jwt", "content-type", "x-request-id", "idempotency-key", "x-use-test-env"}
    aliases = {name.replace("-", "_") for name in own} | {name.replace("-", "_", 1) for name in own}
    aliases |= {
        "x_bkapi_jwt",
        "x_bkapi_authorization",
        "X_Request_Id",
        "idempotency_key",
        "content_type",
        "proxy_connection",
    }
    aliases |= {"transfer_encoding", "content_length"}
    return sorted(own | aliases | {name.upper() for name in own})


FORGED = [(name, "forged") for name in _names()]

PROFILES = [
    {"profile": "none"},
    {"profile": "http-message-signature", "key_id": "cmdb", "secret": "hmac"},
    {"profile": "jwt", "key_id": "cmdb", "secret": "rsa"},
]
ROUTES = {
    "secured": {},
    "for everybody": {"app_required": False, "grant_required": False},
    "checked by a schema": {"body_schema": {"type": "object"}},
}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile["profile"])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("path", [SEARCH, ESB])
async def test_nothing_forged_arrives(gateway, profile, route, path):
    gateway.system(component("search", **ROUTES[route]), signing=profile)
    headers = [*FORGED, ("x-mine", "kept")]
    if route != "for everybody":
        headers.append(("authorization", f"Bearer {token()}"))
    answer = await gateway.http.post(path, headers=headers, json={"a": 1})
    assert answer.status_code == 200
    (received,) = gateway.upstream.received
    assert [(name, value) for name, value in received.headers if "forged" in value] == []
    assert received.header("x-mine") == "kept"


async def test_the_connection_header_cannot_strip_what_the_gateway_writes(gateway):
    for profile in PROFILES:
        gateway.system(component("search"), signing=profile)
        gateway.upstream.received.clear()
        await gateway.call(SEARCH, content=b"{}")
        written = {name for name, _ in gateway.upstream.received[0].headers} - {
            "accept",
            "accept-encoding",
            "user-agent",
        }
        await gateway.call(SEARCH, content=b"{}", headers={"connection": ", ".join(sorted(written))})
        assert written <= {name for name, _ in gateway.upstream.received[1].headers}


async def _forwarded_for(gateway, told, trusted):
    client = TransportClient(AddressPolicy.allowing([gateway.upstream.url]))
    plane = DataPlane(gateway.holder, client, public_url="https://gw.example", trusted_proxies=frozenset(trusted))
    async with Served(plane) as url:
        served = Gateway(url, gateway.upstream, gateway.holder, plane)
        await served.call(SEARCH, headers=told)
        await served.http.aclose()
        await plane.aclose()
    return [value for name, value in gateway.upstream.received[-1].headers if name == "x-forwarded-for"]


@pytest.mark.rfc("9700", "4.13", "What a proxy says of a request is believed of listed proxies alone")
async def test_who_forwarded_is_believed_of_trusted_proxies_only(gateway):
    told = [("x-forwarded-for", "6.6.6.6")]
    assert await _forwarded_for(gateway, told, trusted=[]) == ["127.0.0.1"]
    assert await _forwarded_for(gateway, told, trusted=["127.0.0.1"]) == ["6.6.6.6, 127.0.0.1"]
    assert await _forwarded_for(gateway, [("x_forwarded_for", "6.6.6.6")], trusted=["127.0.0.1"]) == ["127.0.0.1"]
