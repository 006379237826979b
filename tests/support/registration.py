"""A caller of BlueKing's registration API, and the gateway `bk-shop` as it publishes it."""

import json
from typing import Any

import httpx

from tests.support.management import UPSTREAM, Management

SYNC = "/api/bk-apigateway/prod/api/v2/sync/gateways/bk-shop"
OPEN = "/api/bk-apigateway/prod/api/v2/open/gateways/bk-shop"
V1 = "/api/bk-apigateway/prod/api/v1/apis/bk-shop"
STAGE = {
    "name": "prod",
    "vars": {"area": "eu"},
    "backends": [{"name": "default", "config": {"hosts": [{"host": UPSTREAM}]}}],
}
RESOURCES = json.dumps(
    {
        "swagger": "2.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/items/{id}/": {"get": {"operationId": "get_item"}},
            "/items/": {"post": {"operationId": "add_item"}},
        },
    }
)


class App:
    """A caller of the API."""

    def __init__(self, management: Management, code: str, secret: str) -> None:
        self.code = code
        self.client = management.anonymous()
        self.client.headers["X-Bkapi-Authorization"] = json.dumps(
            {"bk_app_code": code, "bk_app_secret": secret, "access_token": None}
        )

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.client.post(path, json=body if body is not None else {}, **more)

    async def data(self, path: str, body: Any = None) -> Any:
        answer = await self.post(path, body)
        assert answer.is_success, answer.text
        return answer.json()["data"]


async def released(shop: App, version: str = "1.0.0") -> None:
    await shop.data(f"{SYNC}/stages/", STAGE)
    await shop.data(f"{SYNC}/resources/", {"content": RESOURCES})
    await shop.data(f"{SYNC}/resource_versions/", {"version": version, "comment": "first"})
    await shop.data(f"{SYNC}/resource_versions/release/", {"version": version, "stage_names": []})
