"""Keeps what is to be executed, so that it starts once that is committed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.batches import ExpressionWrong, RollingMode, batches_of
from adapters.job.service.callbacks import PURPOSE as CALLBACK_PURPOSE
from adapters.job.service.callbacks import CallbackRefused, CallbackSender
from adapters.job.service.errors import ParameterWrong
from adapters.job.service.languages import Language
from adapters.job.service.models import JobHostRun, JobInstance, JobStep
from adapters.job.service.outcomes import settle
from adapters.job.service.repository import JobRepository, milliseconds
from adapters.job.service.schemas import CalledBack, Rolled
from adapters.job.service.states import HostError, HostStatus, JobType, StepType
from adapters.job.service.targets import LocalHosts, Target
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

_NO_ACCOUNT = (
    "not reachable without an account: send account_alias or account_id "
    "(jobs run without one only on hosts of TRUNKLINE_JOB_LOCAL_HOSTS)"
)


@dataclass(frozen=True, slots=True)
class NewStep:
    """Attributes:
    kind: what it is called when the caller gives no name.
    payload: sealed for `purpose`; may hold secrets.
    batches: of each target, counted from 0.
    facts: what the audit log says of it, without any secret.
    """

    kind: str
    type: StepType
    payload: str = field(repr=False)
    purpose: str
    account_id: int | None = None
    language: Language | None = None
    is_param_sensitive: bool = False
    timeout: int = 0
    targets: Sequence[Target] = ()
    batches: Sequence[int] = ()
    rolling_mode: RollingMode = RollingMode.NONE
    approval_message: str = ""
    name: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Executions:
    """Args:
    wake: there is something to start.
    """

    def __init__(
        self,
        repository: JobRepository,
        local: LocalHosts,
        callbacks: CallbackSender,
        secrets: SecretBox,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._local = local
        self._callbacks = callbacks
        self._secrets = secrets
        self._clock = clock
        self._wake = wake

    async def start(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        asked: CalledBack,
        steps: Sequence[NewStep],
        *,
        name: str = "",
        job_plan_id: int | None = None,
    ) -> tuple[JobInstance, Sequence[int]]:
        """The instance and the ids of its steps, of which the first begins.

        Raises:
            ParameterWrong: the callback may not be called.
        """
        callback = self._callback(asked.callback_url)
        now = self._clock.now()
        name = name or f"{steps[0].kind} {now:%Y-%m-%d %H:%M:%S}"
        instance = JobInstance(
            name=name,
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            type=JobType.PLAN if job_plan_id is not None else JobType(steps[0].type),
            app=caller.app,
            operator=caller.user,
            job_plan_id=job_plan_id,
            create_ms=milliseconds(now),
            callback_state="waiting" if callback else "",
            callback_sealed=callback,
        )
        session.add(instance)
        await session.flush()
        ids = [await self._add(session, instance, step, milliseconds(now)) for step in steps]
        await settle(session, self._repository, instance, now)
        after = {
            "name": name,
            "scope": f"{asked.bk_scope_type} {asked.bk_scope_id}",
            "job_plan_id": job_plan_id,
            "steps": [_facts(step) for step in steps],
        }
        record(session, caller.principal, "job.executed", "job_instance", str(instance.job_instance_id), after=after)
        after_commit(session, self._wake)
        return instance, ids

    def _callback(self, url: str) -> str:
        """The address, sealed; empty without one."""
        if not url:
            return ""
        try:
            self._callbacks.check(url)
        except CallbackRefused as error:
            raise ParameterWrong("callback_url", str(error)) from None
        return self._secrets.seal(url.encode(), CALLBACK_PURPOSE)

    async def _add(self, session: AsyncSession, instance: JobInstance, new: NewStep, now: int) -> int:
        step = JobStep(
            job_instance_id=instance.job_instance_id,
            name=new.name or instance.name,
            type=new.type,
            script_language=new.language or 0,
            is_param_sensitive=new.is_param_sensitive,
            timeout_seconds=new.timeout,
            rolling_mode=new.rolling_mode,
            account_id=new.account_id,
            payload_sealed=self._secrets.seal(new.payload.encode(), new.purpose),
            approval_message=new.approval_message,
        )
        session.add(step)
        await session.flush()
        for target, batch in zip(new.targets, new.batches, strict=True):
            session.add(self._run(step, target, batch, now))
        await session.flush()
        return step.step_instance_id

    def _run(self, step: JobStep, target: Target, batch: int, now: int) -> JobHostRun:
        run = JobHostRun(
            job_instance_id=step.job_instance_id,
            step_instance_id=step.step_instance_id,
            bk_host_id=target.host_id,
            bk_cloud_id=target.cloud_id,
            ip=target.ip,
            is_remote=step.account_id is not None,
            batch=batch,
        )
        if not run.is_remote and not self._local.has(target):
            run.status, run.error_code, run.reason = HostStatus.NO_AGENT, HostError.UNREACHABLE, _NO_ACCOUNT
            run.end_ms = now
        return run


def rolling_of(asked: Rolled, hosts: int) -> tuple[Sequence[int], RollingMode]:
    """The batch of each of the hosts, and what follows one that failed.

    Raises:
        ParameterWrong: batches can't be read.
    """
    if asked.rolling_config is None:
        return [0] * hosts, RollingMode.NONE
    try:
        batches = batches_of(asked.rolling_config.expression, hosts)
    except ExpressionWrong as error:
        raise ParameterWrong("rolling_config.expression", str(error)) from None
    return batches, RollingMode(int(asked.rolling_config.mode))


def executed(instance: JobInstance, step_id: int) -> dict[str, Any]:
    """The answer to a call that executes one step."""
    return {
        "job_instance_id": instance.job_instance_id,
        "job_instance_name": instance.name,
        "step_instance_id": step_id,
    }


def _facts(step: NewStep) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "account_id": step.account_id,
        **step.facts,
        "targets": [target.ip for target in step.targets],
    }
