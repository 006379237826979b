import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.app import build_app
from kernel.clock import SystemClock
from kernel.contracts.hosts import HostSummary, HostsUnknown
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey

HERE = HostSummary(7, 0, "127.0.0.1", "here", 2)
ELSEWHERE = HostSummary(8, 0, "198.51.100.77", "elsewhere", 2)
OF_ANOTHER_BUSINESS = HostSummary(9, 0, "127.0.0.99", "theirs", 3)
SCOPE = {"bk_scope_type": "biz", "bk_scope_id": "2"}


_HOSTS = (HERE, ELSEWHERE, OF_ANOTHER_BUSINESS)


_PLACES = {("set", 4): [HERE, ELSEWHERE], ("module", 5): [HERE], ("set", 6): [OF_ANOTHER_BUSINESS], ("module", 8): []}
_GROUPS = {"web": [HERE], "far": [ELSEWHERE]}


def _known(table: Mapping[Any, Sequence[HostSummary]], name: Any) -> Sequence[HostSummary]:
    if name not in table:
        raise HostsUnknown(f"the inventory has no {name}")
    return table[name]


class KnownHosts:
    """A `HostDirectory` that knows this machine and two others."""

    async def by_ids(self, _session: AsyncSession, host_ids: Iterable[int]) -> dict[int, HostSummary]:
        wanted = set(host_ids)
        return {host.host_id: host for host in _HOSTS if host.host_id in wanted}

    async def by_addresses(
        self, _session: AsyncSession, addresses: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], HostSummary]:
        wanted = set(addresses)
        return {(host.cloud_id, host.ip): host for host in _HOSTS if (host.cloud_id, host.ip) in wanted}

    async def in_places(self, _session: AsyncSession, places: Iterable[tuple[str, int]]) -> Sequence[HostSummary]:
        return [host for place in places for host in _known(_PLACES, place)]

    async def in_groups(self, _session: AsyncSession, group_ids: Iterable[str]) -> Sequence[HostSummary]:
        return [host for group_id in group_ids for host in _known(_GROUPS, group_id)]


@dataclass(frozen=True, slots=True)
class Jobs:
    """A job system and what tests ask of it."""

    gateway: Gateway

    async def execute(self, script: str, *, key: str | None = None, **params: Any) -> dict[str, Any]:
        return dict(await self.gateway.data("fast_execute_script", execution(script, **params), key))

    async def status(self, executed: dict[str, Any]) -> dict[str, Any]:
        asked = {**SCOPE, "job_instance_id": executed["job_instance_id"], "return_ip_result": True}
        return dict(await self.gateway.data("get_job_instance_status", asked))

    async def ended(self, executed: dict[str, Any]) -> dict[str, Any]:
        return await _until(lambda: self.status(executed), lambda status: status["finished"])

    async def reaches(self, executed: dict[str, Any], status: int) -> dict[str, Any]:
        return await _until(lambda: self.status(executed), lambda seen: seen["job_instance"]["status"] == status)

    async def says(self, executed: dict[str, Any], text: str) -> dict[str, Any]:
        """The log, once it holds the text."""
        return await _until(lambda: self.log(executed), lambda log: text in log["log_content"])

    async def log(self, executed: dict[str, Any], **where: Any) -> dict[str, Any]:
        ids = {name: executed[name] for name in ("job_instance_id", "step_instance_id")}
        where = where or {"bk_cloud_id": 0, "ip": HERE.ip}
        return dict(await self.gateway.data("get_job_instance_ip_log", {**SCOPE, **ids, **where}))


async def _until(
    look: Callable[[], Awaitable[dict[str, Any]]], is_so: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    for _ in range(500):
        seen = await look()
        if is_so(seen):
            return seen
        await asyncio.sleep(0.04)
    raise AssertionError(f"never came: {seen}")


def execution(script: str, **params: Any) -> dict[str, Any]:
    content = base64.b64encode(script.encode()).decode()
    target = {"ip_list": [{"bk_cloud_id": 0, "ip": HERE.ip}]}
    return {**SCOPE, "script_content": content, "target_server": target, **params}


def local(script: str) -> dict[str, Any]:
    """A script on this machine, as a plan's step has it."""
    content = base64.b64encode(script.encode()).decode()
    return {"script_content": content, "server": {"ip_list": [{"ip": HERE.ip}]}}


def host_of(status: dict[str, Any]) -> dict[str, Any]:
    return dict(status["step_instance_list"][0]["step_ip_result_list"][0])


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": "http://127.0.0.1:1", "job_local_hosts": ("own",)})


@pytest.fixture
def idle_jobs(kernel: KernelServices) -> Jobs:
    """A job system whose background work was not started."""
    return Jobs(Gateway(build_app(kernel, OneKey(), KnownHosts()), kernel.clock))


@pytest.fixture
async def jobs(idle_jobs: Jobs) -> AsyncIterator[Jobs]:
    await idle_jobs.gateway.system.start()
    yield idle_jobs
    await idle_jobs.gateway.system.stop()
