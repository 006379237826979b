"""Pages of other origins, as a browser asks for them and reads the answers."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.steps.cors import ShareWithOrigins
from gateway.policies.kinds.cors import Cors
from tests.gateway.dataplane.conftest import Gateway, component

HOME, EVIL = "https://console.example.com", "https://evil.example.net"


def cors(**config: Any) -> dict[str, Any]:
    return {"kind": "cors", "config": {"allow_origins": [HOME, "https://*.apps.example.com"], **config}}


def asking(origin: str = HOME, method: str = "POST", headers: str = "authorization") -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
    }


def told(answer: Any) -> dict[str, str]:
    prefix = "access-control-"
    return {name.removeprefix(prefix): value for name, value in answer.headers.items() if name.startswith(prefix)}


@pytest.mark.parametrize("path", ["/api/cmdb/prod/search", "/api/c/compapi/v2/cc/search/"])
async def test_a_preflight_is_answered_without_a_credential(gateway: Gateway, path: str) -> None:
    config = {"allow_headers": ["authorization", "x-a"], "allow_credentials": True, "max_age": 60}
    gateway.system(component("search"), policies=[cors(**config)])
    answer = await gateway.http.request("OPTIONS", path, headers=asking())
    assert answer.status_code == 204
    assert told(answer) == {
        "allow-origin": HOME,
        "allow-credentials": "true",
        "allow-methods": "GET, POST" if "compapi" in path else "POST",
        "allow-headers": "authorization, x-a",
        "max-age": "60",
    }
    assert gateway.upstream.received == []


async def test_a_preflight_of_another_origin_or_method_allows_nothing(gateway: Gateway) -> None:
    gateway.system(component("search"), component("plain", policies=[]), policies=[cors()])
    refused = await gateway.http.request("OPTIONS", "/api/cmdb/prod/search", headers=asking(EVIL))
    assert (refused.status_code, told(refused)) == (204, {})
    other = await gateway.http.request("OPTIONS", "/api/cmdb/prod/search", headers=asking(method="DELETE"))
    assert (other.status_code, told(other)) == (404, {})


async def test_without_the_policy_a_preflight_finds_nothing(gateway: Gateway) -> None:
    answer = await gateway.http.request("OPTIONS", "/api/cmdb/prod/search", headers=asking())
    assert (answer.status_code, told(answer)) == (404, {})


async def test_options_that_a_component_answers_itself_goes_through(gateway: Gateway) -> None:
    gateway.system(component("search", "ANY"), policies=[cors()])
    own = await gateway.call("/api/cmdb/prod/search", "OPTIONS")
    assert (own.status_code, len(gateway.upstream.received)) == (200, 1)
    preflight = await gateway.http.request("OPTIONS", "/api/cmdb/prod/search", headers=asking(method="PUT"))
    assert told(preflight)["allow-methods"] == "GET, HEAD, POST, PUT, PATCH, DELETE"
    assert told(preflight)["allow-headers"] == "authorization"


async def test_answers_and_refusals_can_be_read_by_the_allowed_origins_alone(gateway: Gateway) -> None:
    gateway.upstream.headers.append((b"access-control-allow-origin", b"*"))
    gateway.system(component("search"), policies=[cors(expose_headers=["x-request-id"])])
    for origin in (HOME, "https://x.apps.example.com"):
        answer = await gateway.call("/api/cmdb/prod/search", headers={"origin": origin})
        assert told(answer) == {"allow-origin": origin, "expose-headers": "x-request-id"}
        assert answer.headers["vary"] == "Origin"
    for origin in (
        EVIL,
        "https://apps.example.com",
        "https://evil.net/.apps.example.com",
        "http://console.example.com",
    ):
        assert told(await gateway.call("/api/cmdb/prod/search", headers={"origin": origin})) == {}
    refused = await gateway.http.post("/api/cmdb/prod/search", headers={"origin": HOME})
    assert (refused.status_code, told(refused)["allow-origin"]) == (401, HOME)


async def test_any_origin(gateway: Gateway) -> None:
    gateway.system(component("search"), policies=[{"kind": "cors", "config": {"allow_origins": ["*"]}}])
    answer = await gateway.call("/api/cmdb/prod/search", headers={"origin": EVIL})
    assert told(answer) == {"allow-origin": "*"}
    assert "vary" not in answer.headers


SHARING = ShareWithOrigins(Cors(allow_origins=(HOME, "https://*.apps.example.com")), ("POST",))
ORIGINS = st.lists(
    st.sampled_from(
        ["https://", "http://", "console", ".", "apps", "example", ".com", "evil.net", "/", "@", ":", "443", "?", "#"]
    ),
    max_size=8,
).map("".join)


@given(ORIGINS | st.text(st.characters(min_codepoint=33, max_codepoint=126)))
@example("https://evil.net/x.apps.example.com")
@example("https://evil.net#.apps.example.com")
@example("https://user@x.apps.example.com")
@example("https://.apps.example.com")
def test_whatever_is_allowed_is_a_listed_origin_or_a_host_below_a_listed_domain(origin: str) -> None:
    headers = InboundHeaders({}, [b"origin", b": ", origin.encode(), b"\r\n"])
    if not any(name == b"access-control-allow-origin" for name, _ in SHARING.preflight(headers).headers):
        return
    parts = urlsplit(origin)
    assert f"{parts.scheme}://{parts.hostname}" == origin.lower()
    assert origin.lower() == HOME or (parts.scheme == "https" and str(parts.hostname).endswith(".apps.example.com"))
