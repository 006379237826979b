"""BlueKing's plugins as policies, one to one where they mean the same (facts: BlueKing API Gateway 1.24, APISIX 3)."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from gateway.policies.kinds.policy import Policy, PolicyError, read_config
from gateway.policies.kinds.rate_limit import DEFAULT
from gateway.policies.kinds.registry import KINDS
from kernel.errors import FieldProblem
from kernel.yaml_text import Unreadable, read_yaml

_LONGEST = 262_144
_WILDCARD_ORIGIN = re.compile(r"\^(https?)://\.[*+]\\\.((?:[A-Za-z0-9-]+\\\.)*[A-Za-z0-9-]+)(:\d+)?\$")

Document = Mapping[str, Any]


class PluginUnsupported(ValueError):
    """A plugin, or something a plugin asks for, that no policy says; the message tells what to do instead."""


def from_blueking(plugin: str, yaml_text: str) -> Policy:
    """The policy that does what a plugin of that type does with that configuration.

    Raises:
        PluginUnsupported: there is no such policy.
        PolicyError: the configuration is malformed.
    """
    convert = _PLUGINS.get(plugin)
    if convert is None:
        remedy = _ELSEWHERE.get(plugin, "leave it out")
        raise PluginUnsupported(f"plugin {plugin} is no policy here; {remedy}")
    try:
        kind, config = convert(_read(yaml_text))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        if isinstance(problem, PluginUnsupported | PolicyError):
            raise
        raise PolicyError((FieldProblem("yaml", f"is not the configuration of a {plugin}"),)) from problem
    return Policy(kind, read_config(KINDS[kind], config, plugin))


def _read(text: str) -> Document:
    if len(text) > _LONGEST:
        raise PolicyError((FieldProblem("yaml", f"is longer than {_LONGEST} signs"),))
    try:
        document = read_yaml(text, takes_aliases=False)  # by which a short text unfolds into an endless one
    except Unreadable as problem:
        raise PolicyError((FieldProblem("yaml", str(problem)),)) from problem
    if not isinstance(document, dict):
        raise PolicyError((FieldProblem("yaml", "is not a mapping"),))
    return document


def _rate_limit(document: Document) -> tuple[str, Document]:
    rates = dict(document["rates"])
    if "default" in rates or "specials" in rates:
        # As the console's form sends it.
        special = {each["bk_app_code"]: [_rate(each)] for each in rates.get("specials") or ()}
        return "rate-limit", {"rates": {DEFAULT: [_rate(rates["default"])], **special}}
    return "rate-limit", {"rates": {app: [_rate(each) for each in listed] for app, listed in rates.items()}}


def _rate(document: Document) -> Document:
    return {"period": document["period"], "tokens": document["tokens"]}


def _cors(document: Document) -> tuple[str, Document]:
    credentials = document.get("allow_credential") is True
    origins = _listed(document.get("allow_origins"))
    if "**" in origins:
        if credentials:
            raise PluginUnsupported("bk-cors: allow_origins ** with credentials lets every page call; list the origins")
        origins = ["*"]
    origins += [_wildcard(pattern) for pattern in document.get("allow_origins_by_regex") or ()]
    config: dict[str, Any] = {"allow_origins": origins, "allow_credentials": credentials}
    methods, headers = _listed(document.get("allow_methods")), _listed(document.get("allow_headers"))
    if not {"*", "**"} & set(methods):
        config["allow_methods"] = methods
    if not {"*", "**"} & set(headers):
        config["allow_headers"] = headers
    config["expose_headers"] = [each for each in _listed(document.get("expose_headers")) if each not in ("*", "**")]
    if "max_age" in document:
        config["max_age"] = max(0, min(document["max_age"], 86400))
    return "cors", config


def _listed(text: str | None) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()] if text else []


def _wildcard(pattern: str) -> str:
    """`https://*.example.com` from the regular expression people write for it."""
    found = _WILDCARD_ORIGIN.fullmatch(pattern)
    if found is None:
        raise PluginUnsupported(f"bk-cors: the origins {pattern} can't be said as https://*.example.com; list them")
    return f"{found[1]}://*.{found[2].replace(chr(92), '')}{found[3] or ''}"


def _header_rewrite(document: Document) -> tuple[str, Document]:
    return "header-rewrite", {"request": _rewrite(document)}


def _response_rewrite(document: Document) -> tuple[str, Document]:
    if document.keys() - {"headers"}:
        raise PluginUnsupported("response-rewrite: only headers can be rewritten; let the upstream answer otherwise")
    return "header-rewrite", {"response": _rewrite(document["headers"])}


def _rewrite(document: Document) -> Document:
    put, gone = document.get("set") or (), document.get("remove") or ()
    pairs = put.items() if isinstance(put, dict) else [(each["key"], each["value"]) for each in put]
    names = [each["key"] if isinstance(each, dict) else each for each in gone]
    return {"set": {name: str(value) for name, value in pairs}, "remove": names}


def _ip_restriction(document: Document) -> tuple[str, Document]:
    config = {"allow": _addresses(document.get("whitelist")), "deny": _addresses(document.get("blacklist"))}
    return "ip-restriction", {name: listed for name, listed in config.items() if listed}


def _addresses(text: str | list[str] | None) -> list[str]:
    """One a line, `#` begins a comment; older gateways kept a list."""
    lines = text.splitlines() if isinstance(text, str) else text or []
    return [line for each in lines if (line := each.strip()) and not line.startswith("#")]


def _body_limit(document: Document) -> tuple[str, Document]:
    return "body-limit", {"max_bytes": document["max_body_size"]}


def _mock(document: Document) -> tuple[str, Document]:
    headers = {each["key"]: str(each["value"]) for each in document.get("response_headers") or ()}
    body = document.get("response_example") or ""
    return "mock", {"status": document["response_status"], "body": body, "headers": headers}


def _redirect(document: Document) -> tuple[str, Document]:
    if document.get("http_to_https") or document.get("regex_uri") or "$" in document.get("uri", ""):
        raise PluginUnsupported("redirect: only a fixed uri can be said; map the path of a component instead")
    named = {"location": "uri", "status": "ret_code", "append_query": "append_query_string"}
    return "redirect", {name: document[theirs] for name, theirs in named.items() if theirs in document}


def _circuit_breaker(document: Document) -> tuple[str, Document]:
    unhealthy, healthy = document.get("unhealthy") or {}, document.get("healthy") or {}
    most = max(1, min(document.get("max_breaker_sec", 300), 3600))
    return "circuit-breaker", {
        "failures": unhealthy.get("failures", 3),
        "ratio": 0,
        "statuses": list(unhealthy.get("http_statuses", [500])),
        "open_seconds": min(2, most),
        "max_open_seconds": most,
        "trial_calls": healthy.get("successes", 3),
    }


def _fault_injection(document: Document) -> tuple[str, Document]:
    config: dict[str, Any] = {}
    if abort := document.get("abort"):
        headers = {name: str(value) for name, value in (abort.get("headers") or {}).items()}
        config["abort"] = {"status": abort["http_status"], "body": abort.get("body", ""), "headers": headers}
    if delay := document.get("delay"):
        config["delay"] = {"seconds": delay["duration"]}
    for name, fault in config.items():
        if document[name].get("vars"):
            raise PluginUnsupported("fault-injection: conditions on variables can't be said; give a percentage")
        fault["percentage"] = document[name].get("percentage", 100)
    return "fault-injection", config


def _response_cache(document: Document) -> tuple[str, Document]:
    config: dict[str, Any] = {"ttl": document.get("cache_ttl", 300)}
    if "cache_http_status" in document:
        config["statuses"] = document["cache_http_status"]
    return "response-cache", config


_PLUGINS: Final[Mapping[str, Callable[[Document], tuple[str, Document]]]] = MappingProxyType(
    {
        "bk-rate-limit": _rate_limit,
        "bk-cors": _cors,
        "bk-header-rewrite": _header_rewrite,
        "response-rewrite": _response_rewrite,
        "bk-ip-restriction": _ip_restriction,
        "bk-request-body-limit": _body_limit,
        "bk-mock": _mock,
        "redirect": _redirect,
        "api-breaker": _circuit_breaker,
        "fault-injection": _fault_injection,
        "proxy-cache": _response_cache,
    }
)
_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "request-validation": "give the component a body schema",
        "bk-username-required": "set user_required on the component",
        "bk-user-restriction": "grant the apps of those users instead",
        "bk-verified-user-exempted-apps": "clear user_required on the component",
        "bk-query-string-rewrite": "map the component's query parameters",
        "uri-blocker": "leave out the components that must not be called",
        "bk-status-rewrite": "set envelope on the stage",
    }
)
