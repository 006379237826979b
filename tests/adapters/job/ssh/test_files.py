"""Files from hosts to hosts, by SFTP over real servers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.job.service.models import JobHostRun, JobStep
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, this_process
from kernel.settings import Settings
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.ssh.conftest import accept, at, make_account, results
from tests.adapters.job.ssh.test_scripts import with_sudo
from tests.adapters.kinds import one_database
from tests.support.ssh import SshHost

CONTENT = bytes(range(256)) * 9000


def transfer(source: SshHost, files: list[Path], *targets: SshHost, to: Path, **params: Any) -> dict[str, Any]:
    account = {"alias": "deploy"}
    source_list = [{"file_list": [str(file) for file in files], "account": account, "server": at(source)}]
    return {
        **SCOPE,
        "file_source_list": source_list,
        "file_target_path": str(to),
        "account_alias": "deploy",
        "target_server": at(*targets),
        **params,
    }


async def _started(jobs: Jobs, asked: dict[str, Any]) -> dict[str, Any]:
    return dict(await jobs.gateway.data("fast_transfer_file", asked))


def _file(host: SshHost, name: str, content: bytes = CONTENT) -> Path:
    path = host.home / name
    path.write_bytes(content)
    path.chmod(0o750)
    return path


async def test_files_come_to_each_target_whole_and_are_told_of(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path
) -> None:
    files = [_file(hosts[0], "app.tar"), _file(hosts[0], "empty; rm -rf $HOME", b"")]
    to = tmp_path / "new" / "place"
    executed = await _started(ready, transfer(hosts[0], files, *hosts[1:], to=to, task_name="roll out"))
    status = await ready.ended(executed)
    assert (status["job_instance"]["status"], status["job_instance"]["name"]) == (3, "roll out")
    assert status["step_instance_list"][0]["type"] == 2
    assert [host["status"] for host in results(status).values()] == [9, 9]
    assert (to / "app.tar").read_bytes() == CONTENT
    assert (to / "app.tar").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in to.iterdir()) == ["app.tar", "empty; rm -rf $HOME"]
    log = await ready.log(executed, bk_cloud_id=0, ip=hosts[1].ip)
    assert log["log_type"] == 2
    up, down = log["file_logs"][:2]
    assert (up["mode"], up["src_ip"]["ip"], up["src_path"], up["status"]) == (0, hosts[0].ip, str(files[0]), 4)
    assert (down["mode"], down["dest_ip"]["ip"], down["dest_path"]) == (1, hosts[1].ip, str(to / "app.tar"))


async def test_a_source_is_read_once_for_all_targets(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path, settings: Settings
) -> None:
    file = _file(hosts[0], "app.tar")
    executed = await _started(ready, transfer(hosts[0], [file], *hosts[1:], to=tmp_path / "to"))
    await ready.ended(executed)
    assert len(hosts[0].connections) == 1
    assert list((settings.data_dir / "job-files").glob("*/*")) == []


async def test_what_is_missing_or_refused_fails_for_its_host_with_a_reason(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path
) -> None:
    there = _file(hosts[0], "there")
    asked = transfer(hosts[0], [there, hosts[0].home / "missing", hosts[0].home], hosts[1], to=tmp_path / "to")
    asked["target_server"]["ip_list"].append({"ip": "127.0.0.9"})
    status = await ready.ended(await _started(ready, asked))
    here, away = results(status).values()
    assert (here["status"], here["error_code"]) == (11, 10)
    assert f"{hosts[0].home}/missing can't be read" in here["reason"]
    assert f"{hosts[0].home} can't be read" in here["reason"]
    assert (away["status"], away["error_code"]) == (1, 1)
    assert (tmp_path / "to" / "there").read_bytes() == CONTENT


async def test_a_source_that_is_not_reached_fails_its_files_alone(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path
) -> None:
    asked = transfer(hosts[0], [_file(hosts[0], "there")], hosts[1], to=tmp_path / "to")
    gone = {**asked["file_source_list"][0], "file_list": ["/gone"], "server": {"ip_list": [{"ip": "127.0.0.9"}]}}
    asked["file_source_list"].append(gone)
    status = await ready.ended(await _started(ready, asked))
    assert "/gone source 127.0.0.9" in results(status)[hosts[1].ip]["reason"]
    assert (tmp_path / "to" / "there").exists()


@pytest.mark.parametrize("mode", [1, "2"])
async def test_the_folder_is_made_or_must_be_there(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path, mode: Any
) -> None:
    file = _file(hosts[0], "app.tar")
    asked = transfer(hosts[0], [file], hosts[1], to=tmp_path / "to", transfer_mode=mode)
    status = await ready.ended(await _started(ready, asked))
    assert status["job_instance"]["status"] == (4 if mode == 1 else 3)
    assert (tmp_path / "to").exists() == (mode != 1)


async def test_sudo_reads_and_puts_files_that_the_account_may_not(
    jobs: Jobs, hosts: list[SshHost], tmp_path: Path
) -> None:
    with_sudo(hosts[0])
    with_sudo(hosts[1])
    await make_account(jobs, hosts[0], sudo_user="root", sudo_password="sudo secret")
    await accept(jobs, *hosts)
    file = _file(hosts[0], "it's mine")
    status = await jobs.ended(await _started(jobs, transfer(hosts[0], [file], hosts[1], to=tmp_path / "to")))
    assert status["job_instance"]["status"] == 3, status
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["it's mine"]
    assert (tmp_path / "to" / "it's mine").read_bytes() == CONTENT


async def test_a_transfer_that_is_ended_leaves_what_was_there(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path
) -> None:
    to = tmp_path / "to"
    to.mkdir()
    (to / "app.tar").write_text("before")
    asked = transfer(hosts[0], [_file(hosts[0], "app.tar", CONTENT * 4)], hosts[1], to=to, download_speed_limit=1)
    executed = await _started(ready, asked)
    for _ in range(200):
        if list(to.glob(".app.tar.*")):
            break
        await asyncio.sleep(0.02)
    ended = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
    await ready.gateway.data("operate_job_instance", ended)
    assert results(await ready.ended(executed))[hosts[1].ip]["status"] == 403
    assert [path.name for path in to.iterdir()] == ["app.tar"]
    assert (to / "app.tar").read_text() == "before"


async def test_a_transfer_whose_server_died_is_done_by_another(
    idle_jobs: Jobs, hosts: list[SshHost], tmp_path: Path, database: Database
) -> None:
    await make_account(idle_jobs, hosts[0])
    await accept(idle_jobs, *hosts)
    asked = transfer(hosts[0], [_file(hosts[0], "app.tar")], hosts[1], to=tmp_path / "to")
    executed = await _started(idle_jobs, asked)
    me = this_process()
    dead = ProcessIdentity(me.host, me.pid, me.started + 1)
    async with database.unit_of_work() as session:
        await session.execute(update(JobHostRun).values(status=7, owner=str(dead), start_ms=2**42))
    await idle_jobs.gateway.system.start()
    assert results(await idle_jobs.ended(executed))[hosts[1].ip]["status"] == 9
    await idle_jobs.gateway.system.stop()
    assert (tmp_path / "to" / "app.tar").read_bytes() == CONTENT


@one_database
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"file_target_path": "relative"}, "file_target_path"),
        ({"file_target_path": "/a/../b"}, "file_target_path: /a/../b goes up by '..'"),
        ({"file_source_list": []}, "file_source_list"),
        ({"transfer_mode": 3}, "transfer_mode"),
        ({"source": {"file_list": ["//"]}}, "file_source_list.0.file_list: // has no name"),
        ({"source": {"file_list": ["/a/REGEX:("]}}, "/a/REGEX:( holds no regular expression"),
        ({"source": {"file_list": ["/a", "/b/a"]}}, "has more than one file that would become /to/a"),
        ({"source": {"server": {}}}, "file_source_list.0.server: names no host"),
        ({"source": {"account": {}}}, "file_source_list.0.account: is missing: 127.0.0.1 is another machine"),
        ({"source": {"account": {"alias": "x"}}}, "has no account x"),
        ({"source": {"file_type": 4}}, "file_type"),
    ],
)
async def test_a_wrong_parameter_is_named_and_nothing_is_kept(
    idle_jobs: Jobs, hosts: list[SshHost], database: Database, change: dict[str, Any], named: str
) -> None:
    await make_account(idle_jobs, hosts[0])
    asked = transfer(hosts[0], [Path("/a")], hosts[1], to=Path("/to"))
    asked["file_source_list"][0].update(change.get("source", {}))
    answer = await idle_jobs.gateway.call("fast_transfer_file", {**asked, **change})
    assert (answer["result"], named in answer["message"]) == (False, True), answer
    async with database.reading() as session:
        assert (await session.execute(select(JobStep))).first() is None
