"""Scripts on hosts that are reached by SSH: real servers on loopback, real processes."""

import asyncio
import base64
import errno
from pathlib import Path

import pytest

from adapters.job.service.workspace import Workspace
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.ssh.conftest import accept, at, is_running, make_account, results
from tests.adapters.kinds import one_database
from tests.support.ssh import CLIENT_KEY, PASSWORD, SshHost


async def test_a_script_runs_on_each_host_and_its_output_and_exit_code_are_kept(
    ready: Jobs, hosts: list[SshHost]
) -> None:
    script = 'echo "in $(basename "$PWD")"; echo trouble >&2; test "$(basename "$PWD")" != host2'
    executed = await ready.execute(script, account_alias="deploy", target_server=at(*hosts))
    status = await ready.ended(executed)
    assert status["job_instance"]["status"] == 4
    assert [(host["status"], host["exit_code"]) for host in results(status).values()] == [(9, 0), (11, 1), (9, 0)]
    for number, host in enumerate(hosts, 1):
        log = await ready.log(executed, bk_cloud_id=0, ip=host.ip)
        assert log["log_content"] == f"in host{number}\ntrouble\n"


async def test_an_account_with_a_key_lets_in(jobs: Jobs, hosts: list[SshHost]) -> None:
    private = CLIENT_KEY.export_private_key("openssh").decode()
    account = await make_account(jobs, hosts[0], private_key=private)
    await accept(jobs, hosts[0])
    executed = await jobs.execute("echo in", account_id=account, target_server=at(hosts[0]))
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3


@one_database
@pytest.mark.parametrize(
    ("language", "script"),
    [
        (1, 'echo "$1-$2-$3"'),
        (4, "import sys; print('-'.join(sys.argv[1:]))"),
        (3, 'print join("-", @ARGV) . "\\n";'),
    ],
)
@pytest.mark.parametrize("sensitive", [0, 1])
async def test_each_language_gets_its_parameters(
    ready: Jobs, hosts: list[SshHost], language: int, script: str, sensitive: int
) -> None:
    executed = await ready.execute(
        script,
        script_language=language,
        script_param=base64.b64encode(b"'a b' \"it's\" '$HOME;`id`'").decode(),
        is_param_sensitive=sensitive,
        account_alias="deploy",
        target_server=at(hosts[0]),
    )
    assert (await ready.ended(executed))["job_instance"]["status"] == 3
    assert (await ready.log(executed))["log_content"] == "a b-it's-$HOME;`id`\n"


async def test_neither_secrets_nor_scripts_stand_on_a_command_line(ready: Jobs, hosts: list[SshHost]) -> None:
    script = "ps -eo args | grep -c 'tops[e]cret\\|correct[ ]horse'; test \"$1\" = topsecret"
    executed = await ready.execute(
        script,
        script_param_text="topsecret",
        is_param_sensitive=1,
        account_alias="deploy",
        target_server=at(hosts[0]),
    )
    assert (await ready.ended(executed))["job_instance"]["status"] == 3
    assert (await ready.log(executed))["log_content"] == "0\n"
    assert hosts[0].commands == ["/bin/sh"]


@one_database
@pytest.mark.parametrize("script", ["cat; echo end", "printf 'no newline'", "sleep 60 & echo end"])
async def test_a_script_ends_though_it_reads_its_input_or_leaves_something_running(
    ready: Jobs, hosts: list[SshHost], script: str
) -> None:
    executed = await ready.execute(script, account_alias="deploy", target_server=at(hosts[0]))
    assert (await ready.ended(executed))["job_instance"]["status"] == 3
    assert (await ready.log(executed))["log_content"].rstrip() in {"end", "no newline"}
    assert list(hosts[0].home.glob("trunkline*")) == []


