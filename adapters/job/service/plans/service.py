"""Job plans: made, changed with their history kept, executed."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.executions import Executions
from adapters.job.service.plans import schemas
from adapters.job.service.plans.content import PlanContent, content_of, shown
from adapters.job.service.plans.models import JobPlan, JobPlanVersion
from adapters.job.service.plans.planning import PlanSteps
from adapters.job.service.plans.repository import PlanRepository
from adapters.job.service.plans.values import values_of
from adapters.job.service.repository import milliseconds
from adapters.job.service.schemas import Scoped
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

_PURPOSE = "job plan"


class PlanService:
    def __init__(
        self,
        repository: PlanRepository,
        executions: Executions,
        steps: PlanSteps,
        secrets: SecretBox,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._executions = executions
        self._steps = steps
        self._secrets = secrets
        self._clock = clock

    async def create_job_plan(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreatePlan) -> Any:
        content = content_of(asked.global_var_list, asked.step_list)
        await self._refuse_taken(session, asked, asked.name)
        now = milliseconds(self._clock.now())
        plan = JobPlan(
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            name=asked.name,
            description=asked.description,
            version=1,
            creator=_who(caller),
            create_ms=now,
            last_modify_user=_who(caller),
            last_modify_ms=now,
        )
        session.add(plan)
        await session.flush()
        self._keep(session, plan, content)
        record(session, caller.principal, "job_plan.created", "job_plan", str(plan.id), after=_facts(plan, content))
        return {"job_plan_id": plan.id, "version": plan.version}

    async def update_job_plan(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdatePlan) -> Any:
        """Keeps a further version; the earlier ones stay to be read."""
        plan = await self._repository.plan(session, _scope(asked), asked.job_plan_id, for_change=True)
        former = await self._content(session, plan, plan.version)
        before = _facts(plan, former)
        variables = former.global_var_list if asked.global_var_list is None else asked.global_var_list
        steps = former.step_list if asked.step_list is None else asked.step_list
        content = content_of(variables, steps, former)
        if asked.name is not None and asked.name != plan.name:
            await self._refuse_taken(session, asked, asked.name)
            plan.name = asked.name
        if asked.description is not None:
            plan.description = asked.description
        plan.version += 1
        plan.last_modify_user = _who(caller)
        plan.last_modify_ms = milliseconds(self._clock.now())
        self._keep(session, plan, content)
        after = _facts(plan, content)
        record(session, caller.principal, "job_plan.updated", "job_plan", str(plan.id), before=before, after=after)
        return {"job_plan_id": plan.id, "version": plan.version}

    async def delete_job_plan(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfPlan) -> Any:
        """Its executions stay."""
        plan = await self._repository.plan(session, _scope(asked), asked.job_plan_id, for_change=True)
        before = _facts(plan, await self._content(session, plan, plan.version))
        record(session, caller.principal, "job_plan.deleted", "job_plan", str(plan.id), before=before)
        await self._repository.remove(session, plan)
        return {"job_plan_id": asked.job_plan_id}

    async def get_job_plan_list(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListPlans) -> Any:
        total, rows = await self._repository.listed(session, asked)
        data = [_shown(row) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def get_job_plan_detail(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.GetPlan) -> Any:
        plan = await self._repository.plan(session, _scope(asked), asked.job_plan_id)
        version = asked.version if asked.version is not None else plan.version
        content = await self._content(session, plan, version)
        return {**_shown(plan), "version": version, "job_plan_id": plan.id, **shown(content)}

    async def get_job_plan_version_list(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListPlanVersions
    ) -> Any:
        plan = await self._repository.plan(session, _scope(asked), asked.job_plan_id)
        total, rows = await self._repository.versions(session, plan, asked.start, asked.length)
        data = [{"version": row.version, "creator": row.creator, "create_time": row.create_ms} for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def execute_job_plan(self, session: AsyncSession, caller: SignedCaller, asked: schemas.ExecutePlan) -> Any:
        """Keeps the execution with all its steps; the first begins once it is committed."""
        plan = await self._repository.plan(session, _scope(asked), asked.job_plan_id)
        content = await self._content(session, plan, plan.version)
        values = values_of(content, asked.global_var_list)
        steps = await self._steps.steps_of(session, asked, content, values)
        name = asked.task_name or plan.name
        instance, _ = await self._executions.start(session, caller, asked, steps, name=name, job_plan_id=plan.id)
        return {"job_instance_id": instance.job_instance_id, "job_instance_name": instance.name}

    async def check_execution(self, session: AsyncSession, asked: schemas.ExecutePlan) -> None:
        """Whether the plan takes these values now.

        Raises:
            Missing: there is no such plan.
            ParameterWrong: it doesn't.
        """
        plan = await self._repository.plan(session, _scope(asked), asked.job_plan_id)
        values_of(await self._content(session, plan, plan.version), asked.global_var_list)

    async def secret_variables(
        self, session: AsyncSession, scope: tuple[str, str], plan_id: int
    ) -> frozenset[int | str]:
        """Ids and names of a plan's sealed variables. Raises Missing."""
        plan = await self._repository.plan(session, scope, plan_id)
        content = await self._content(session, plan, plan.version)
        sealed = [each for each in content.global_var_list if each.type is schemas.VariableType.CIPHER]
        return frozenset({each.id for each in sealed} | {each.name for each in sealed})

    async def _refuse_taken(self, session: AsyncSession, asked: Scoped, name: str) -> None:
        if await self._repository.is_taken(session, _scope(asked), name):
            raise ParameterWrong("name", f"{name} exists already; update_job_plan changes it")

    def _keep(self, session: AsyncSession, plan: JobPlan, content: PlanContent) -> None:
        version = JobPlanVersion(
            job_plan_id=plan.id,
            version=plan.version,
            content_sealed=self._secrets.seal(content.model_dump_json().encode(), _PURPOSE),
            creator=plan.last_modify_user,
            create_ms=plan.last_modify_ms,
        )
        session.add(version)

    async def _content(self, session: AsyncSession, plan: JobPlan, version: int) -> PlanContent:
        kept = await self._repository.version(session, plan, version)
        return PlanContent.model_validate_json(self._secrets.open(kept.content_sealed, _PURPOSE))


def _scope(asked: Scoped) -> tuple[str, str]:
    return asked.bk_scope_type, asked.bk_scope_id


def _who(caller: SignedCaller) -> str:
    return caller.user or caller.app


def _facts(plan: JobPlan, content: PlanContent) -> dict[str, Any]:
    """What the audit log says of a plan: no values and no scripts, which hold secrets."""
    return {
        "name": plan.name,
        "description": plan.description,
        "version": plan.version,
        "variables": [variable.name for variable in content.global_var_list],
        "steps": [step.name for step in content.step_list],
    }


def _shown(plan: JobPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "bk_scope_type": plan.bk_scope_type,
        "bk_scope_id": plan.bk_scope_id,
        "name": plan.name,
        "description": plan.description,
        "version": plan.version,
        "creator": plan.creator,
        "create_time": plan.create_ms,
        "last_modify_user": plan.last_modify_user,
        "last_modify_time": plan.last_modify_ms,
    }
