"""The demo's client of the management API."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

_TIMEOUT_SECONDS = 30


class DemoFailed(Exception):
    """Something the demo relies on did not happen; the text says what."""


class Api:
    """The management API, as whoever the credential belongs to."""

    def __init__(self, url: str, headers: dict[str, str], cookies: dict[str, str] | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, cookies=cookies, timeout=_TIMEOUT_SECONDS)

    @classmethod
    async def sign_in(cls, url: str, username: str, password: str) -> "Api":
        """As the console does: a session cookie and its CSRF token."""
        async with httpx.AsyncClient(base_url=f"{url}/v1", timeout=_TIMEOUT_SECONDS) as http:
            answer = await http.post("/session", json={"username": username, "password": password})
            session = _checked(answer)
            return cls(url, {"X-CSRF-Token": session["csrf_token"]}, dict(http.cookies))

    async def get(self, path: str, **query: Any) -> Any:
        return _checked(await self._http.get(path, params=query))

    async def post(self, path: str, body: Any = None) -> Any:
        return _checked(await self._http.post(path, json={} if body is None else body))

    async def put(self, path: str, body: Any) -> Any:
        return _checked(await self._http.put(path, json=body))

    async def upload(self, path: str, package: bytes) -> Any:
        return _checked(await self._http.post(path, content=package, headers={"Content-Type": "application/zip"}))

    async def events(self, path: str) -> AsyncIterator[tuple[str, Any]]:
        """Server-sent events as (name, data), until the server ends the stream."""
        name, data = "", ""
        async with self._http.stream("GET", path, timeout=httpx.Timeout(_TIMEOUT_SECONDS, read=120)) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    data += line.removeprefix("data:").strip()
                elif not line and data:
                    yield name, json.loads(data)
                    name, data = "", ""

    async def close(self) -> None:
        await self._http.aclose()


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise DemoFailed(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None
