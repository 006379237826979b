"""A plan on several hosts by SSH: each step as its own account, secrets on no command line."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters.job.service.models import JobStep
from kernel.db.database import Database
from tests.adapters.job.conftest import Jobs
from tests.adapters.job.plans.conftest import begun, encoded, made, states
from tests.adapters.job.ssh.conftest import at
from tests.adapters.kinds import one_database
from tests.support.ssh import SshHost

SECRET = "it's never seen"


@one_database
async def test_files_and_scripts_come_to_the_hosts_of_a_variable(
    ready: Jobs, hosts: list[SshHost], tmp_path: Path, database: Database
) -> None:
    account = {"alias": "deploy"}
    (hosts[0].home / "app-1.4").write_text("the application")
    server: dict[str, Any] = {"variable": "WEB"}
    source = {"file_list": [f"{hosts[0].home}/app-${{VERSION}}"], "server": at(hosts[0]), "account": account}
    destination = {"path": str(tmp_path / "to"), "server": server, "account": account}
    copy = {"name": "copy", "type": 2, "file_info": {"file_source_list": [source], "file_destination": destination}}
    script = 'cat "$1"/app-"$VERSION"; test "$2" = "$PASSWORD" && echo " fits"'
    parameters = encoded(f"{tmp_path}/to ${{PASSWORD}}")
    switch = {"script_content": encoded(script), "script_param": parameters, "server": server, "account": account}
    variables = [{"name": "VERSION"}, {"name": "PASSWORD", "type": 4, "value": SECRET}, {"name": "WEB", "type": 3}]
    steps = copy, {"name": "switch", "type": 1, "script_info": switch}
    plan = await made(ready, *steps, global_var_list=variables)
    given = [{"name": "VERSION", "value": "1.4"}, {"name": "WEB", "server": at(*hosts[1:])}]
    executed = await begun(ready, plan, global_var_list=given)
    status = await ready.ended(executed)
    assert states(status) == [3, 3, 3], status["job_instance"]["reason"]
    for host in hosts[1:]:
        ids = {"job_instance_id": executed["job_instance_id"], **_last(status)}
        assert (await ready.log(ids, bk_cloud_id=0, ip=host.ip))["log_content"] == "the application fits\n"
    assert SECRET not in str([host.commands for host in hosts])
    async with database.reading() as session:
        kept = [step.payload_sealed for step in (await session.execute(select(JobStep))).scalars()]
    assert SECRET not in str(kept)


def _last(status: dict[str, Any]) -> dict[str, int]:
    return {"step_instance_id": status["step_instance_list"][-1]["step_instance_id"]}
