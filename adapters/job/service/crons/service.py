"""Crons: plans that are executed by themselves."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.crons import schemas, timing
from adapters.job.service.crons.models import CronStatus, JobCron
from adapters.job.service.crons.repository import CronRepository
from adapters.job.service.errors import NotNow, ParameterWrong
from adapters.job.service.plans.schemas import ExecutePlan, GivenVariable
from adapters.job.service.plans.service import PlanService
from adapters.job.service.repository import milliseconds
from adapters.job.service.schemas import Scoped
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

PURPOSE: Final = "job cron"
MOST: Final = 1000
"""Crons of a scope."""


class CronService:
    """Args:
    ring: times have changed.
    """

    def __init__(
        self,
        repository: CronRepository,
        plans: PlanService,
        secrets: SecretBox,
        clock: Clock,
        ring: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._plans = plans
        self._secrets = secrets
        self._clock = clock
        self._ring = ring

    async def save_cron(self, session: AsyncSession, caller: SignedCaller, asked: schemas.SaveCron) -> Any:
        """Executed from then on in the name of who saved it."""
        scope, now = _scope(asked), milliseconds(self._clock.now())
        cron, before = await self._of(session, asked, caller, now)
        if asked.name is not None and asked.name != cron.name:
            if await self._repository.is_taken(session, scope, asked.name):
                raise ParameterWrong("name", f"{asked.name} exists already; send its id to change it")
            cron.name = asked.name
        former = cron.job_plan_id
        cron.job_plan_id = asked.job_plan_id or former
        _put_times(cron, asked)
        if asked.global_var_list is not None:
            kept = execution_of(cron, self._secrets).global_var_list if cron.job_plan_id == former else []
            secret = await self._plans.secret_variables(session, scope, cron.job_plan_id)
            cron.variables_sealed = self._sealed([_with_value(each, kept, secret) for each in asked.global_var_list])
        cron.status = asked.status or cron.status
        await self._plans.check_execution(session, execution_of(cron, self._secrets))
        cron.app, cron.user, cron.project = caller.app, caller.user, caller.project
        self._settle(cron, caller, now)
        session.add(cron)
        await session.flush()
        happened = "job_cron.created" if before is None else "job_cron.updated"
        record(session, caller.principal, happened, "job_cron", str(cron.id), before=before, after=_facts(cron))
        after_commit(session, self._ring)
        return shown(cron)

    async def update_cron_status(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateCronStatus
    ) -> Any:
        cron = await self._repository.cron(session, _scope(asked), asked.id, for_change=True)
        before = _facts(cron)
        cron.status = asked.status
        self._settle(cron, caller, milliseconds(self._clock.now()))
        record(
            session, caller.principal, "job_cron.updated", "job_cron", str(cron.id), before=before, after=_facts(cron)
        )
        after_commit(session, self._ring)
        return shown(cron)

    async def delete_cron(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfCron) -> Any:
        """What it has executed stays."""
        cron = await self._repository.cron(session, _scope(asked), asked.id, for_change=True)
        record(session, caller.principal, "job_cron.deleted", "job_cron", str(cron.id), before=_facts(cron))
        await session.delete(cron)
        return {"id": asked.id}

    async def get_cron_list(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListCrons) -> Any:
        total, rows = await self._repository.listed(session, asked)
        return {"start": asked.start, "length": asked.length, "total": total, "data": [shown(row) for row in rows]}

    async def get_cron_detail(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.OfCron) -> Any:
        cron = await self._repository.cron(session, _scope(asked), asked.id)
        given = execution_of(cron, self._secrets).global_var_list
        secret = await self._plans.secret_variables(session, _scope(asked), cron.job_plan_id)
        variables = [
            each.model_dump(exclude_none=True, exclude={"value"} if {each.name, each.id} & secret else None)
            for each in given
        ]
        return {**shown(cron), "global_var_list": variables}

    async def _of(
        self, session: AsyncSession, asked: schemas.SaveCron, caller: SignedCaller, now: int
    ) -> tuple[JobCron, dict[str, Any] | None]:
        """The one that is meant with what it was, or a new one."""
        if asked.id is not None:
            cron = await self._repository.cron(session, _scope(asked), asked.id, for_change=True)
            return cron, _facts(cron)
        for field in ("name", "job_plan_id"):
            if getattr(asked, field) is None:
                raise ParameterWrong(field, "is missing")
        if await self._repository.count(session, _scope(asked)) >= MOST:
            raise NotNow(f"{' '.join(_scope(asked))} has {MOST} crons; delete some")
        cron = JobCron(
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            name="",
            job_plan_id=0,
            variables_sealed=self._sealed([]),
            app=caller.app,
            creator=_who(caller),
            create_ms=now,
            last_modify_user="",
            last_modify_ms=now,
        )
        return cron, None

    def _settle(self, cron: JobCron, caller: SignedCaller, now: int) -> None:
        timing.check(cron)
        cron.next_ms = timing.next_ms(cron, self._clock.now())
        if cron.status == CronStatus.STARTED and cron.next_ms is None:
            raise ParameterWrong("execute_time" if cron.execute_ms is not None else "expression", "is never due again")
        cron.last_modify_user, cron.last_modify_ms = _who(caller), now

    def _sealed(self, variables: Sequence[GivenVariable]) -> str:
        text = json.dumps([each.model_dump(mode="json", exclude_none=True) for each in variables])
        return self._secrets.seal(text.encode(), PURPOSE)


def _with_value(asked: GivenVariable, kept: Sequence[GivenVariable], secret: frozenset[int | str]) -> GivenVariable:
    """A sealed variable that is only named keeps the value it had: whoever changes the others can't know it."""
    if asked.value is not None or not {asked.name, asked.id} & secret:
        return asked
    same = ((asked.name, each.name) if asked.name is not None else (asked.id, each.id) for each in kept)
    return next((each for each, (wanted, found) in zip(kept, same, strict=True) if wanted == found), asked)


