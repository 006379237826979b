"""Accounts and host keys: who may be entered as whom, and which hosts are believed."""

from typing import Any

import asyncssh
import pytest
from sqlalchemy import select

from adapters.job.service.accounts.models import JobAccount
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.ssh.conftest import accept, at, make_account, results
from tests.adapters.kinds import one_database
from tests.support.ssh import CLIENT_KEY, PASSWORD, USER, SshHost

OTHER_SCOPE = {"bk_scope_type": "biz", "bk_scope_id": "3"}
ENCRYPTED = CLIENT_KEY.export_private_key("pkcs8-pem", passphrase="opens it").decode()
ACCOUNT = {**SCOPE, "alias": "deploy", "account": USER, "password": PASSWORD}


async def test_secrets_of_accounts_are_sealed_and_never_answered(idle_jobs: Jobs, database: Database) -> None:
    made = await idle_jobs.gateway.data("create_account", {**ACCOUNT, "sudo_password": "sudo secret"})
    await idle_jobs.gateway.data("update_account", {**SCOPE, **made, "password": "second secret", "port": 2222})
    listed = await idle_jobs.gateway.data("get_account_list", SCOPE)
    (account,) = listed["data"]
    assert (account["alias"], account["port"], account["authentication"]) == ("deploy", 2222, "password")
    await idle_jobs.gateway.data("delete_account", {**SCOPE, **made})
    async with database.reading() as session:
        records = [
            (r.action, str(r.before), str(r.after)) for r in (await session.execute(select(AuditRecord))).scalars()
        ]
    assert [action for action, _, _ in records] == [
        "job_account.created",
        "job_account.updated",
        "job_account.deleted",
    ]
    for secret in (PASSWORD, "sudo secret", "second secret"):
        assert secret not in str((listed, records))


async def test_a_changed_account_is_used_as_it_is_now(jobs: Jobs, hosts: list[SshHost]) -> None:
    account = await make_account(jobs, hosts[0], password="old")
    await accept(jobs, hosts[0])
    await jobs.gateway.data("update_account", {**SCOPE, "id": account, "password": PASSWORD})
    executed = await jobs.execute("true", account_alias="deploy", target_server=at(hosts[0]))
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3


async def test_an_account_is_of_its_scope_alone(idle_jobs: Jobs) -> None:
    made = await idle_jobs.gateway.data("create_account", {**ACCOUNT, **OTHER_SCOPE})
    assert (await idle_jobs.gateway.data("get_account_list", SCOPE))["total"] == 0
    for asked in ({"account_id": made["id"]}, {"account_alias": "deploy"}):
        answer = await idle_jobs.gateway.call(
            "fast_execute_script",
            {**SCOPE, "script_text": "id", "target_server": {"ip_list": [{"ip": "127.0.0.1"}]}, **asked},
        )
        assert "biz 2 has no account" in answer["message"]
    for component in ("update_account", "delete_account"):
        assert (await idle_jobs.gateway.call(component, {**SCOPE, **made}))["result"] is False
    jump = {"jump_ip": "127.0.0.1", "jump_account_id": made["id"]}
    assert (await idle_jobs.gateway.call("create_account", {**ACCOUNT, **jump}))["result"] is False


@one_database
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"password": ""}, "password: is missing"),
        ({"private_key": "no key"}, "password: and private_key exclude each other"),
        ({"password": "", "private_key": "no key"}, "private_key: can't be read"),
        ({"password": "", "private_key": ENCRYPTED}, "without a passphrase"),
        ({"password": "two\nlines"}, "password: is more than one line"),
        ({"sudo_password": "two\nlines"}, "sudo_password: is more than one line"),
        ({"account": "-oProxyCommand=x"}, "account"),
        ({"sudo_user": "root; id"}, "sudo_user"),
        ({"port": 0}, "port"),
        ({"jump_ip": "127.0.0.1"}, "jump_ip: and jump_account_id go together"),
        ({"jump_ip": "127.0.0.1", "jump_account_id": 99}, "has no account 99"),
    ],
)
async def test_a_wrong_account_is_refused_and_not_kept(
    idle_jobs: Jobs, database: Database, change: dict[str, Any], named: str
) -> None:
    answer = await idle_jobs.gateway.call("create_account", {**ACCOUNT, **change})
    assert (answer["result"], named in answer["message"]) == (False, True), answer
    async with database.reading() as session:
        assert (await session.execute(select(JobAccount))).first() is None


async def test_an_alias_is_taken_once_and_a_way_is_not_taken_away(idle_jobs: Jobs) -> None:
    first = await idle_jobs.gateway.data("create_account", ACCOUNT)
    assert "alias: deploy exists already" in (await idle_jobs.gateway.call("create_account", ACCOUNT))["message"]
    behind = {"alias": "behind", "jump_ip": "127.0.0.1", "jump_account_id": first["id"]}
    await idle_jobs.gateway.data("create_account", {**ACCOUNT, **behind})
    answer = await idle_jobs.gateway.call("delete_account", {**SCOPE, **first})
    assert "Hosts are reached by this account for behind" in answer["message"]


async def test_a_host_is_entered_only_once_its_key_was_accepted(jobs: Jobs, hosts: list[SshHost]) -> None:
    await make_account(jobs, hosts[0])
    first = await jobs.execute("true", account_alias="deploy", target_server=at(hosts[0]))
    host = results(await jobs.ended(first))[hosts[0].ip]
    assert (host["status"], host["error_code"]) == (1, 9)
    (seen,) = (await jobs.gateway.data("list_host_keys", {"accepted": False}))["data"]
    assert seen["fingerprint"] in host["reason"]
    assert seen["fingerprint"] == hosts[0].key.get_fingerprint()
    assert hosts[0].commands == []
    asked = {"ip": hosts[0].ip, "port": hosts[0].port, "fingerprint": seen["fingerprint"]}
    await jobs.gateway.data("accept_host_key", asked)
    second = await jobs.execute("true", account_alias="deploy", target_server=at(hosts[0]))
    assert (await jobs.ended(second))["job_instance"]["status"] == 3
    await jobs.gateway.data("forget_host_key", {"id": seen["id"]})
    third = await jobs.execute("true", account_alias="deploy", target_server=at(hosts[0]))
    assert results(await jobs.ended(third))[hosts[0].ip]["error_code"] == 9


async def test_a_host_that_shows_another_key_gets_no_secret(jobs: Jobs, hosts: list[SshHost]) -> None:
    await make_account(jobs, hosts[0])
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()
    asked = {"ip": hosts[0].ip, "port": hosts[0].port, "public_key": other}
    await jobs.gateway.data("accept_host_key", asked)
    executed = await jobs.execute("true", account_alias="deploy", target_server=at(hosts[0]))
    host = results(await jobs.ended(executed))[hosts[0].ip]
    assert (host["status"], host["error_code"]) == (1, 9)
    assert "shows another host key than the accepted one" in host["reason"]
    assert hosts[0].passwords == []


@one_database
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, "fingerprint: or public_key is needed"),
        ({"public_key": "ssh-ed25519 AAAA"}, "public_key: can't be read"),
        ({"fingerprint": "SHA256:abc"}, "has shown no key SHA256:abc"),
    ],
)
async def test_a_host_key_nobody_saw_is_not_accepted(idle_jobs: Jobs, change: dict[str, Any], named: str) -> None:
    answer = await idle_jobs.gateway.call("accept_host_key", {"ip": "127.0.0.1", **change})
    assert named in answer["message"]
