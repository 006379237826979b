"""What a flow engine says to a plugin, and the answers with what differs from run to run taken out.

Spoken with bk-plugin-framework, which was given the public half of the key as `APIGW_PUBLIC_KEY`, it writes the answers
ours are compared with: `python -m tests.support.plugin_conversation http://127.0.0.1:5000 key.pem > answers.json`.
"""

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

PREFIX = "/bk_plugin/"
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "meta": ("GET", "meta/", {}),
    "detail": ("GET", "detail/1.0.0", {}),
    "detail of a form": ("GET", "detail/1.1.0", {}),
    "detail of a callback": ("GET", "detail/1.2.0", {}),
    "detail of an unknown version": ("GET", "detail/9.9.9", {}),
    "meta posted": ("POST", "meta/", {"json": {}}),
    "invoke": ("POST", "invoke/1.0.0", {"json": {"inputs": {"hello": "you", "more": 1}, "context": {"executor": "a"}}}),
    "invoke with a number for a text": (
        "POST",
        "invoke/1.0.0",
        {"json": {"inputs": {"hello": 5}, "context": {"executor": "a"}}},
    ),
    "invoke without an input": ("POST", "invoke/1.0.0", {"json": {"inputs": {}, "context": {"executor": "a"}}}),
    "invoke without a context value": ("POST", "invoke/1.0.0", {"json": {"inputs": {"hello": "a"}, "context": {}}}),
    "invoke without context": ("POST", "invoke/1.0.0", {"json": {"inputs": {}}}),
    "invoke with inputs of a wrong type": ("POST", "invoke/1.0.0", {"json": {"inputs": [], "context": None}}),
    "invoke with a list": ("POST", "invoke/1.0.0", {"json": []}),
    "invoke without JSON": (
        "POST",
        "invoke/1.0.0",
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
    ),
    "invoke an unknown version": ("POST", "invoke/9.9.9", {"json": {"inputs": {}, "context": {}}}),
    "invoke by GET": ("GET", "invoke/1.0.0", {}),
    "fail at once": ("POST", "invoke/1.3.0", {"json": {"inputs": {"how": "error"}, "context": {}}}),
    "fail unexpectedly": ("POST", "invoke/1.3.0", {"json": {"inputs": {"how": "unexpected"}, "context": {}}}),
    "keep what isn't JSON": ("POST", "invoke/1.3.0", {"json": {"inputs": {"how": "odd"}, "context": {}}}),
    "schedule of an unknown run": ("GET", "schedule/" + "0" * 32, {}),
    "callback with an invalid token": ("POST", "callback/nonsense/", {"json": {}}),
    "dispatch": (
        "POST",
        "plugin_api_dispatch/",
        {
            "json": {
                "url": "/bk_plugin/plugin_api/echo/?q=1",
                "method": "GET",
                "username": "u",
                "data": {"q": "2"},
            },
            "headers": {"Bk-Plugin-Place": "here"},
        },
    ),
    "dispatch a query of its own": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/plugin_api/echo/?q=1", "method": "GET", "username": "u"}},
    ),
    "dispatch by POST": (
        "POST",
        "plugin_api_dispatch/",
        {
            "json": {
                "url": "/bk_plugin/plugin_api/echo/",
                "method": "post",
                "username": "u",
                "data": {"a": 1},
                "dumped_data": '{"b": [2]}',
            }
        },
    ),
    "dispatch to a path with a part": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/plugin_api/hosts/7/", "method": "get", "username": "u"}},
    ),
    "dispatch to nowhere": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/plugin_api/none/", "method": "GET", "username": "u"}},
    ),
    "dispatch to a view that breaks": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/plugin_api/broken/", "method": "GET", "username": "u"}},
    ),
    "dispatch to a place that isn't a data API": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/meta/", "method": "GET", "username": "u"}},
    ),
    "dispatch by another method": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/plugin_api/echo/", "method": "PUT", "username": "u"}},
    ),
    "dispatch without a user": (
        "POST",
        "plugin_api_dispatch/",
        {"json": {"url": "/bk_plugin/plugin_api/echo/", "method": "GET"}},
    ),
    "data API": ("GET", "plugin_api/hosts/7/", {}),
    "data API by another method": ("DELETE", "plugin_api/hosts/7/", {}),
}
POLLED: dict[str, tuple[str, dict[str, Any]]] = {
    "polled": ("1.1.0", {"times": 2, "either": "5"}),
    "polled to an error": ("1.3.0", {"how": "error", "later": True}),
    "polled to an unexpected error": ("1.3.0", {"how": "unexpected", "later": True}),
    "polled to what isn't JSON": ("1.3.0", {"how": "odd", "later": True}),
}
_UNSTEADY = ((re.compile(r"\b[0-9a-f]{32}\b"), "<id>"), (re.compile(r"gAAAA[\w=-]+"), "<token>"))
_TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")


