import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from kernel.db.database import Database
from kernel.services import KernelServices
from tests.support.backend import BackendRequest, serving_http
from tests.support.marketplace import MarketplaceHouse, build_house

Answer = tuple[int, str, bytes]


@dataclass(slots=True)
class Origin:
    """Another installation, served on the loopback.

    Attributes:
        asked: the paths it was asked for.
        instead: path → what is answered instead; under "" of all.
    """

    house: MarketplaceHouse
    url: str = ""
    asked: list[str] = field(default_factory=list)
    instead: dict[str, Answer] = field(default_factory=dict)

    @property
    def packages(self) -> int:
        """How many packages were fetched."""
        return sum(path.startswith("/v1/packages/") for path in self.asked)


@dataclass(slots=True)
class Mirroring:
    """An installation that follows another."""

    here: MarketplaceHouse
    origin: Origin

    async def follow(self, **wanted: Any) -> dict[str, Any]:
        """Sets the mirror and makes a round."""
        body = {"url": self.origin.url, "token": "viewer", **wanted}
        made = await self.here.client.put("/plugin-mirrors/hub", json=body)
        assert made.status_code == 200, made.text
        return await self.round()

    async def round(self, *, asked: bool = False) -> dict[str, Any]:
        if asked:
            assert (await self.here.client.post("/plugin-mirrors/hub:sync")).status_code == 202
        await self.here.unit.mirror_rounds.run("hub")
        (mirror,) = (await self.here.client.get("/plugin-mirrors")).json()["items"]
        found: dict[str, Any] = mirror
        return found

    async def versions(self) -> dict[str, tuple[str, str]]:
        """State and problem, by code and version."""
        items = (await self.here.client.get("/plugin-mirrors/hub/versions")).json()["items"]
        return {f"{each['plugin_code']} {each['version']}": (each["state"], each["problem"]) for each in items}


@pytest.fixture
def here_settings() -> dict[str, object]:
    """Of the installation that follows; a test may name others."""
    return {}


@pytest.fixture
async def mirroring(
    kernel: KernelServices, sqlite_template: Path, tmp_path: Path, here_settings: dict[str, object]
) -> AsyncIterator[Mirroring]:
    path = tmp_path / "origin.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}")
    origin = Origin(build_house(replace(kernel, database=database)))
    loop = asyncio.get_running_loop()

    def answer(request: BackendRequest) -> Answer:
        origin.asked.append(request.target)
        for prefix, instead in origin.instead.items():
            if request.target.startswith(prefix):
                return instead
        headers = {"Authorization": request.headers.get("authorization", "")}
        return asyncio.run_coroutine_threadsafe(_forward(origin.house, request.target, headers), loop).result(30)

    with serving_http(answer) as url:
        origin.url = url
        here = build_house(kernel, allowed_upstream_origins=(url,), plugin_review="growth", **here_settings)
        yield Mirroring(here, origin)
        await here.close()
    await origin.house.close()
    await database.close()


async def _forward(house: MarketplaceHouse, target: str, headers: dict[str, str]) -> Answer:
    # Nobody is named but by the token: the client of the house speaks as the admin otherwise.
    answer = await house.client.get(f"http://trunkline{target}", headers={**headers, "X-Test-User": ""})
    return answer.status_code, answer.headers.get("content-type", ""), answer.content
