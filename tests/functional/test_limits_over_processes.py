"""A limit over the processes of one real server: shared out without Redis, exact with it."""

import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.forking import Nursery
from tests.support.redis import redis_server
from tests.support.server import Api, ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token, import_system

POLICIES = "/systems/cmdb/stages/prod/policies"
LIMIT = {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 86_400, "tokens": 10}]}}}


class Limited:
    """A server of two processes whose inventory may be read ten times a day."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        api: Api = server.admin()
        import_system(server, api, "cmdb")
        secret = api.post("/apps", {"app_code": "caller", "name": "Caller", "description": ""})["app_secret"]
        approved_grant(api, "caller", "cmdb")
        self.token = fetch_token(server.url, "caller", secret)
        while api.get(POLICIES)["enforcement"]["processes"] < 2:
            time.sleep(0.1)
        limited = api.put(POLICIES, {"policies": [LIMIT]})
        api.until_live(limited)
        self.enforcement: dict[str, Any] = limited["enforcement"]

    def admitted(self) -> int:
        """Of many calls over many connections."""

        def call(_: int) -> int:
            headers = {"authorization": f"Bearer {self.token}", "connection": "close"}
            path = f"{self.server.url}/api/cmdb/prod/search_business"
            return httpx.post(path, json={}, headers=headers).status_code

        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(call, range(80)))
        assert set(statuses) == {200, 429}
        return statuses.count(200)


@pytest.fixture
def server(tmp_path: Path, nursery: Nursery, sqlite_template: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(migrated(tmp_path / "data", sqlite_template), free_port(), workers=2, nursery=nursery)
    yield server
    server.stop()


@pytest.fixture
async def redis_url() -> AsyncIterator[str]:
    async with redis_server() as redis:
        yield redis.url


def test_without_redis_no_more_than_the_limit_is_admitted_and_the_api_says_how(server: ServerProcess) -> None:
    server.start()
    limited = Limited(server)
    assert limited.enforcement == {"processes": 2, "rate_limits": "shared-out", "concurrency_limits": "shared-out"}
    assert 5 <= limited.admitted() <= 10  # five for each process that was reached


async def test_with_redis_exactly_the_limit_is_admitted(server: ServerProcess, redis_url: str) -> None:
    server.environment = {"TRUNKLINE_REDIS_URL": redis_url}
    server.start()
    limited = Limited(server)
    assert limited.enforcement == {"processes": 2, "rate_limits": "exact", "concurrency_limits": "shared-out"}
    assert limited.admitted() == 10
