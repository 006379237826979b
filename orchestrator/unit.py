"""The orchestrator as the composition root mounts it."""

from datetime import timedelta
from typing import Final

from kernel.alarm import Alarm
from kernel.background import Repeating
from kernel.contracts.agent_tools import AgentTools
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.component_caller import ComponentCaller
from kernel.contracts.flow_market import FlowMarket
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.plugin_invoker import PluginInvoker
from kernel.contracts.plugin_uses import PluginUses
from kernel.contracts.profiles import Profiles
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.contracts.projects import ProjectDirectory
from kernel.http.component_app import EmbeddedSystem
from kernel.http.nonces import NonceStore
from kernel.looks import stillness_of
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from orchestrator.agent_tools.service import AgentToolService
from orchestrator.archive.building import build_archive
from orchestrator.archive.endpoints import router as archive_router
from orchestrator.archive.reruns import ArchiveReruns
from orchestrator.automatic import AutomaticStarts
from orchestrator.cancelling.canceller import Canceller
from orchestrator.child_tasks.following import ChildFollowing
from orchestrator.child_tasks.service import ChildTaskService
from orchestrator.common_flows.endpoints import router as common_flows_router
from orchestrator.common_flows.service import CommonFlowService
from orchestrator.doctor.endpoints import router as doctor_router
from orchestrator.doctor.examining import Examiner
from orchestrator.doctor.mending import Mender
from orchestrator.doctor.service import DoctorService
from orchestrator.executors.admission import Consents
from orchestrator.executors.advice import ConsentAdvisor
from orchestrator.executors.endpoints import router as executors_router
from orchestrator.executors.of_projects import ProjectExecutorService
from orchestrator.executors.service import ConsentService
from orchestrator.flow_market.endpoints import router as flow_market_router
from orchestrator.flow_market.sharing import FlowSharing
from orchestrator.flow_market.taking import FlowTaking
from orchestrator.flows.copying import CopyService
from orchestrator.flows.endpoints import router as flows_router
from orchestrator.flows.history import HistoryService
from orchestrator.flows.history_endpoints import router as history_router
from orchestrator.flows.publication import Publication
from orchestrator.flows.service import FlowService
from orchestrator.flows.variables_endpoints import router as variables_router
from orchestrator.handover.endpoints import router as handover_router
from orchestrator.handover.service import HandoverService
from orchestrator.handover.telling import RequestTelling
from orchestrator.insight.counting import LONGEST_SECONDS, SHORTEST_SECONDS, TaskCounting
from orchestrator.insight.endpoints import router as insight_router
from orchestrator.insight.service import InsightService
from orchestrator.labels.endpoints import router as labels_router
from orchestrator.labels.service import LabelService
from orchestrator.launch.endpoints import router as launch_router
from orchestrator.launch.foresight import Foresight
from orchestrator.launch.making import TaskMaker
from orchestrator.launch.repository import forget_keys
from orchestrator.launch.rerun_endpoints import router as reruns_router
from orchestrator.launch.reruns import RerunService
from orchestrator.launch.service import LaunchService
from orchestrator.mini_apps.desk import MiniAppDesk
from orchestrator.mini_apps.endpoints import router as mini_apps_router
from orchestrator.mini_apps.service import MiniAppService
from orchestrator.mocking.endpoints import router as mocks_router
from orchestrator.mocking.service import MockService
from orchestrator.notices.endpoints import router as notices_router
from orchestrator.notices.node_sender import NodeSender
from orchestrator.notices.service import NoticeService
from orchestrator.notices.webhooks import WebhookService
from orchestrator.plain_secrets.endpoints import router as plain_secrets_router
from orchestrator.plain_secrets.service import PlainSecrets, PlainSecretService
from orchestrator.plain_secrets.standing import StandingSecrets
from orchestrator.plain_secrets.tasks import TaskSecrets
from orchestrator.plugin_uses.service import PluginUseService
from orchestrator.project_secrets.endpoints import router as project_secrets_router
from orchestrator.project_secrets.handles import ProjectSecretHandles
from orchestrator.project_secrets.where_used import ProjectSecretUses
from orchestrator.project_variables.endpoints import router as project_variables_router
from orchestrator.project_variables.service import ProjectVariableService
from orchestrator.project_variables.snapshot import ProjectSnapshots
from orchestrator.quotas.admission import Admission
from orchestrator.quotas.call_quotas import CallQuotas
from orchestrator.quotas.endpoints import router as quotas_router
from orchestrator.quotas.service import QuotaService
from orchestrator.rights import call_rights, root_keys
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.plugin_calls import CallRights
from orchestrator.runtime.wake_ups.wake_ups import WakeUps
from orchestrator.runtime.worker import Worker
from orchestrator.saved_inputs.endpoints import router as saved_inputs_router
from orchestrator.saved_inputs.service import SavedInputsService
from orchestrator.schedules.endpoints import router as schedules_router
from orchestrator.schemes.endpoints import router as schemes_router
from orchestrator.schemes.service import SchemeService
from orchestrator.secret_inputs.service import SecretInputs
from orchestrator.sops.app import Surroundings, Work, build_sops
from orchestrator.tasks.bulk import BulkOperations
from orchestrator.tasks.bulk_endpoints import router as bulk_router
from orchestrator.tasks.callback_endpoints import router as callbacks_router
from orchestrator.tasks.callbacks import CallbackService
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.endpoints import router as tasks_router
from orchestrator.tasks.feeds import Feeds
from orchestrator.tasks.operation_checks import OperationChecks
from orchestrator.tasks.operation_endpoints import router as operations_router
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.service import TaskService
from orchestrator.tasks.starting import StartService
from orchestrator.triggers.endpoints import door_router as hooks_router
from orchestrator.triggers.endpoints import router as triggers_router
from orchestrator.updates.endpoints import router as updates_router
from orchestrator.updates.service import UpdateService
from orchestrator.waiting.endpoints import router as events_router
from orchestrator.waiting.giving import LOOK_SECONDS, Giver
from orchestrator.waiting.repository import forget_events
from orchestrator.waiting.service import EventService

