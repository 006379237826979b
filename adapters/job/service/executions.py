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
from adapters.job.service.schemas import Executing
from adapters.job.service.states import HostError, HostStatus, StepType
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
    """

    kind: str
    type: StepType
    account_id: int | None
    payload: str = field(repr=False)
    purpose: str
    language: Language | None = None
    is_param_sensitive: bool = False


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
        asked: Executing,
        new: NewStep,
        targets: Sequence[Target],
        facts: Mapping[str, Any],
    ) -> Any:
        """Args:
            facts: what the audit log says of the step, without any secret.

        Raises:
            ParameterWrong: the callback may not be called, or batches can't be read.
        """
        callback = self._callback(asked.callback_url)
        batches = _batches(asked, len(targets))
        now = self._clock.now()
        name = asked.task_name or f"{new.kind} {now:%Y-%m-%d %H:%M:%S}"
        instance = JobInstance(
            name=name,
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            app=caller.app,
            operator=caller.user,
            create_ms=milliseconds(now),
            callback_state="waiting" if callback else "",
            callback_sealed=callback,
        )
        session.add(instance)
        await session.flush()
        step = JobStep(
            job_instance_id=instance.job_instance_id,
            name=name,
            type=new.type,
            script_language=new.language or 0,
            is_param_sensitive=new.is_param_sensitive,
            timeout_seconds=asked.timeout,
            rolling_mode=int(asked.rolling_config.mode) if asked.rolling_config is not None else RollingMode.NONE,
            account_id=new.account_id,
            payload_sealed=self._secrets.seal(new.payload.encode(), new.purpose),
        )
        session.add(step)
        await session.flush()
        runs = [self._run(step, target, milliseconds(now)) for target in targets]
        for run, batch in zip(runs, batches, strict=True):
            run.batch = batch
        session.add_all(runs)
        await session.flush()
        await settle(session, self._repository, instance, now)
        after = {
            "name": name,
            "scope": f"{asked.bk_scope_type} {asked.bk_scope_id}",
            "account_id": new.account_id,
            **facts,
            "targets": [target.ip for target in targets],
        }
        record(session, caller.principal, "job.executed", "job_instance", str(instance.job_instance_id), after=after)
        after_commit(session, self._wake)
        return {
            "job_instance_id": instance.job_instance_id,
            "job_instance_name": name,
            "step_instance_id": step.step_instance_id,
        }

    def _callback(self, url: str) -> str:
        """The address, sealed; empty without one."""
        if not url:
            return ""
        try:
            self._callbacks.check(url)
        except CallbackRefused as error:
            raise ParameterWrong("callback_url", str(error)) from None
        return self._secrets.seal(url.encode(), CALLBACK_PURPOSE)

    def _run(self, step: JobStep, target: Target, now: int) -> JobHostRun:
        run = JobHostRun(
            job_instance_id=step.job_instance_id,
            step_instance_id=step.step_instance_id,
            bk_host_id=target.host_id,
            bk_cloud_id=target.cloud_id,
            ip=target.ip,
            is_remote=step.account_id is not None,
        )
        if not run.is_remote and not self._local.has(target):
            run.status, run.error_code, run.reason = HostStatus.NO_AGENT, HostError.UNREACHABLE, _NO_ACCOUNT
            run.end_ms = now
        return run


def _batches(asked: Executing, hosts: int) -> Sequence[int]:
    if asked.rolling_config is None:
        return [0] * hosts
    try:
        return batches_of(asked.rolling_config.expression, hosts)
    except ExpressionWrong as error:
        raise ParameterWrong("rolling_config.expression", str(error)) from None
