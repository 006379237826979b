from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kernel.settings import Settings
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.support.ssh import PASSWORD, USER, SshHost, ssh_hosts


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"job_local_hosts": (), "job_networks": ("127.0.0.0/8",)})


@pytest.fixture
async def hosts(tmp_path: Path) -> AsyncIterator[list[SshHost]]:
    async with ssh_hosts(tmp_path, 3) as started:
        yield started


def at(*hosts: SshHost) -> dict[str, Any]:
    return {"ip_list": [{"bk_cloud_id": 0, "ip": host.ip} for host in hosts]}


async def make_account(jobs: Jobs, host: SshHost, **params: Any) -> int:
    secret = {} if "private_key" in params else {"password": PASSWORD}
    asked = {**SCOPE, "alias": "deploy", "account": USER, "port": host.port, **secret, **params}
    return int((await jobs.gateway.data("create_account", asked))["id"])


async def accept(jobs: Jobs, *hosts: SshHost) -> None:
    for host in hosts:
        asked = {"ip": host.ip, "port": host.port, "public_key": host.public_key}
        await jobs.gateway.data("accept_host_key", asked)


@pytest.fixture
async def ready(jobs: Jobs, hosts: list[SshHost]) -> Jobs:
    """A job system with an account on hosts that it knows."""
    await make_account(jobs, hosts[0])
    await accept(jobs, *hosts)
    return jobs


def results(status: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each host came to, by its address."""
    return {host["ip"]: host for host in status["step_instance_list"][0]["step_ip_result_list"]}


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
