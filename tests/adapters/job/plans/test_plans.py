"""Job plans as they are kept."""

from typing import Any

from sqlalchemy import select

from adapters.job.service.plans.models import JobPlanVersion
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from tests.adapters.job.conftest import SCOPE, Jobs
from tests.adapters.job.plans.conftest import TARGET, approval, encoded, made, script
from tests.adapters.kinds import one_database

SECRET = "s3cret of the database"


async def _detail(jobs: Jobs, plan: int, **params: Any) -> dict[str, Any]:
    return dict(await jobs.gateway.data("get_job_plan_detail", {**SCOPE, "job_plan_id": plan, **params}))


async def _refused(jobs: Jobs, component: str, **params: Any) -> str:
    answer = await jobs.gateway.call(component, {**SCOPE, "name": "release", **params})
    assert answer["result"] is False
    return str(answer["message"])


async def test_every_change_is_a_version_that_stays_to_be_read(idle_jobs: Jobs) -> None:
    plan = await made(idle_jobs, script("one", "echo 1"), approval("ask", "Go on?"))
    changed = {**SCOPE, "job_plan_id": plan, "step_list": [script("two", "echo 2")], "description": "shorter"}
    assert (await idle_jobs.gateway.data("update_job_plan", changed))["version"] == 2
    last, first = await _detail(idle_jobs, plan), await _detail(idle_jobs, plan, version=1)
    assert [step["name"] for step in last["step_list"]] == ["two"]
    assert [(step["id"], step["name"], step["type"]) for step in first["step_list"]] == [(1, "one", 1), (2, "ask", 3)]
    assert first["step_list"][0]["script_info"]["script_content"] == encoded("echo 1")
    listed = (await idle_jobs.gateway.get("get_job_plan_list", {**SCOPE, "name": "elea"}))["data"]
    assert [(one["id"], one["version"], one["description"]) for one in listed["data"]] == [(plan, 2, "shorter")]
    versions = await idle_jobs.gateway.data("get_job_plan_version_list", {**SCOPE, "job_plan_id": plan})
    assert [one["version"] for one in versions["data"]] == [2, 1]


async def test_sealed_values_are_kept_and_never_answered(idle_jobs: Jobs, database: Database) -> None:
    variables = [{"name": "PASSWORD", "type": 4, "value": SECRET}, {"name": "SIZE", "value": "3"}]
    plan = await made(idle_jobs, script("one", "echo 1"), global_var_list=variables)
    renamed = [{"name": "PASSWORD", "type": "4"}, {"name": "COLOUR"}, {"name": "SIZE", "value": "4"}]
    await idle_jobs.gateway.data("update_job_plan", {**SCOPE, "job_plan_id": plan, "global_var_list": renamed})
    detail = await _detail(idle_jobs, plan)
    told = [(one["id"], one["name"], one["value"], one["has_value"]) for one in detail["global_var_list"]]
    assert told == [(1, "PASSWORD", None, True), (3, "COLOUR", None, False), (2, "SIZE", "4", True)]
    async with database.reading() as session:
        kept = [row.content_sealed for row in (await session.execute(select(JobPlanVersion))).scalars()]
        audits = [str(row.after) for row in (await session.execute(select(AuditRecord))).scalars()]
    assert len(kept) == len(audits) == 2
    assert not any(SECRET in text for text in [*kept, *audits, str(detail)])


async def test_a_deleted_plan_is_gone_and_its_id_is_not_given_again(idle_jobs: Jobs) -> None:
    plan = await made(idle_jobs, script("one", "echo 1"))
    await idle_jobs.gateway.data("delete_job_plan", {**SCOPE, "job_plan_id": plan})
    assert "has no job plan" in await _refused(idle_jobs, "get_job_plan_detail", job_plan_id=plan)
    assert await made(idle_jobs, script("one", "echo 1")) > plan


@one_database
async def test_a_plan_of_another_business_is_not_there(idle_jobs: Jobs) -> None:
    plan = await made(idle_jobs, script("one", "echo 1"))
    for component in ("get_job_plan_detail", "execute_job_plan", "update_job_plan", "delete_job_plan"):
        assert "has no job plan" in await _refused(idle_jobs, component, job_plan_id=plan, bk_scope_id="3")


@one_database
async def test_what_does_not_fit_together_is_named_and_nothing_is_kept(idle_jobs: Jobs, database: Database) -> None:
    cipher = {"name": "PASSWORD", "type": 4}
    files = {
        "name": "copy",
        "type": 2,
        "file_info": {
            "file_source_list": [{"file_list": ["/srv/${PASSWORD}"], "server": TARGET}],
            "file_destination": {"path": "/srv/there", "server": TARGET},
        },
    }
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"step_list": []}, "step_list"),
        ({"step_list": [{"name": "x", "type": 1}]}, "step_list.0.script_info: is missing"),
        ({"step_list": [{**script("x", "id"), "type": 3}]}, "step_list.0.script_info: doesn't go with type 3"),
        ({"step_list": [script("x", "id", script_content="%")]}, "step_list.0.script_info.script_content: is not"),
        ({"step_list": [script("x", "id", server={"variable": "HOSTS"})]}, "script_info.server.variable: HOSTS is no"),
        ({"step_list": [files], "global_var_list": [cipher]}, "file_source_list.0.file_list: would tell PASSWORD"),
        ({"global_var_list": [cipher, cipher]}, "global_var_list.1.name: PASSWORD is there twice"),
        ({"global_var_list": [{"name": "H", "type": 3, "value": "x"}]}, "global_var_list.0: has server with type 3"),
        ({"global_var_list": [{"name": "1x"}]}, "global_var_list.0.name"),
    ]
    for params, problem in wrong:
        assert problem in await _refused(idle_jobs, "create_job_plan", **{"step_list": [script("x", "id")], **params})
    await made(idle_jobs, script("x", "id"))
    assert "name: release exists already" in await _refused(idle_jobs, "create_job_plan", step_list=[script("x", "id")])
    async with database.reading() as session:
        assert len((await session.execute(select(JobPlanVersion))).scalars().all()) == 1