_KEYS_KEPT = timedelta(days=7)
_PURGE_SECONDS = 3600.0


class OrchestratorUnit:
    """Flows, tasks and the runtime that carries tasks out.

    Args:
        works: runs tasks in this process; otherwise it only serves the management API.

    Attributes:
        routers: mounted under `/v1`; the app puts the unit at `app.state.orchestrator`.
        agent_tools: starts flows and plugins for agents.
        plugin_uses: tells the marketplace which flows use a plugin, and moves them to other versions.
        worker: none in a process that only serves.
    """

    routers: Final = (
        flows_router,
        history_router,
        variables_router,
        project_variables_router,
        project_secrets_router,
        executors_router,
        launch_router,
        reruns_router,
        saved_inputs_router,
        mini_apps_router,
        handover_router,
        mocks_router,
        notices_router,
        schedules_router,
        schemes_router,
        insight_router,
        labels_router,
        updates_router,
        common_flows_router,
        flow_market_router,
        triggers_router,
        hooks_router,
        tasks_router,
        operations_router,
        bulk_router,
        callbacks_router,
        doctor_router,
        plain_secrets_router,
        quotas_router,
        archive_router,
        events_router,
    )

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        profiles: Profiles,
        grants: GrantDesk,
        components: ComponentCaller,
        plugin_directory: PluginDirectory,
        plugin_invoker: PluginInvoker,
        market: FlowMarket,
        project_secrets: ProjectSecrets,
        *,
        works: bool = True,
    ) -> None:
        self._kernel = kernel
        self._directories = authorizer, projects, plugin_directory
        publication, self._consents = Publication(plugin_directory, project_secrets), Consents(profiles, kernel.clock)
        keys = root_keys(kernel.settings)
        tokens, snapshots = CallbackTokens(keys), ProjectSnapshots(project_secrets)
        self.changes, self._call_quotas = TaskChanges(), CallQuotas()
        self.secret_inputs = SecretInputs(kernel.database, kernel.secrets)
        rights = call_rights(kernel.database, self.secret_inputs, project_secrets, self._consents, keys)
        self._canceller = Canceller(kernel.database, kernel.clock, plugin_invoker, rights, self.changes.tell)
        sender = NodeSender(plugin_invoker, components, kernel.database)
        self.worker = self._build_worker(sender, tokens, rights) if works else None
        self._wake = WakeUps(self.worker, kernel.settings.redis_url)
        self.admission, giver = (
            Admission(kernel.database, kernel.clock, self._wake, self._call_quotas),
            Giver(kernel.database, kernel.clock, self._wake),
        )
        self.quotas = QuotaService(authorizer, projects, kernel.clock, self.admission.look)
        self._giving = Alarm(
            "locks and events", giver.look, longest=LOOK_SECONDS, stillness=stillness_of(kernel.database)
        )
        self.events = EventService(authorizer, projects, giver, kernel.clock, self._giving.ring)
        advisor = ConsentAdvisor(self._consents, publication)
        self.flows = FlowService(authorizer, projects, publication, grants, advisor, kernel.clock)
        self.history, self.copies = HistoryService(self.flows), CopyService(self.flows, publication)
        self.sharing, self.taking = (
            FlowSharing(authorizer, publication, market),
            FlowTaking(authorizer, projects, self.flows, publication, market, kernel.clock),
        )
        self.labels, self.common_flows = (
            LabelService(authorizer, projects, kernel.clock),
            CommonFlowService(authorizer, projects, kernel.clock),
        )
        self.consents, self.project_executors, self.project_variables, self.project_secret_uses = (
            ConsentService(authorizer, projects, plugin_directory, self._consents, kernel.clock),
            ProjectExecutorService(authorizer, projects, profiles, self._consents, kernel.clock),
            ProjectVariableService(authorizer, projects, kernel.clock),
            ProjectSecretUses(authorizer, projects, plugin_directory, project_secrets),
        )
        self.updates, self.schemes, self.insight = (
            UpdateService(authorizer, projects, self.flows, publication),
            SchemeService(authorizer, projects, kernel.clock),
            InsightService(authorizer, projects, kernel.clock),
        )
        self._counting = Alarm(
            "statistics", TaskCounting(kernel.database).count, shortest=SHORTEST_SECONDS, longest=LONGEST_SECONDS
        )
        self.plugin_uses: PluginUses = PluginUseService(self.flows, publication)
        self.notices, self.webhooks = (
            NoticeService(authorizer, projects, grants, kernel.secrets, _addresses(kernel), kernel.clock),
            WebhookService(authorizer, kernel.secrets, _addresses(kernel), kernel.clock),
        )
        maker = TaskMaker(self.secret_inputs, ProjectSecretHandles(keys), self.admission, kernel.clock, self._wake)
        self.launches = LaunchService(
            *self._directories,
            publication,
            self.notices,
            advisor,
            snapshots,
            maker,
            kernel.clock,
        )
        self.foresight, self.saved_inputs = (
            Foresight(plugin_invoker),
            SavedInputsService(authorizer, self.launches, kernel.clock),
        )
        self.automatic = AutomaticStarts(
            kernel, authorizer, projects, profiles, grants, components, self.launches, self.secret_inputs, self.events,
            self._wake,
        )  # fmt: skip
        self.schedules, self.triggers, self.hooks, self.trigger_trials = (
            self.automatic.schedules,
            self.automatic.triggers,
            self.automatic.hooks,
            self.automatic.trigger_trials,
        )
        self.tasks = TaskService(authorizer, projects)
        self.starts = StartService(self.tasks, self.admission, kernel.clock, self._wake)
        self.handover = HandoverService(
            authorizer,
            projects,
            self.launches,
            RequestTelling(kernel.settings.public_url.rstrip("/")),
            kernel.clock,
        )
        self.mocks = MockService(
            authorizer,
            projects,
            publication,
            snapshots,
            maker,
        )
        self.mini_apps, self.mini_app_desk = (
            MiniAppService(authorizer, projects, kernel.clock),
            MiniAppDesk(authorizer, self.launches, self.tasks, kernel.clock),
        )
        self.operations = OperationService(
            self.tasks,
            OperationChecks(self.tasks, plugin_directory, self.secret_inputs),
            kernel.database,
            kernel.clock,
            self.changes,
            self._wake,
        )
        self.bulk = BulkOperations(self.tasks, self.operations, kernel.database, kernel.clock)
        self.agent_tools: AgentTools = AgentToolService(
            authorizer, plugin_directory, self.launches, self.tasks, self.operations, self.changes, kernel.clock
        )
        self.examiner = Examiner(kernel.database, kernel.clock)
        self.mender = Mender(self.examiner, kernel.clock, self._wake, self._canceller.ring)
        self.plain_secrets = PlainSecrets(
            kernel.database, TaskSecrets(self.secret_inputs, self._wake), StandingSecrets(self.secret_inputs)
        )
        self.doctor, self.plain_secret_service = (
            DoctorService(authorizer, self.examiner, self.mender),
            PlainSecretService(authorizer, self.plain_secrets),
        )
        self.archiver, self.archive = build_archive(kernel, authorizer, projects)
        self.reruns, self.archive_reruns = (
            RerunService(self.tasks, self.launches),
            ArchiveReruns(self.archive, self.launches),
        )
        self.callbacks, self.feeds = (
            CallbackService(tokens, kernel.clock, self._wake),
            Feeds(kernel.database, self.changes),
        )
        self._following = ChildFollowing(kernel.database, self.callbacks, kernel.clock, self._wake)
        self.children = ChildTaskService(self.launches, self.tasks, self.callbacks, self._following.follow)
        self._purge = Repeating("forgetting", _PURGE_SECONDS, self._forget_old, at_once=False)
        self._started = False

    def sops(self, surroundings: Surroundings, nonces: NonceStore | None = None) -> EmbeddedSystem:
        """What answers the calls of Standard OPS's clients."""
        work = Work(
            *self._directories, self.flows, self.launches, self.tasks, self.starts, self.operations, self.schedules,
            self.schemes, self.children, self.handover, self.notices, self.copies, self.project_executors,
            self.common_flows, self.webhooks,
        )  # fmt: skip
        return build_sops(self._kernel, work, surroundings, nonces)

    async def start(self) -> None:
        self._started = True
        if self.worker is not None:
            await self.worker.start()
            self._wake.start()
            self.admission.start()
            self.automatic.start()
            self._giving.start()
            self._following.start()
            self._canceller.start(self.worker)
            self._counting.start()
            self._purge.start()
            self.archiver.start()

    async def stop(self) -> None:
        """Ends streams first, so that their clients come back elsewhere, then lets the tasks go."""
        self.changes.close()
        if not self._started:
            return
        self._started = False
        await self.archiver.stop()
        await self._purge.stop()
        await self._following.stop()
        await self._canceller.stop()
        await self._giving.stop()
        await self.automatic.stop()
        await self._counting.stop()
        await self.admission.stop()
        await self._wake.stop()
        if self.worker is not None:
            await self.worker.stop()

    def _build_worker(self, invoker: PluginInvoker, tokens: CallbackTokens, rights: CallRights) -> Worker:
        settings = self._kernel.settings
        return Worker(
            open_store(self._kernel.database.url),
            invoker,
            tokens,
            self._kernel.clock,
            callbacks_url=f"{settings.public_url.rstrip('/')}/v1/callbacks",
            lock_folder=settings.data_dir / "workers",
            on_committed=self._committed,
            on_waiting=self._look_for_waiting,
            on_cancelling=self._canceller.ring,
            rights=rights,
            most_calls=self._call_quotas.of,
        )

    def _committed(self, task_id: str) -> None:
        self.changes.tell(task_id)
        self.automatic.hear(task_id)
        self._following.hear(task_id)
        self._counting.ring()
        self.admission.hear()

    def _look_for_waiting(self) -> None:
        self._giving.ring()

    async def _forget_old(self) -> bool:
        async with self._kernel.database.unit_of_work() as session:
            await forget_keys(session, self._kernel.clock.now() - _KEYS_KEPT)
            await self.automatic.forget_old(session)
            await self.handover.expire(session)
            await forget_events(session, self._kernel.clock.now())
        return False


def _addresses(kernel: KernelServices) -> AddressPolicy:
    """Which people may have called."""
    return AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
