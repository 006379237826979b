"""Builds the embedded job system."""

from adapters.job.service.callbacks import CallbackSender
from adapters.job.service.endpoints import register_components
from adapters.job.service.errors import CODES
from adapters.job.service.models import JobIdempotency
from adapters.job.service.repository import JobRepository
from adapters.job.service.runner import JobRunner
from adapters.job.service.service import JobService
from kernel.contracts.hosts import HostDirectory
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices

FACTS = SystemFacts(
    name="job",
    aliases=("jobv3",),
    title=Words("Jobs", "作业平台"),
    description=Words("Runs scripts on machines and keeps what they said.", "在机器上执行脚本并保存其输出。"),
    version="1.0.0",
    scopes={
        "job:read": Words("See jobs, their status and logs", "查看作业、状态与日志"),
        "job:execute": Words("Execute scripts on machines and terminate jobs", "在机器上执行脚本、终止作业"),
    },
)


def build_app(
    kernel: KernelServices, keys: SystemKeys, hosts: HostDirectory, nonces: NonceStore | None = None
) -> EmbeddedSystem:
    """The job system, ready to be mounted at `/systems/job`. Scripts start and are watched between `start` and `stop`.

    Args:
        keys: the keys with which the gateway signs.
        hosts: the inventory, to find what host ids mean.
        nonces: where nonces are remembered; the database when not given.
    """
    repository = JobRepository()
    callbacks = CallbackSender(kernel.settings, kernel.secrets)
    runner = JobRunner(kernel, repository, callbacks)
    app = ComponentApp(FACTS, kernel.database, IdempotencyLedger(JobIdempotency, kernel.clock), CODES)
    register_components(app, JobService(repository, hosts, runner, callbacks, kernel.secrets, kernel.clock))
    remembered = nonces or DatabaseNonces(kernel.database, kernel.clock)
    check = SignatureCheck(FACTS.name, keys, remembered, kernel.clock)
    return app.build(check, max_body_bytes=kernel.settings.max_body_bytes, start=runner.start, stop=runner.stop)
