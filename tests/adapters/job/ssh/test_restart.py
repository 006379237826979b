"""What becomes of scripts on other hosts when the server dies."""

from sqlalchemy import select, update

from adapters.job.service.models import JobHostRun
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, this_process
from kernel.settings import Settings
from tests.adapters.job.conftest import Jobs
from tests.adapters.job.ssh.conftest import accept, at, make_account, results
from tests.adapters.job.test_restart import other_process
from tests.support.ssh import SshHost


async def _restarted(jobs: Jobs, executed: dict[str, int], host: SshHost) -> dict[str, object]:
    await jobs.gateway.system.start()
    try:
        return results(await jobs.ended(executed))[host.ip]
    finally:
        await jobs.gateway.system.stop()


async def _prepared(jobs: Jobs, hosts: list[SshHost]) -> None:
    await make_account(jobs, hosts[0])
    await accept(jobs, *hosts)


async def test_what_ran_when_the_server_died_is_lost_with_its_log_and_not_repeated(
    idle_jobs: Jobs, hosts: list[SshHost], database_url: str, settings: Settings
) -> None:
    await _prepared(idle_jobs, hosts)
    async with other_process(database_url, settings) as kill:
        script = "echo x >> ran; echo up; sleep 60"
        executed = await idle_jobs.execute(script, account_alias="deploy", target_server=at(hosts[0]))
        await idle_jobs.says(executed, "up")
        await kill()
    host = await _restarted(idle_jobs, executed, hosts[0])
    assert (host["status"], host["error_code"]) == (11, 4)
    assert "the job system stopped while the script ran" in str(host["reason"])
    assert (await idle_jobs.log(executed))["log_content"] == "up\n"
    assert (hosts[0].home / "ran").read_text() == "x\n"


async def test_what_was_claimed_and_never_sent_is_started_once(
    idle_jobs: Jobs, hosts: list[SshHost], database: Database, settings: Settings
) -> None:
    await _prepared(idle_jobs, hosts)
    executed = await idle_jobs.execute("echo x >> ran", account_alias="deploy", target_server=at(hosts[0]))
    me = this_process()
    dead = ProcessIdentity(me.host, me.pid, me.started + 1)
    async with database.unit_of_work() as session:
        await session.execute(update(JobHostRun).values(status=7, owner=str(dead), start_ms=2**42))
    async with database.reading() as session:
        (run,) = (await session.execute(select(JobHostRun))).scalars()
    (settings.data_dir / "job" / str(run.id) / "0").mkdir(parents=True)
    host = await _restarted(idle_jobs, executed, hosts[0])
    assert (host["status"], (hosts[0].home / "ran").read_text()) == (9, "x\n")