async def test_the_log_is_live_while_the_script_runs(ready: Jobs, hosts: list[SshHost], tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    executed = await ready.execute(
        f"echo first; while [ ! -e {gate} ]; do sleep 0.05; done; echo last",
        account_alias="deploy",
        target_server=at(hosts[0]),
    )
    assert (await ready.says(executed, "first\n"))["status"] == 7
    gate.touch()
    await ready.ended(executed)
    assert (await ready.log(executed))["log_content"] == "first\nlast\n"


@one_database
@pytest.mark.parametrize("ending", ["timeout", "terminated"])
async def test_a_script_that_is_ended_is_ended_with_all_its_children(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path, ending: str
) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 600 & echo $! $$ > {pids}; echo up; wait; sleep 600"
    limit = {"timeout": 2} if ending == "timeout" else {}
    executed = await ready.execute(script, account_alias="deploy", target_server=at(hosts[0]), **limit)
    await ready.says(executed, "up")
    if ending == "terminated":
        asked = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
        await ready.gateway.data("operate_job_instance", asked)
    host = results(await ready.ended(executed))[hosts[0].ip]
    assert (host["status"], host["error_code"]) == ((11, 2) if ending == "timeout" else (403, 3))
    for pid in pids.read_text().split():
        assert not is_running(int(pid))


async def test_a_script_that_writes_without_end_is_ended(
    ready: Jobs, hosts: list[SshHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.job.service.ssh.watcher.MAX_LOG_FILE", 100_000)
    executed = await ready.execute("yes", account_alias="deploy", target_server=at(hosts[0]))
    assert results(await ready.ended(executed))[hosts[0].ip]["error_code"] == 6


async def test_a_host_that_refuses_and_one_that_dies_fail_alone(ready: Jobs, hosts: list[SshHost]) -> None:
    nobody = "127.0.0.9"
    target = {"ip_list": [*at(*hosts)["ip_list"], {"ip": nobody}, {"ip": "198.51.100.77"}, {"ip": "::1"}]}
    script = 'if [ "$(basename "$PWD")" = host2 ]; then echo up; sleep 600; fi; sleep 1; echo ok'
    executed = await ready.execute(script, account_alias="deploy", target_server=target)
    for _ in range(200):
        if "up" in (await ready.log(executed, ip=hosts[1].ip))["log_content"]:
            break
        await asyncio.sleep(0.05)
    hosts[1].die()
    found = results(await ready.ended(executed))
    assert [(host["status"], host["error_code"]) for host in found.values()] == [
        (9, 0),
        (11, 4),
        (9, 0),
        (1, 1),
        (1, 1),
        (1, 1),
    ]
    assert "the connection was lost while the script ran" in found[hosts[1].ip]["reason"]
    assert "TRUNKLINE_JOB_NETWORKS" in found["198.51.100.77"]["reason"]
    assert (await ready.log(executed, ip=hosts[1].ip))["log_content"] == "up\n"


async def test_without_an_account_no_other_machine_is_entered(ready: Jobs, hosts: list[SshHost]) -> None:
    executed = await ready.execute("id", target_server=at(hosts[2]))
    host = results(await ready.ended(executed))[hosts[2].ip]
    assert (host["status"], host["error_code"]) == (1, 1)
    assert "send account_alias" in host["reason"]
    assert hosts[2].connections == []


async def test_a_host_behind_a_jump_host_is_reached_over_it(jobs: Jobs, hosts: list[SshHost]) -> None:
    entrance = await make_account(jobs, hosts[0], alias="entrance")
    await make_account(jobs, hosts[0], jump_ip=hosts[0].ip, jump_account_id=entrance)
    await accept(jobs, hosts[0])
    for host in hosts[1:]:
        asked = {"bk_cloud_id": 3, "ip": host.ip, "port": host.port, "public_key": host.public_key}
        await jobs.gateway.data("accept_host_key", asked)
    target = {"ip_list": [{"bk_cloud_id": 3, "ip": host.ip} for host in hosts[1:]]}
    executed = await jobs.execute("basename $PWD", account_alias="deploy", target_server=target)
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3
    assert (await jobs.log(executed, bk_cloud_id=3, ip=hosts[2].ip))["log_content"] == "host3\n"
    assert hosts[0].passed_on == [hosts[1].port] * 2
    assert len(hosts[0].connections) == 1


async def test_a_cloud_area_is_not_mistaken_for_the_direct_network(ready: Jobs, hosts: list[SshHost]) -> None:
    target = {"ip_list": [{"bk_cloud_id": 3, "ip": hosts[0].ip}]}
    executed = await ready.execute("id", account_alias="deploy", target_server=target)
    host = results(await ready.ended(executed))[hosts[0].ip]
    assert (host["status"], host["error_code"]) == (1, 1)
    assert hosts[0].connections == []


SUDO = """#!/bin/sh
while [ "$1" != -- ]; do [ "$1" = -u ] && user=$2; shift; done
shift
if [ ! -e "$HOME/no-password" ]; then
    IFS= read -r given
    [ "$given" = 'sudo secret' ] || { echo sorry >&2; exit 1; }
fi
SUDO_USER=$user exec "$@"
"""


def with_sudo(host: SshHost) -> None:
    """A sudo of the test's own, since nothing is known of the machine's: it reads a password as the real one does."""
    path = host.home / "bin" / "sudo"
    path.write_text(SUDO)
    path.chmod(0o755)


@pytest.mark.parametrize("asks", [True, False])
async def test_sudo_gets_its_password_by_its_input_alone(jobs: Jobs, hosts: list[SshHost], *, asks: bool) -> None:
    with_sudo(hosts[0])
    if not asks:
        (hosts[0].home / "no-password").touch()
    await make_account(jobs, hosts[0], sudo_user="root", sudo_password="sudo secret")
    await accept(jobs, hosts[0])
    executed = await jobs.execute("echo as $SUDO_USER", account_alias="deploy", target_server=at(hosts[0]))
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3
    assert (await jobs.log(executed))["log_content"] == "as root\n"
    assert "sudo secret" not in str(hosts[0].commands)


async def test_what_sudo_refuses_never_starts_and_is_told(jobs: Jobs, hosts: list[SshHost]) -> None:
    with_sudo(hosts[0])
    await make_account(jobs, hosts[0], sudo_user="root", sudo_password="wrong")
    await accept(jobs, hosts[0])
    executed = await jobs.execute("echo ran", account_alias="deploy", target_server=at(hosts[0]))
    host = results(await jobs.ended(executed))[hosts[0].ip]
    assert (host["status"], host["error_code"], host["reason"]) == (12, 5, "not started: sorry")


async def test_an_account_that_is_refused_says_so(jobs: Jobs, hosts: list[SshHost]) -> None:
    await make_account(jobs, hosts[0], password="wrong " + PASSWORD)
    await accept(jobs, hosts[0])
    executed = await jobs.execute("echo ran", account_alias="deploy", target_server=at(hosts[0]))
    host = results(await jobs.ended(executed))[hosts[0].ip]
    assert (host["status"], host["error_code"]) == (1, 8)
    assert PASSWORD not in str(await jobs.status(executed))


async def test_many_scripts_run_at_once(ready: Jobs, hosts: list[SshHost], tmp_path: Path) -> None:
    """None can end before all have started: more than any pool of threads would carry."""
    count = 60
    script = f"touch {tmp_path}/up-$1; while [ $(ls {tmp_path} | grep -c up-) -lt {count} ]; do sleep 0.2; done"
    executed = [
        await ready.execute(
            script, script_param_text=str(number), account_alias="deploy", target_server=at(hosts[number % 3])
        )
        for number in range(count)
    ]
    for one in executed:
        assert (await ready.ended(one))["job_instance"]["status"] == 3


async def test_a_log_that_cannot_be_kept_ends_its_script_with_a_reason(
    ready: Jobs, hosts: list[SshHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_workspace: Workspace, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Workspace, "append", full)
    executed = await ready.execute("echo up; sleep 60", account_alias="deploy", target_server=at(hosts[0]))
    host = results(await ready.ended(executed))[hosts[0].ip]
    assert (host["status"], host["error_code"]) == (11, 6)
    assert "its log can't be kept: No space left on device" in host["reason"]
