"""Folders and patterns, by SFTP and by sudo over real servers."""

from pathlib import Path

import pytest

from tests.adapters.job.conftest import Jobs
from tests.adapters.job.ssh.conftest import accept, make_account, results
from tests.adapters.job.ssh.test_files import _started, transfer
from tests.adapters.job.ssh.test_scripts import with_sudo
from tests.adapters.kinds import one_database
from tests.support.ssh import SshHost

TREE = ("conf/app.toml", "conf/sites/one.conf", "conf/sites/two.conf", "logs/b.log", "logs/it's here.log")


def _tree(host: SshHost) -> Path:
    for name in TREE:
        path = host.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return host.home


def _there(to: Path) -> list[str]:
    return sorted(str(path.relative_to(to)) for path in to.rglob("*") if path.is_file())


@one_database
@pytest.mark.parametrize("sudo", [{}, {"sudo_user": "root", "sudo_password": "sudo secret"}])
async def test_folders_and_what_fits_a_pattern_come_along(
    jobs: Jobs, hosts: list[SshHost], tmp_path: Path, sudo: dict[str, str]
) -> None:
    for host in hosts[:2]:
        with_sudo(host)
    await make_account(jobs, hosts[0], **sudo)
    await accept(jobs, *hosts)
    home, to = _tree(hosts[0]), tmp_path / "to"
    asked = transfer(hosts[0], [Path("/")], hosts[1], to=to)
    asked["file_source_list"][0]["file_list"] = [f"{home}/conf/", f"{home}/logs/*.log"]
    executed = await _started(jobs, asked)
    status = await jobs.ended(executed)
    assert status["job_instance"]["status"] == 3, status["job_instance"]["reason"]
    assert _there(to) == ["b.log", "conf/app.toml", "conf/sites/one.conf", "conf/sites/two.conf", "it's here.log"]
    assert (to / "conf/sites/two.conf").read_text() == "conf/sites/two.conf"
    log = await jobs.log(executed, bk_cloud_id=0, ip=hosts[1].ip)
    assert f"{to}/conf/sites/one.conf" in {one["dest_path"] for one in log["file_logs"]}


@one_database
@pytest.mark.parametrize("sudo", [{}, {"sudo_user": "root", "sudo_password": "sudo secret"}])
async def test_strict_makes_no_folder_but_those_that_come_along(
    jobs: Jobs, hosts: list[SshHost], tmp_path: Path, sudo: dict[str, str]
) -> None:
    for host in hosts[:2]:
        with_sudo(host)
    await make_account(jobs, hosts[0], **sudo)
    await accept(jobs, *hosts)
    to = tmp_path / "to"
    asked = transfer(hosts[0], [Path("/")], hosts[1], to=to, transfer_mode=1)
    asked["file_source_list"][0]["file_list"] = [f"{_tree(hosts[0])}/conf/"]
    assert results(await jobs.ended(await _started(jobs, asked)))[hosts[1].ip]["error_code"] == 10
    assert not to.exists()
    to.mkdir()
    assert results(await jobs.ended(await _started(jobs, asked)))[hosts[1].ip]["status"] == 9
    assert len(_there(to)) == 3


@one_database
async def test_a_pattern_that_fits_nothing_and_names_that_meet_are_told(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path
) -> None:
    home = _tree(hosts[0])
    (home / "conf" / "b.log").write_text("another")
    asked = transfer(hosts[0], [Path("/")], hosts[1], to=tmp_path / "to")
    asked["file_source_list"][0]["file_list"] = [f"{home}/*/b.log", f"{home}/*.tar"]
    host = results(await ready.ended(await _started(ready, asked)))[hosts[1].ip]
    assert (host["status"], host["error_code"]) == (11, 10)
    assert "another file came to" in host["reason"]
    assert "*.tar can't be read: no file is there" in host["reason"]
    assert _there(tmp_path / "to") == ["b.log"]