def gateway_token(key: RSAKey, app: str = "bk_sops", *, expires: float = 600) -> str:
    """`X-Bkapi-JWT` as the gateway sends it."""
    now = int(time.time())
    claims = {
        "iss": "APIGW",
        "nbf": now - 300,
        "exp": now + int(expires),
        "app": {"app_code": app, "verified": True},
        "user": {"username": "admin", "verified": True},
    }
    return jwt.encode({"typ": "JWT", "alg": "RS512", "kid": "bp-sample"}, claims, key, algorithms=["RS512"])


async def converse(client: httpx.AsyncClient, key: RSAKey) -> dict[str, Any]:
    """Every answer by the name of its call; `key` is the gateway's."""
    answers = {}
    await _without_right(client, key, answers)
    client.headers["X-Bkapi-JWT"] = gateway_token(key)
    for name, (method, path, options) in CALLS.items():
        answers[name] = _shown(await client.request(method, PREFIX + path, **options))
    for name, (version, inputs) in POLLED.items():
        first = await client.post(f"{PREFIX}invoke/{version}", json={"inputs": inputs, "context": {}})
        answers[name] = _shown(first)
        answers[f"{name}: the end"] = _shown(await ended(client, first.json()["trace_id"]))
    answers |= await _called_back(client)
    return answers


async def ended(client: httpx.AsyncClient, trace_id: str) -> httpx.Response:
    """The schedule of a run that has come to its end."""
    for _ in range(500):
        answer = await client.get(f"{PREFIX}schedule/{trace_id}")
        if answer.json()["data"]["state"] in {4, 5}:
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"{trace_id} has not ended: {answer.text}")


async def _without_right(client: httpx.AsyncClient, key: RSAKey, answers: dict[str, Any]) -> None:
    body = {"inputs": {"hello": "a"}, "context": {"executor": "a"}}
    for path in ("invoke/1.0.0", "plugin_api_dispatch/", "callback/nonsense/"):
        answers[f"{path} without a token"] = _shown(await client.post(PREFIX + path, json=body))
    answers["data API without a token"] = _shown(await client.get(PREFIX + "plugin_api/hosts/7/"))
    token = {"X-Bkapi-JWT": gateway_token(key, "flow_space")}
    for name, scope in (
        ("no scope", {}),
        ("another scope", {"Bkplugin-Scope-Type": "space", "Bkplugin-Scope-Value": "9"}),
        ("its scope", {"Bkplugin-Scope-Type": "space", "Bkplugin-Scope-Value": "7"}),
    ):
        answer = await client.post(PREFIX + "invoke/1.0.0", json=body, headers={**token, **scope})
        answers[f"invoke with {name}"] = _shown(answer)


async def _called_back(client: httpx.AsyncClient) -> dict[str, Any]:
    body = {"inputs": {"answers": 2}, "context": {"bk_biz_id": 2}}
    first = await client.post(f"{PREFIX}invoke/1.2.0", json=body)
    url, run = first.json()["data"]["outputs"]["url"], first.json()["trace_id"]
    path = f"{PREFIX}callback/{url.rstrip('/').rpartition('/')[2]}/"
    answers = {"called back": _shown(first), "a body that isn't JSON": _shown(await client.post(path, content=b"{"))}
    for count in (1, 2):
        answers[f"callback {count}"] = _shown(await client.post(path, json={"count": count}))
        await _answered(client, run, count)
        answers[f"schedule after callback {count}"] = _shown(await client.get(f"{PREFIX}schedule/{run}"))
    answers["callback after the end"] = _shown(await client.post(path, json={}))
    return answers


def _shown(response: httpx.Response) -> dict[str, Any]:
    kind = response.headers.get("content-type", "").partition(";")[0] if response.content else ""
    body = _steady(response.json()) if kind == "application/json" else _steady(response.text)
    return {"status": response.status_code, "type": kind, "body": body}


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _steady(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_steady(part) for part in value]
    if not isinstance(value, str):
        return value
    for pattern, name in _UNSTEADY:
        value = pattern.sub(name, value)
    return "<time>" if _TIME.match(value) else value


async def _answered(client: httpx.AsyncClient, run: str, count: int) -> None:
    for _ in range(500):
        found = await client.get(f"{PREFIX}schedule/{run}")
        if len(found.json()["data"]["outputs"].get("answers", [])) == count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{run} did not take callback {count}")


async def _main(base_url: str, key: RSAKey) -> None:
    async with httpx.AsyncClient(base_url=base_url) as client:
        print(json.dumps(await converse(client, key), ensure_ascii=False, indent=1, sort_keys=True))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], RSAKey.import_key(Path(sys.argv[2]).read_bytes())))
