"""Where the lives of permissions are lived: people, a system with two releases, and a data plane that follows."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.management import Management, document, managing

OWNERS, APPLICANTS = ("olga", "otto"), ("ann", "olga")
FULL, SMALLER = "1.0.0", "1.1.0"


@dataclass(slots=True)
class House:
    """The management half of a gateway on its database, in a loop of its own."""

    runner: asyncio.Runner
    stack: AsyncExitStack
    management: Management
    clock: ManualClock
    lives: int = 0

    @classmethod
    def open(cls, url: str, settings: Settings, clock: ManualClock) -> "House":
        runner, stack = asyncio.Runner(), AsyncExitStack()

        async def build() -> Management:
            database = Database(url)
            stack.push_async_callback(database.close)
            kernel = KernelServices(settings, database, SecretBox(settings.secret_key.get_secret_value()), clock)
            management = await stack.enter_async_context(managing(kernel, clock))
            for name in {*OWNERS, *APPLICANTS}:
                await management.person(name)
            smaller = document()
            del smaller["paths"]["/hosts/{host_id}"]
            for each, release in ((document(), FULL), (smaller, SMALLER)):
                imported = await management.import_system(each)
                assert imported.json()["release"] == release, imported.text
            return management

        return cls(runner, stack, runner.run(build()), clock)

    def close(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def do(self, act: Callable[[Any, Any], Awaitable[Any]]) -> Any:
        """In one unit of work; answers when the data plane has loaded what it published."""

        async def run() -> Any:
            services = self.management.unit.services
            async with services.database.unit_of_work() as session:
                answer = await act(session, services)
            revision = await services.live.revision()
            while self.management.holder.current.revision < revision:  # noqa: ASYNC110  the loader tells nobody
                await asyncio.sleep(0.001)
            return answer

        return self.runner.run(run())
