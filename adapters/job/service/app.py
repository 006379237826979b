"""Builds the embedded job system."""

from adapters.job.service.accounts.endpoints import register_account_components, register_host_key_components
from adapters.job.service.accounts.host_keys import HostKeyService
from adapters.job.service.accounts.repository import AccountRepository, HostKeyRepository
from adapters.job.service.accounts.service import AccountService
from adapters.job.service.callbacks import CallbackSender
from adapters.job.service.crons.unit import build_crons
from adapters.job.service.endpoints import register_components
from adapters.job.service.errors import CODES
from adapters.job.service.executions import Executions
from adapters.job.service.files.service import FileService
from adapters.job.service.files.unit import OtherFiles
from adapters.job.service.logs.endpoints import register_log_components
from adapters.job.service.logs.following import LogFollower
from adapters.job.service.logs.service import LogService
from adapters.job.service.models import JobIdempotency
from adapters.job.service.plans.endpoints import register_plan_components
from adapters.job.service.plans.planning import PlanSteps
from adapters.job.service.plans.repository import PlanRepository
from adapters.job.service.plans.service import PlanService
from adapters.job.service.repository import JobRepository
from adapters.job.service.rules.endpoints import register_rule_components
from adapters.job.service.rules.repository import RuleRepository
from adapters.job.service.rules.service import RuleService
from adapters.job.service.runner import JobRunner
from adapters.job.service.script_steps import ScriptSteps
from adapters.job.service.scripts.endpoints import register_script_components
from adapters.job.service.scripts.repository import ScriptRepository
from adapters.job.service.scripts.service import ScriptService
from adapters.job.service.service import JobService
from adapters.job.service.ssh.agent import SshAgent
from adapters.job.service.ssh.connector import Connector
from adapters.job.service.ssh.login import LoginReader
from adapters.job.service.steps import StepService
from adapters.job.service.targets import LocalHosts
from kernel.contracts.hosts import HostDirectory
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy

FACTS = SystemFacts(
    name="job",
    aliases=("jobv3",),
    title=Words("Jobs", "作业平台"),
    description=Words("Runs scripts on machines and keeps what they said.", "在机器上执行脚本并保存其输出。"),
    version="1.0.0",
    scopes={
        "job:read": Words("See jobs, their status and logs", "查看作业、状态与日志"),
        "job:manage": Words("Manage accounts on hosts and accept host keys", "管理执行账号、接受主机公钥"),
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
    accounts, host_keys = AccountRepository(), HostKeyRepository()
    policy = AddressPolicy.allowing(networks=kernel.settings.job_networks)
    connector = Connector(kernel, host_keys, policy)
    agent = SshAgent(kernel.settings.job_ssh_agent, kernel.settings.job_ssh_agent_scopes)
    elsewhere = OtherFiles(kernel)
    runner = JobRunner(
        kernel, repository, callbacks, LoginReader(kernel, accounts, agent), connector, elsewhere.readers
    )
    local = LocalHosts(kernel.settings.job_local_hosts)
    app = ComponentApp(FACTS, kernel.database, IdempotencyLedger(JobIdempotency, kernel.clock), CODES)
    executions = Executions(repository, local, callbacks, kernel.secrets, kernel.clock, runner.wake)
    rules = RuleService(RuleRepository(), kernel.clock)
    scripts = ScriptService(ScriptRepository(), kernel.secrets, kernel.clock)
    script_steps = ScriptSteps(hosts, accounts, rules, scripts)
    jobs = JobService(repository, runner, executions, script_steps, kernel.clock)
    files = FileService(hosts, local, accounts, executions, elsewhere.known)
    register_components(app, jobs, files, StepService(repository, local, runner, kernel.clock))
    follower = LogFollower(kernel.database, repository, runner)
    register_log_components(app, LogService(repository, runner), follower)
    plan_steps = PlanSteps(script_steps, files)
    plans = PlanService(PlanRepository(), executions, plan_steps, kernel.secrets, kernel.clock)
    register_plan_components(app, plans)
    elsewhere.register(app)
    crons = build_crons(app, kernel, plans)
    register_account_components(app, AccountService(accounts, kernel.secrets, kernel.clock, agent))
    register_rule_components(app, rules)
    register_script_components(app, scripts)
    register_host_key_components(app, HostKeyService(host_keys, kernel.clock))
    remembered = nonces or DatabaseNonces(kernel.database, kernel.clock)
    check = SignatureCheck(FACTS.name, keys, remembered, kernel.clock)

    async def start() -> None:
        await runner.start()
        crons.start()

    async def stop() -> None:
        follower.close()
        await crons.stop()
        await runner.stop()

    return app.build(check, max_body_bytes=kernel.settings.max_body_bytes, start=start, stop=stop)
