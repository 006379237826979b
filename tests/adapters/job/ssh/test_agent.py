import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from kernel.settings import Settings
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.ssh.conftest import accept, at, make_account
from tests.adapters.kinds import one_database
from tests.support.ssh import CLIENT_KEY, PASSWORD, USER, SshHost

AGENT = {"use_agent": True, "password": ""}


@pytest.fixture
def socket(tmp_path: Path) -> str:
    return str(tmp_path / "agent")


@pytest.fixture
def settings(settings: Settings, socket: str) -> Settings:
    return settings.model_copy(update={"job_ssh_agent": socket, "job_ssh_agent_scopes": ("biz:2",)})


@pytest.fixture
async def agent(socket: str) -> AsyncIterator[asyncssh.SSHAgentClient]:
    """OpenSSH's own, without keys; it tells its socket once it listens."""
    process = await asyncio.create_subprocess_exec("ssh-agent", "-D", "-a", socket, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert socket in (await process.stdout.readline()).decode()
    async with asyncssh.connect_agent(socket) as client:
        yield client
    process.terminate()
    await process.wait()


@one_database
async def test_the_operators_agent_signs_in_for_an_account_that_holds_no_key(
    jobs: Jobs, hosts: list[SshHost], agent: asyncssh.SSHAgentClient
) -> None:
    await make_account(jobs, hosts[0], **AGENT)
    await accept(jobs, hosts[0])
    refused = await jobs.execute("id", account_alias="deploy", target_server=at(hosts[0]))
    (step,) = (await jobs.ended(refused))["step_instance_list"]
    assert "the SSH agent holds no key" in step["step_ip_result_list"][0]["reason"]
    await agent.add_keys([CLIENT_KEY])
    executed = await jobs.execute("echo entered", account_alias="deploy", target_server=at(hosts[0]))
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3
    assert (await jobs.log(executed, ip=hosts[0].ip))["log_content"] == "entered\n"
    (shown,) = (await jobs.gateway.data("get_account_list", SCOPE))["data"]
    assert shown["authentication"] == "agent"


@one_database
async def test_an_account_of_another_scope_may_not_use_it(idle_jobs: Jobs) -> None:
    asked = {"bk_scope_type": "biz", "bk_scope_id": "3", "alias": "deploy", "account": USER, **AGENT}
    answer = await idle_jobs.gateway.call("create_account", asked)
    assert "use_agent: is not for this scope" in answer["message"]


@one_database
async def test_an_agent_stands_beside_neither_password_nor_key(idle_jobs: Jobs) -> None:
    asked = {**SCOPE, "alias": "deploy", "account": USER, "password": PASSWORD, "use_agent": True}
    answer = await idle_jobs.gateway.call("create_account", asked)
    assert "password: and use_agent exclude each other" in answer["message"]


@one_database
async def test_a_scope_that_lost_the_agent_is_let_in_no_more(
    jobs: Jobs, hosts: list[SshHost], agent: asyncssh.SSHAgentClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_account(jobs, hosts[0], **AGENT)
    await accept(jobs, hosts[0])
    await agent.add_keys([CLIENT_KEY])
    monkeypatch.setattr("adapters.job.service.ssh.agent.SshAgent.socket_for", lambda *_: "")
    executed = await jobs.execute("id", account_alias="deploy", target_server=at(hosts[0]))
    (step,) = (await jobs.ended(executed))["step_instance_list"]
    assert "lets this scope use no SSH agent" in step["step_ip_result_list"][0]["reason"]
