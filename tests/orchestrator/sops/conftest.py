"""The components of Standard OPS over an orchestrator at work; `ada` may do everything in the project `shop`."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import SystemClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.profiles import Profile
from kernel.contracts.project_businesses import BusinessProject
from kernel.http.component_app import EmbeddedSystem
from kernel.services import KernelServices
from orchestrator.sops.app import Surroundings
from tests.adapters.gateway import Gateway, OneKey
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, working_house
from tests.support.patience import patience

BIZ = 2
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Of tests that put no question to the database that others don't put to both."""
EVERYTHING = (
    Action.PROJECT_VIEW, Action.FLOW_VIEW, Action.FLOW_EDIT, Action.FLOW_PUBLISH, Action.FLOW_LAUNCH,
    Action.TASK_VIEW, Action.TASK_OPERATE,
)  # fmt: skip


class Everybody:
    """Profiles of a few people."""

    async def find(self, _session: AsyncSession, usernames: Collection[str]) -> dict[str, Profile]:
        return {name: Profile("", "en") for name in usernames if name in {"ada", "bob"}}


class Businesses:
    """The shop belongs to a business, the bank to none; `also` belong to the same."""

    def __init__(self) -> None:
        self.also: list[BusinessProject] = []

    async def of_business(self, _session: AsyncSession, bk_biz_id: int) -> list[BusinessProject]:
        return [BusinessProject(PROJECT, BIZ), *self.also] if bk_biz_id == BIZ else []

    async def among(self, _session: AsyncSession, project_ids: Collection[str] | None) -> list[BusinessProject]:
        every = [BusinessProject(PROJECT, BIZ), BusinessProject(OTHER_PROJECT, None)]
        return [each for each in every if project_ids is None or each.project.id in project_ids]


_paths: dict[str, tuple[str, str]] = {}


def _paths_of(system: EmbeddedSystem) -> dict[str, tuple[str, str]]:
    """Component → method and path, of a document that code alone decides about: it is made once for all tests."""
    if not _paths:
        document = system.document()["paths"]
        _paths.update({path.split("/")[1]: (method, path) for path, methods in document.items() for method in methods})
    return _paths


@dataclass(slots=True)
class Sops:
    """Calls components by name, as the gateway does for one of BlueKing's clients."""

    house: OrchestratorHouse
    gateway: Gateway
    businesses: Businesses
    paths: dict[str, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.paths = _paths_of(self.gateway.system)

    async def call(self, component: str, *, key: str | None = None, **params: Any) -> dict[str, Any]:
        """The answer, whatever it says; in the business unless a call names another."""
        method, path = self.paths[component]
        given = {"bk_biz_id": BIZ, **params}
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            path = path.replace(f"{{{name}}}", str(given.pop(name)))
        if method == "get":
            return await self.gateway.get(path.removeprefix("/"), given)
        return await self.gateway.call(path.removeprefix("/"), given, key)

    async def data(self, component: str, **params: Any) -> Any:
        answer = await self.call(component, **params)
        assert (answer["result"], answer["code"]) == (True, 0), answer
        return answer["data"]

    async def refused(self, component: str, **params: Any) -> tuple[int, str]:
        answer = await self.call(component, **params)
        assert (answer["result"], answer["data"]) == (False, None), answer
        return answer["code"], answer["message"]

    async def template(self, definition: dict[str, Any], name: str = "Check disks") -> int:
        """The number of a published flow."""
        await self.house.publish(definition, name)
        number: int = (await self.data("get_template_list", name_keyword=name))[0]["id"]
        return number

    async def until(self, task: int, state: str) -> dict[str, Any]:
        async with patience():
            while True:
                status: dict[str, Any] = await self.data("get_task_status", task_id=task)
                if status["state"] == state:
                    return status
                await asyncio.sleep(0.02)


@pytest.fixture
async def sops(kernel: KernelServices) -> AsyncIterator[Sops]:
    async with working_sops(kernel) as made:
        yield made


@asynccontextmanager
async def working_sops(kernel: KernelServices) -> AsyncIterator[Sops]:
    async with working_house(kernel) as house:
        businesses = Businesses()
        house.authorizer.allow("ada", ResourceKind.PROJECT, PROJECT.id, *EVERYTHING)
        system = house.unit.sops(Surroundings(OneKey(), Everybody(), businesses))
        identity = {"x-trunkline-app": "demo-app", "x-trunkline-user": "ada"}
        yield Sops(house, Gateway(system, SystemClock(), identity=identity), businesses)
