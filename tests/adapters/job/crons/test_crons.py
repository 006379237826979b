"""Plans that are executed by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.callbacks import CallbackSender
from adapters.job.service.crons.firing import CronFiring
from adapters.job.service.crons.models import JobCron
from adapters.job.service.crons.repository import CronRepository
from adapters.job.service.crons.service import execution_of
from adapters.job.service.executions import Executions
from adapters.job.service.files.service import FileService
from adapters.job.service.files.unit import OtherFiles
from adapters.job.service.models import JobInstance
from adapters.job.service.plans.planning import PlanSteps
from adapters.job.service.plans.repository import PlanRepository
from adapters.job.service.plans.service import PlanService
from adapters.job.service.repository import JobRepository
from adapters.job.service.rules.repository import RuleRepository
from adapters.job.service.rules.service import RuleService
from adapters.job.service.script_steps import ScriptSteps
from adapters.job.service.scripts.repository import ScriptRepository
from adapters.job.service.scripts.service import ScriptService
from adapters.job.service.targets import LocalHosts
from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.services import KernelServices
from tests.adapters.job.conftest import SCOPE, Jobs, KnownHosts
from tests.adapters.job.plans.conftest import made, script
from tests.adapters.kinds import one_database

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


def firing(kernel: KernelServices) -> CronFiring:
    """As another process has it."""
    clock, hosts, accounts = kernel.clock, KnownHosts(), AccountRepository()
    local = LocalHosts(kernel.settings.job_local_hosts)
    callbacks = CallbackSender(kernel.settings, kernel.secrets)
    executions = Executions(JobRepository(), local, callbacks, kernel.secrets, clock, lambda: None)
    scripts = ScriptService(ScriptRepository(), kernel.secrets, clock)
    steps = PlanSteps(
        ScriptSteps(hosts, accounts, RuleService(RuleRepository(), clock), scripts),
        FileService(hosts, local, accounts, executions, OtherFiles(kernel).known),
    )
    return CronFiring(kernel, CronRepository(), PlanService(PlanRepository(), executions, steps, kernel.secrets, clock))


async def save(jobs: Jobs, plan: int, **params: Any) -> dict[str, Any]:
    asked = {**SCOPE, "name": "nightly", "job_plan_id": plan, "status": 1, **params}
    return dict(await jobs.gateway.data("save_cron", asked))


async def detail(jobs: Jobs, cron: dict[str, Any]) -> dict[str, Any]:
    return dict(await jobs.gateway.data("get_cron_detail", {**SCOPE, "id": cron["id"]}))


async def instances(kernel: KernelServices) -> list[JobInstance]:
    async with kernel.database.reading() as session:
        return list((await session.execute(select(JobInstance))).scalars())


async def test_it_is_executed_once_at_its_time_by_whichever_process_comes_first(
    idle_jobs: Jobs, kernel: KernelServices, clock: ManualClock
) -> None:
    plan = await made(idle_jobs, script("run", "true"))
    saved = await save(idle_jobs, plan, expression="30 2 * * *", time_zone="Europe/Berlin")
    assert saved["next_time"] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC).timestamp() * 1000  # 02:30 is skipped there
    processes = [firing(kernel), firing(kernel)]
    assert await processes[0].fire_due() == timedelta(hours=13).total_seconds()
    clock.advance(hours=13, seconds=5)
    await asyncio.gather(*(process.fire_due() for process in processes))
    (instance,) = await instances(kernel)
    assert (instance.name, instance.job_plan_id, instance.operator) == ("nightly", plan, "ada")
    known = await detail(idle_jobs, saved)
    assert (known["last_job_instance_id"], known["last_time"]) == (instance.job_instance_id, saved["next_time"])
    assert known["next_time"] == datetime(2026, 3, 30, 0, 30, tzinfo=UTC).timestamp() * 1000
    assert await idle_jobs.gateway.data("update_cron_status", {**SCOPE, "id": saved["id"], "status": 2})
    clock.advance(days=2)
    await processes[0].fire_due()
    assert len(await instances(kernel)) == 1


@one_database
async def test_a_rule_that_was_missed_is_not_made_good_and_a_single_time_is(
    idle_jobs: Jobs, kernel: KernelServices, clock: ManualClock
) -> None:
    plan = await made(idle_jobs, script("run", "true"))
    hourly = await save(idle_jobs, plan, expression="0 * * * ?")
    once = await save(idle_jobs, plan, name="once", execute_time=int(NOON.timestamp()) + 60)
    clock.advance(hours=5, minutes=30)
    await firing(kernel).fire_due()
    assert [each.name for each in await instances(kernel)] == ["once"]
    assert "missed" in (await detail(idle_jobs, hourly))["last_problem"]
    done = await detail(idle_jobs, once)
    assert (done["status"], done["next_time"], done["last_problem"]) == (2, None, "")
    again = await idle_jobs.gateway.call("update_cron_status", {**SCOPE, "id": once["id"], "status": 1})
    assert "execute_time: is never due again" in again["message"]


@one_database
async def test_what_can_not_be_executed_is_told_and_the_rest_goes_on(
    idle_jobs: Jobs, kernel: KernelServices, clock: ManualClock
) -> None:
    gone = await made(idle_jobs, script("run", "true"), name="gone")
    kept = await made(idle_jobs, script("run", "true"))
    broken = await save(idle_jobs, gone, name="broken", expression="*/5 * * * *")
    await save(idle_jobs, kept, expression="*/5 * * * *")
    await idle_jobs.gateway.data("delete_job_plan", {**SCOPE, "job_plan_id": gone})
    clock.advance(minutes=5)
    await firing(kernel).fire_due()
    assert [each.name for each in await instances(kernel)] == ["nightly"]
    async with kernel.database.reading() as session:
        told = select(AuditRecord).where(AuditRecord.action == "job_cron.not_executed")  # type: ignore[arg-type]
        (record,) = (await session.execute(told)).scalars()
    assert (record.resource_id, record.after) == (str(broken["id"]), {"problem": f"biz 2 has no job plan {gone}"})


@one_database
@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"expression": "* * * *"}, "expression: has not five fields"),
        ({"expression": "61 * * * *"}, "expression: can't be read"),
        ({"expression": "0 0 31 2 *"}, "expression: can't be read"),
        ({"expression": "* * * * *", "time_zone": "Mars/North"}, "time_zone: Mars/North is no time zone"),
        ({"expression": "* * * * *", "execute_time": 4_000_000_000}, "and not both"),
        ({}, "expression: is missing"),
        ({"execute_time": 1}, "execute_time: is never due again"),
        ({"expression": "* * * * *", "job_plan_id": 99}, "no job plan 99"),
        ({"expression": "* * * * *", "name": "taken"}, "name: taken exists already"),
        ({"expression": "* * * * *", "global_var_list": [{"name": "what"}]}, "what"),
        ({"expression": "* * * * *", "id": 4711}, "no cron 4711"),
    ],
)
async def test_what_can_not_be_saved_says_why(idle_jobs: Jobs, params: dict[str, Any], why: str) -> None:
    plan = await made(idle_jobs, script("run", "true"))
    await save(idle_jobs, plan, name="taken", expression="* * * * *")
    asked = {**SCOPE, "name": "nightly", "job_plan_id": plan, "status": 1, **params}
    answer = await idle_jobs.gateway.call("save_cron", asked)
    assert answer["result"] is False
    assert why in answer["message"]
    assert (await idle_jobs.gateway.data("get_cron_list", SCOPE))["total"] == 1


async def test_what_is_left_out_stays_and_no_sealed_value_is_answered(idle_jobs: Jobs) -> None:
    variables = [{"name": "host", "type": 1}, {"name": "password", "type": 4}]
    plan = await made(idle_jobs, script("run", "true"), global_var_list=variables)
    given = [{"name": "host", "value": "web-1"}, {"name": "password", "value": "hidden"}]
    saved = await save(idle_jobs, plan, expression="0 1 * * *", time_zone="Asia/Shanghai", global_var_list=given)
    other = await idle_jobs.gateway.data("save_cron", {**SCOPE, "id": saved["id"], "name": "early", "status": 2})
    assert (other["name"], other["expression"], other["time_zone"]) == ("early", "0 1 * * *", "Asia/Shanghai")
    assert (other["status"], other["next_time"]) == (2, None)
    known = await detail(idle_jobs, saved)
    assert known["global_var_list"] == [{"name": "host", "value": "web-1"}, {"name": "password"}]
    found = await idle_jobs.gateway.data("get_cron_list", {**SCOPE, "name": "ear", "status": 2, "job_plan_id": plan})
    assert [each["id"] for each in found["data"]] == [saved["id"]]
    await idle_jobs.gateway.data("delete_cron", {**SCOPE, "id": saved["id"]})
    assert (await idle_jobs.gateway.data("get_cron_list", SCOPE))["total"] == 0


@one_database
async def test_a_sealed_value_that_is_only_named_stays_while_the_plan_does(
    idle_jobs: Jobs, kernel: KernelServices
) -> None:
    variables = [{"name": "host", "type": 1}, {"name": "password", "type": 4}]
    plan = await made(idle_jobs, script("run", "true"), global_var_list=variables)
    other = await made(idle_jobs, script("run", "true"), name="other", global_var_list=variables)
    given = [{"name": "host", "value": "web-1"}, {"name": "password", "value": "hidden"}]
    saved = await save(idle_jobs, plan, expression="0 1 * * *", global_var_list=given)

    async def values(**changed: Any) -> list[tuple[str | None, str | None]]:
        asked = {"global_var_list": [{"name": "host", "value": "web-2"}, {"name": "password"}], **changed}
        await idle_jobs.gateway.data("save_cron", {**SCOPE, "id": saved["id"], **asked})
        async with kernel.database.reading() as session:
            (cron,) = (await session.execute(select(JobCron))).scalars()
        return [(each.name, each.value) for each in execution_of(cron, kernel.secrets).global_var_list]

    assert await values() == [("host", "web-2"), ("password", "hidden")]
    assert await values(job_plan_id=other) == [("host", "web-2"), ("password", None)]


@one_database
async def test_a_running_system_executes_it_by_itself(jobs: Jobs, tmp_path: Path, clock: ManualClock) -> None:
    plan = await made(jobs, script("run", f"touch {tmp_path}/ran"))
    await save(jobs, plan, execute_time=int(NOON.timestamp()) + 1)
    clock.advance(seconds=1)
    for _ in range(500):
        if (tmp_path / "ran").exists():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it was never executed")
