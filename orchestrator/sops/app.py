"""Builds what answers the calls of Standard OPS's clients."""

from dataclasses import dataclass

from kernel.contracts.authorizer import Authorizer
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.profiles import Profiles
from kernel.contracts.project_businesses import BusinessProjects
from kernel.contracts.projects import ProjectDirectory
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices
from orchestrator.child_tasks.service import ChildTaskService
from orchestrator.common_flows.service import CommonFlowService
from orchestrator.executors.of_projects import ProjectExecutorService
from orchestrator.flows.copying import CopyService
from orchestrator.flows.service import FlowService
from orchestrator.handover.service import HandoverService
from orchestrator.launch.service import LaunchService
from orchestrator.notices.service import NoticeService
from orchestrator.notices.webhooks import WebhookService
from orchestrator.schedules.service import ScheduleService
from orchestrator.schemes.service import SchemeService
from orchestrator.sops.answering import EDIT, OPERATE, READ, Components
from orchestrator.sops.callers import Callers
from orchestrator.sops.children.endpoints import register_child_components
from orchestrator.sops.children.service import ChildComponents
from orchestrator.sops.errors import CODES
from orchestrator.sops.executors.endpoints import register_executor_components
from orchestrator.sops.executors.service import ExecutorComponents
from orchestrator.sops.functionalization.endpoints import register_function_task_components
from orchestrator.sops.functionalization.service import FunctionTaskComponents
from orchestrator.sops.mini_apps.endpoints import register_mini_app_components
from orchestrator.sops.mini_apps.service import MiniAppComponents
from orchestrator.sops.models import SopsIdempotency
from orchestrator.sops.nodes.endpoints import register_node_components
from orchestrator.sops.nodes.plugin_logs import PluginLogComponents
from orchestrator.sops.nodes.service import NodeComponents
from orchestrator.sops.periodic.endpoints import register_periodic_components
from orchestrator.sops.periodic.service import PeriodicComponents
from orchestrator.sops.places import Places
from orchestrator.sops.plugins.endpoints import register_plugin_components
from orchestrator.sops.plugins.service import PluginComponents
from orchestrator.sops.projects.endpoints import register_project_components
from orchestrator.sops.projects.service import ProjectComponents
from orchestrator.sops.tasks.counting import CountComponents
from orchestrator.sops.tasks.creating import TaskCreation
from orchestrator.sops.tasks.endpoints import (
    register_task_components,
    register_task_counts,
    register_task_creation,
    register_task_timing,
)
from orchestrator.sops.tasks.service import TaskComponents
from orchestrator.sops.tasks.timing import TimingComponents
from orchestrator.sops.templates.common import CommonTemplateComponents
from orchestrator.sops.templates.copying import TemplateCopying
from orchestrator.sops.templates.endpoints import (
    register_template_components,
    register_template_copying,
    register_template_sharing,
    register_template_telling,
)
from orchestrator.sops.templates.making import TemplateMaking
from orchestrator.sops.templates.service import TemplateComponents
from orchestrator.sops.templates.sharing import TemplateSharing
from orchestrator.sops.templates.telling import TemplateTelling
from orchestrator.sops.webhooks.endpoints import register_webhook_components
from orchestrator.sops.webhooks.service import WebhookComponents
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.service import TaskService
from orchestrator.tasks.starting import StartService

FACTS = SystemFacts(
    name="sops",
    aliases=("bk-sops",),
    title=Words("Flows", "标准运维"),
    description=Words("Flows and tasks as clients of Standard OPS know them.", "以标准运维接口的形式提供流程与任务。"),
    version="1.0.0",
    scopes={
        READ: Words("See flows, tasks and projects of the person", "查看用户的流程、任务与项目"),
        OPERATE: Words("Create, start and operate tasks for the person", "代用户创建、执行与操作任务"),
        EDIT: Words("Create flows for the person", "代用户创建流程"),
    },
)


@dataclass(frozen=True, slots=True)
class Work:
    """What the components are made of: the orchestrator's own services."""

    authorizer: Authorizer
    projects: ProjectDirectory
    plugins: PluginDirectory
    flows: FlowService
    launches: LaunchService
    tasks: TaskService
    starts: StartService
    operations: OperationService
    schedules: ScheduleService
    schemes: SchemeService
    children: ChildTaskService
    handover: HandoverService
    notices: NoticeService
    copies: CopyService
    project_executors: ProjectExecutorService
    common_flows: CommonFlowService
    webhooks: WebhookService


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What other units know."""

    keys: SystemKeys
    profiles: Profiles
    businesses: BusinessProjects


def build_sops(
    kernel: KernelServices, work: Work, surroundings: Surroundings, nonces: NonceStore | None = None
) -> EmbeddedSystem:
    """The system, ready to be mounted at `/systems/sops`.

    Args:
        nonces: where nonces are remembered; the database when not given.
    """
    settings, database, clock = kernel.settings, kernel.database, kernel.clock
    places = Places(work.authorizer, work.projects, surroundings.businesses)
    task_url = f"{settings.public_url.rstrip('/')}/tasks/{{task}}"
    request_url = f"{settings.public_url.rstrip('/')}/requests/{{request}}"
    functional = FunctionTaskComponents(places, work.handover, request_url)
    creation = TaskCreation(places, work.launches, work.tasks, work.starts, functional, task_url)

    ledger = IdempotencyLedger(SopsIdempotency, clock)
    app = ComponentApp(FACTS, database, ledger, CODES)
    components = Components(app, database, Callers(surroundings.profiles), work.operations, ledger)
    register_project_components(components, ProjectComponents(places, work.authorizer))
    making = TemplateMaking(places, work.flows, work.schemes, clock)
    register_template_components(
        components,
        TemplateComponents(places, work.authorizer, work.projects, work.schemes),
        CommonTemplateComponents(places, work.authorizer),
        making,
    )
    register_template_sharing(components, TemplateSharing(places, work.authorizer, making, work.common_flows))
    register_template_telling(components, TemplateTelling(places, work.notices))
    register_webhook_components(components, WebhookComponents(places, work.webhooks))
    register_template_copying(components, TemplateCopying(places, work.flows, work.copies))
    register_executor_components(components, ExecutorComponents(places, work.project_executors, work.flows))
    register_task_creation(components, creation)
    register_task_components(
        components, TaskComponents(places, work.authorizer, work.tasks, work.operations, creation, clock)
    )
    register_function_task_components(components, functional)
    register_task_timing(components, TimingComponents(places, work.tasks))
    register_task_counts(components, CountComponents(places, work.authorizer))
    app_url = f"{settings.public_url.rstrip('/')}/apps/{{code}}"
    register_mini_app_components(components, MiniAppComponents(places, work.authorizer, app_url))
    register_node_components(
        components,
        NodeComponents(places, work.authorizer, work.tasks, work.operations, clock),
        PluginLogComponents(places, work.tasks),
    )
    register_periodic_components(components, PeriodicComponents(places, work.schedules))
    register_plugin_components(components, PluginComponents(places, work.authorizer, work.plugins))
    register_child_components(components, ChildComponents(work.children, task_url))
    check = SignatureCheck(FACTS.name, surroundings.keys, nonces or DatabaseNonces(database, clock), clock)
    return app.build(check, max_body_bytes=settings.max_body_bytes)