def execution_of(cron: JobCron, secrets: SecretBox) -> ExecutePlan:
    """What is asked for when it is due."""
    return ExecutePlan(
        bk_scope_type="biz_set" if cron.bk_scope_type == "biz_set" else "biz",
        bk_scope_id=cron.bk_scope_id,
        job_plan_id=cron.job_plan_id,
        global_var_list=json.loads(secrets.open(cron.variables_sealed, PURPOSE)),
        task_name=cron.name,
    )


def shown(cron: JobCron) -> dict[str, Any]:
    return {
        "id": cron.id,
        "bk_scope_type": cron.bk_scope_type,
        "bk_scope_id": cron.bk_scope_id,
        "name": cron.name,
        "job_plan_id": cron.job_plan_id,
        "status": cron.status,
        "expression": cron.expression,
        "execute_time": cron.execute_ms // 1000 if cron.execute_ms is not None else None,
        "time_zone": cron.time_zone,
        "creator": cron.creator,
        "create_time": cron.create_ms,
        "last_modify_user": cron.last_modify_user,
        "last_modify_time": cron.last_modify_ms,
        "next_time": cron.next_ms,
        "last_time": cron.last_ms,
        "last_job_instance_id": cron.last_job_instance_id,
        "last_problem": cron.last_problem,
    }


def _put_times(cron: JobCron, asked: schemas.SaveCron) -> None:
    """A rule takes the place of a single time, and the other way about; both at once are refused later."""
    if asked.expression is not None or asked.execute_time is not None:
        cron.expression = " ".join((asked.expression or "").replace("?", "*").split())
        cron.execute_ms = asked.execute_time * 1000 if asked.execute_time is not None else None
    cron.time_zone = asked.time_zone or cron.time_zone


def _scope(asked: Scoped) -> tuple[str, str]:
    return asked.bk_scope_type, asked.bk_scope_id


def _who(caller: SignedCaller) -> str:
    return caller.user or caller.app


def _facts(cron: JobCron) -> dict[str, Any]:
    """What the audit log says of it: no values, which hold secrets."""
    names = ("name", "job_plan_id", "status", "expression", "execute_ms", "time_zone")
    return {name: getattr(cron, name) for name in names}
