"""Failed hosts again, and hosts in batches."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.ssh.conftest import at, results
from tests.adapters.kinds import one_database
from tests.support.ssh import SshHost

SCRIPT = 'echo x >> ran; test ! -e "$HOME/broken"'


async def _operate(jobs: Jobs, executed: dict[str, Any], code: Any) -> dict[str, Any]:
    ids = {name: executed[name] for name in ("job_instance_id", "step_instance_id")}
    return await jobs.gateway.call("operate_step_instance", {**SCOPE, **ids, "operation_code": code})


def _ran(hosts: list[SshHost]) -> list[int]:
    """How often the script ran on each host."""
    paths = [host.home / "ran" for host in hosts]
    return [path.read_text().count("x") if path.exists() else 0 for path in paths]


async def _begun(hosts: list[SshHost]) -> None:
    for _ in range(500):
        if _ran(hosts)[0]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never began")


async def test_failed_hosts_alone_are_tried_again(ready: Jobs, hosts: list[SshHost], database: Database) -> None:
    broken = hosts[1].home / "broken"
    broken.touch()
    target = {"ip_list": [*at(*hosts)["ip_list"], {"ip": "127.0.0.9"}]}
    executed = await ready.execute(SCRIPT, account_alias="deploy", target_server=target)
    assert (await ready.ended(executed))["job_instance"]["status"] == 4
    broken.unlink()
    assert (await _operate(ready, executed, 2))["result"] is True
    status = await ready.ended(executed)
    assert [host["status"] for host in results(status).values()] == [9, 9, 9, 1]
    assert (status["job_instance"]["status"], status["step_instance_list"][0]["execute_count"]) == (4, 1)
    assert _ran(hosts) == [1, 2, 1]
    async with database.reading() as session:
        audits = {record.action: record.after for record in (await session.execute(select(AuditRecord))).scalars()}
    assert audits["job.retried"]["hosts"] == [hosts[1].ip, "127.0.0.9"]


async def test_what_has_not_failed_or_not_ended_is_not_tried_again(ready: Jobs, hosts: list[SshHost]) -> None:
    executed = await ready.execute("sleep 1", account_alias="deploy", target_server=at(hosts[0]))
    assert "has not ended yet" in (await _operate(ready, executed, "2"))["message"]
    await ready.ended(executed)
    assert "has been passed already" in (await _operate(ready, executed, 2))["message"]
    assert "has been passed already" in (await _operate(ready, executed, 3))["message"]
    other = {**executed, "step_instance_id": executed["step_instance_id"] + 1}
    assert "has no step instance" in (await _operate(ready, other, 2))["message"]
    assert (await ready.status(executed))["job_instance"]["status"] == 3


@one_database
async def test_all_hosts_are_tried_again_where_somebody_says_so(ready: Jobs, hosts: list[SshHost]) -> None:
    (hosts[1].home / "broken").touch()
    executed = await ready.execute(SCRIPT, account_alias="deploy", target_server=at(*hosts))
    await ready.ended(executed)
    assert (await _operate(ready, executed, 8))["result"] is True
    assert (await ready.ended(executed))["job_instance"]["status"] == 4
    assert _ran(hosts) == [2, 2, 2]


async def test_a_batch_starts_when_the_one_before_has_succeeded(ready: Jobs, hosts: list[SshHost]) -> None:
    gate = hosts[0].home / "gate"
    script = f'echo x >> ran; while [ "$(basename $PWD)" = host1 ] && [ ! -e {gate} ]; do sleep 0.05; done'
    rolling = {"expression": "1 2", "mode": 1}
    executed = await ready.execute(script, account_alias="deploy", target_server=at(*hosts), rolling_config=rolling)
    await _begun(hosts)
    await asyncio.sleep(0.5)
    assert _ran(hosts) == [1, 0, 0]
    gate.touch()
    assert (await ready.ended(executed))["job_instance"]["status"] == 3
    assert _ran(hosts) == [1, 1, 1]


@pytest.mark.parametrize("code", [2, 3])
async def test_a_batch_that_failed_holds_the_later_ones_until_somebody_decides(
    ready: Jobs, hosts: list[SshHost], code: int
) -> None:
    broken = hosts[0].home / "broken"
    broken.touch()
    rolling = {"expression": "1", "mode": 1}
    executed = await ready.execute(SCRIPT, account_alias="deploy", target_server=at(*hosts), rolling_config=rolling)
    status = await ready.ended(executed)
    assert [host["status"] for host in results(status).values()] == [11, 5, 5]
    assert "hosts of later batches that wait: 2" in status["job_instance"]["reason"]
    broken.unlink()
    assert (await _operate(ready, executed, code))["result"] is True
    status = await ready.ended(executed)
    assert [host["status"] for host in results(status).values()] == [9 if code == 2 else 11, 9, 9]
    assert _ran(hosts) == [2 if code == 2 else 1, 1, 1]


async def test_failures_hold_nothing_where_the_caller_said_so(ready: Jobs, hosts: list[SshHost]) -> None:
    (hosts[0].home / "broken").touch()
    rolling = {"expression": "1", "mode": 2}
    target = {"ip_list": [{"ip": "127.0.0.9"}, *at(*hosts)["ip_list"]]}
    executed = await ready.execute(SCRIPT, account_alias="deploy", target_server=target, rolling_config=rolling)
    status = await ready.ended(executed)
    assert [host["status"] for host in results(status).values()] == [1, 11, 9, 9]


async def test_a_job_in_batches_that_is_terminated_starts_no_further_one(ready: Jobs, hosts: list[SshHost]) -> None:
    rolling = {"expression": "1", "mode": 2}
    executed = await ready.execute(
        "echo x >> ran; sleep 60", account_alias="deploy", target_server=at(*hosts), rolling_config=rolling
    )
    await _begun(hosts)
    ended = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
    await ready.gateway.data("operate_job_instance", ended)
    status = await ready.ended(executed)
    assert [host["status"] for host in results(status).values()] == [403, 403, 403]
    assert _ran(hosts) == [1, 0, 0]


@one_database
async def test_sizes_that_cannot_be_read_are_named(ready: Jobs, hosts: list[SshHost]) -> None:
    asked = {**SCOPE, "script_text": "id", "account_alias": "deploy", "target_server": at(*hosts)}
    answer = await ready.gateway.call("fast_execute_script", {**asked, "rolling_config": {"expression": "some"}})
    assert "rolling_config.expression: some is neither" in answer["message"]
