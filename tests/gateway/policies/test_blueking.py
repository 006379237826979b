"""BlueKing's plugin configurations, as their console and their definition files write them."""

from typing import Any

import pytest

from gateway.policies.kinds.blueking import PluginUnsupported, from_blueking
from gateway.policies.kinds.policy import PolicyError
from tests.support.policies import PAGE


@pytest.mark.parametrize(
    ("plugin", "text", "kind", "config"),
    [
        (
            "bk-rate-limit",
            "rates: {__default: [{period: 60, tokens: 100}], shop: [{period: 1, tokens: 10}]}",
            "rate-limit",
            {"rates": {"__default": [{"period": 60, "tokens": 100}], "shop": [{"period": 1, "tokens": 10}]}},
        ),
        (
            "bk-rate-limit",
            "rates:\n  default: {period: 1, tokens: 5}\n  specials: [{period: 60, bk_app_code: shop, tokens: 7}]\n",
            "rate-limit",
            {"rates": {"__default": [{"period": 1, "tokens": 5}], "shop": [{"period": 60, "tokens": 7}]}},
        ),
        (
            "bk-header-rewrite",
            "set: [{key: X-A, value: a}]\nremove: [{key: X-B}]",
            "header-rewrite",
            {"request": {"set": {"x-a": "a"}, "remove": ["x-b"]}},
        ),
        (
            "response-rewrite",
            "headers: {set: {X-A: 1}, remove: [Server]}",
            "header-rewrite",
            {"response": {"set": {"x-a": "1"}, "remove": ["server"]}},
        ),
        (
            "bk-ip-restriction",
            "whitelist: |-\n  # office\n  10.0.0.0/8\n\n  192.168.1.1\n",
            "ip-restriction",
            {"allow": ["10.0.0.0/8", "192.168.1.1"]},
        ),
        ("bk-ip-restriction", "blacklist: [10.1.1.1]", "ip-restriction", {"deny": ["10.1.1.1"]}),
        ("bk-request-body-limit", "max_body_size: 2048", "body-limit", {"max_bytes": 2048}),
        (
            "bk-mock",
            'response_status: 201\nresponse_example: "{}"\nresponse_headers: [{key: Content-Type, value: text/plain}]',
            "mock",
            {"status": 201, "body": "{}", "headers": {"content-type": "text/plain"}},
        ),
        (
            "bk-cors",
            (
                "allow_origins: 'https://a.example.com,https://b.example.com:8443'\nallow_methods: '**'\n"
                "allow_headers: '**'\nexpose_headers: ''\nmax_age: 600\nallow_credential: true"
            ),
            "cors",
            {
                "allow_origins": ["https://a.example.com", "https://b.example.com:8443"],
                "allow_credentials": True,
                "expose_headers": [],
                "max_age": 600,
            },
        ),
        (
            "bk-cors",
            (
                "allow_origins_by_regex: ['^https://.*\\.example\\.com$']\nallow_methods: GET,POST\n"
                "allow_headers: X-A\nexpose_headers: ''\nallow_credential: false"
            ),
            "cors",
            {
                "allow_origins": ["https://*.example.com"],
                "allow_credentials": False,
                "allow_methods": ["GET", "POST"],
                "allow_headers": ["x-a"],
                "expose_headers": [],
            },
        ),
        ("redirect", "uri: /new\nret_code: 301", "redirect", {"location": "/new", "status": 301}),
        (
            "api-breaker",
            (
                "break_response_code: 502\nmax_breaker_sec: 60\nunhealthy: {http_statuses: [500], failures: 4}\n"
                "healthy: {successes: 2}"
            ),
            "circuit-breaker",
            {
                "failures": 4, "ratio": 0.0, "statuses": [500], "open_seconds": 2.0, "max_open_seconds": 60.0,
                "trial_calls": 2,
            },
        ),
        (
            "fault-injection",
            "abort: {http_status: 503, body: sorry, percentage: 10}\ndelay: {duration: 2}",
            "fault-injection",
            {
                "abort": {"status": 503, "body": "sorry", "headers": {}, "percentage": 10.0},
                "delay": {"seconds": 2.0, "percentage": 100.0},
            },
        ),
        (
            "proxy-cache",
            "cache_ttl: 30\ncache_http_status: [200]",
            "response-cache",
            {"ttl": 30, "statuses": [200]},
        ),
    ],
)  # fmt: skip
def test_a_plugin_becomes_the_policy_that_does_the_same(plugin: str, text: str, kind: str, config: Any) -> None:
    assert from_blueking(plugin, text).to_document() == {"kind": kind, "config": config}
    assert f"| `{plugin}`" in PAGE.read_text()


@pytest.mark.parametrize(
    ("plugin", "text", "remedy"),
    [
        ("uri-blocker", "{}", "leave out the components"),
        ("bk-traffic-label", "{}", "leave it out"),
        ("redirect", "http_to_https: true", "only a fixed uri"),
        ("redirect", "uri: $uri/x", "only a fixed uri"),
        ("bk-cors", "allow_origins: '**'\nallow_credential: true", "list the origins"),
        ("bk-cors", "allow_origins_by_regex: ['.*']", "list them"),
        ("fault-injection", "abort: {http_status: 500, vars: [[arg_a, ==, b]]}", "give a percentage"),
        ("response-rewrite", "body: x", "only headers"),
    ],
)
def test_what_no_policy_says_is_refused_with_what_to_do_instead(plugin: str, text: str, remedy: str) -> None:
    with pytest.raises(PluginUnsupported, match=remedy):
        from_blueking(plugin, text)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "rates", "rates: 1", "rates: {__default: 5}", "rates: {__default: [{period: 7, tokens: 1}]}", "{",
        "rates: {specials: [{}]}", "a: &a [1]\nrates: {__default: *a}", "rates: !!python/object:os.system {}",
        "x" * 300_000, "rates: {default: null}",
    ],
)  # fmt: skip
def test_a_malformed_configuration_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        from_blueking("bk-rate-limit", text)
