"""Plans executed: step after step."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.job.service.models import JobStep
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from tests.adapters.job.conftest import HERE, SCOPE, Jobs
from tests.adapters.job.plans.conftest import TARGET, approval, begun, encoded, made, operate, said, script, states
from tests.adapters.kinds import one_database

SECRET = 'it\'s $HOME "here"; echo no'


async def test_steps_follow_each_other_and_see_the_variables(jobs: Jobs, database: Database) -> None:
    variables = [
        {"name": "COLOUR", "value": "red"},
        {"name": "PASSWORD", "type": 4, "value": SECRET},
        {"name": "WHERE", "type": 3, "required": 1},
    ]
    at = {"variable": "WHERE"}
    parameters = encoded("'${COLOUR} one' ${PASSWORD}")
    python = "import sys; print(sys.argv[1:])"
    plan = await made(
        jobs,
        script("shell", 'echo "$COLOUR ${PASSWORD}"; echo "<SOPS_VAR>made:7</SOPS_VAR>"', server=at),
        script("python", python, script_language="python", script_param=parameters, server=at),
        global_var_list=variables,
    )
    given = [{"id": 1, "value": "blue"}, {"name": "WHERE", "server": {"host_id_list": [HERE.host_id]}}]
    executed = await begun(jobs, plan, global_var_list=given)
    assert executed["job_instance_name"] == "release"
    status = await jobs.ended(executed)
    assert states(status) == [3, 3, 3]
    assert [step["name"] for step in status["step_instance_list"]] == ["shell", "python"]
    assert (await said(jobs, status, 0)).startswith(f"blue {SECRET}\n")
    assert await said(jobs, status, 1) == f"{['blue one', SECRET]}\n"
    first, second = status["step_instance_list"]
    assert first["end_time"] <= second["start_time"]
    assert status["job_instance"]["job_plan_id"] == plan
    async with database.reading() as session:
        hidden = [step.is_param_sensitive for step in (await session.execute(select(JobStep))).scalars()]
        audits = str([row.after for row in (await session.execute(select(AuditRecord))).scalars()])
    assert hidden == [False, True]
    assert SECRET not in audits


async def test_a_step_that_fails_stops_the_plan_until_it_is_tried_again(jobs: Jobs, tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    plan = await made(jobs, script("check", f"test -e {mended}"), script("go", "echo gone"))
    executed = await begun(jobs, plan)
    status = await jobs.ended(executed)
    assert states(status) == [4, 4, 1]
    assert status["step_instance_list"][1]["step_ip_result_list"][0]["status"] == 5
    assert status["job_instance"]["reason"] == f"check: {HERE.ip}: exit code 1"
    assert "has been passed already, or" in (await operate(jobs, status, 1, 2))["message"]
    mended.touch()
    assert (await operate(jobs, status, 0, 2))["result"] is True
    status = await jobs.ended(executed)
    assert states(status) == [3, 3, 3]
    assert await said(jobs, status, 1) == "gone\n"


async def test_a_failure_is_passed_over_where_somebody_says_so(jobs: Jobs) -> None:
    plan = await made(jobs, script("check", "exit 3"), script("go", "exit 4"))
    executed = await begun(jobs, plan)
    assert (await operate(jobs, await jobs.ended(executed), 0, 3))["result"] is True
    status = await jobs.ended(executed)
    assert states(status) == [4, 6, 4]
    assert (await operate(jobs, status, 1, 3))["result"] is True
    assert states(await jobs.ended(executed)) == [3, 6, 6]


async def test_a_plan_that_is_terminated_begins_no_further_step(jobs: Jobs, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    plan = await made(jobs, script("wait", "echo begun; sleep 60"), script("go", f"touch {mark}"))
    executed = await begun(jobs, plan)
    await jobs.reaches(executed, 2)
    ended = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
    await jobs.gateway.data("operate_job_instance", ended)
    status = await jobs.ended(executed)
    assert states(status) == [11, 11, 1]
    assert not mark.exists()
    assert "goes on by operation_code 11" in (await operate(jobs, status, 0, 3))["message"]
    assert (await operate(jobs, status, 0, 11))["result"] is True
    assert states(await jobs.ended(executed)) == [3, 5, 3]
    assert mark.exists()


@pytest.mark.parametrize(("code", "end"), [(6, [3, 13, 3]), (9, [14, 14, 1])])
async def test_an_approval_holds_the_job_until_somebody_answers(jobs: Jobs, code: int, end: list[int]) -> None:
    variables = [{"name": "VERSION", "value": "1.4"}]
    plan = await made(
        jobs, approval("ask", "Release ${VERSION}?"), script("go", "echo gone"), global_var_list=variables
    )
    executed = await begun(jobs, plan)
    status = await jobs.status(executed)
    assert states(status) == [7, 7, 1]
    assert status["step_instance_list"][0]["approval_message"] == "Release 1.4?"
    assert "has not ended yet" in (await operate(jobs, status, 0, 2))["message"]
    assert (await operate(jobs, status, 0, code))["result"] is True
    status = await jobs.ended(executed)
    assert states(status) == end
    assert status["job_instance"]["reason"] == ("" if code == 6 else "ask: was refused")
    assert (await operate(jobs, status, 0, code))["result"] is False


async def test_an_approval_that_nobody_gives_can_be_terminated(idle_jobs: Jobs) -> None:
    executed = await begun(idle_jobs, await made(idle_jobs, approval("ask", "Go?"), script("go", "echo gone")))
    ended = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
    await idle_jobs.gateway.data("operate_job_instance", ended)
    assert states(await idle_jobs.status(executed)) == [11, 11, 1]


async def test_files_go_where_the_variables_say(jobs: Jobs, tmp_path: Path) -> None:
    source = tmp_path / "app-1.4.tar"
    source.write_text("the application")
    files = {
        "name": "copy",
        "type": 2,
        "file_info": {
            "file_source_list": [{"file_list": [f"{tmp_path}/app-${{VERSION}}.tar"], "server": TARGET}],
            "file_destination": {"path": "${FOLDER}/new", "server": TARGET},
        },
    }
    variables = [{"name": "VERSION", "value": "1.4"}, {"name": "FOLDER"}]
    plan = await made(jobs, files, script("read", 'cat "$FOLDER"/new/*'), global_var_list=variables)
    executed = await begun(jobs, plan, global_var_list=[{"name": "FOLDER", "value": str(tmp_path)}])
    status = await jobs.ended(executed)
    assert states(status) == [3, 3, 3]
    assert await said(jobs, status, 1) == "the application"


@one_database
async def test_values_that_do_not_fit_are_named_and_nothing_is_executed(idle_jobs: Jobs, database: Database) -> None:
    variables = [{"name": "SIZE", "required": 1}, {"name": "WHERE", "type": 3}]
    plan = await made(idle_jobs, script("go", "id", server={"variable": "WHERE"}), global_var_list=variables)
    wrong: list[tuple[list[dict[str, Any]], str]] = [
        ([], "global_var_list: has no value of SIZE, which is required"),
        ([{"name": "SIZE", "value": ""}], "has no value of SIZE"),
        ([{"name": "COLOUR", "value": "x"}], "global_var_list.0: the plan has no variable COLOUR"),
        ([{"id": 9, "value": "x"}], "global_var_list.0: the plan has no variable 9"),
        ([{"id": 1, "server": TARGET}], "global_var_list.0.server: SIZE is of type 1"),
        ([{"id": 1, "value": "x"}], "step_list.0.target_server: names no host"),
    ]
    for given, problem in wrong:
        asked = {**SCOPE, "job_plan_id": plan, "global_var_list": given}
        assert problem in (await idle_jobs.gateway.call("execute_job_plan", asked))["message"]
    async with database.reading() as session:
        assert (await session.execute(select(JobStep))).first() is None
