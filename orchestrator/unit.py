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
from orchestrator.archive.reruns import ArchiveReruns
from orchestrator.automatic import AutomaticStarts
from orchestrator.cancelling.canceller import Canceller
from orchestrator.child_tasks.following import ChildFollowing
from orchestrator.child_tasks.service import ChildTaskService
from orchestrator.common_flows.service import CommonFlowService
from orchestrator.doctor.examining import Examiner
from orchestrator.doctor.mending import Mender
from orchestrator.doctor.service import DoctorService
from orchestrator.executors.admission import Consents
from orchestrator.executors.advice import ConsentAdvisor
from orchestrator.executors.of_projects import ProjectExecutorService
from orchestrator.executors.service import ConsentService
from orchestrator.flow_market.sharing import FlowSharing
from orchestrator.flow_market.taking import FlowTaking
from orchestrator.flows.copying import CopyService
from orchestrator.flows.history import HistoryService
from orchestrator.flows.publication import Publication
from orchestrator.flows.service import FlowService
from orchestrator.handover.service import HandoverService
from orchestrator.handover.telling import RequestTelling
from orchestrator.insight.counting import LONGEST_SECONDS, SHORTEST_SECONDS, TaskCounting
from orchestrator.insight.service import InsightService
from orchestrator.labels.service import LabelService
from orchestrator.launch.foresight import Foresight
from orchestrator.launch.making import TaskMaker
from orchestrator.launch.repository import forget_keys
from orchestrator.launch.reruns import RerunService
from orchestrator.launch.service import LaunchService
from orchestrator.mini_apps.desk import MiniAppDesk
from orchestrator.mini_apps.service import MiniAppService
from orchestrator.mocking.service import MockService
from orchestrator.notices.advice import MessageAdvisor
from orchestrator.notices.node_sender import NodeSender
from orchestrator.notices.service import NoticeService
from orchestrator.notices.webhooks import WebhookService
from orchestrator.plain_secrets.service import PlainSecrets, PlainSecretService
from orchestrator.plain_secrets.standing import StandingSecrets
from orchestrator.plain_secrets.tasks import TaskSecrets
from orchestrator.plugin_uses.service import PluginUseService
from orchestrator.project_secrets.handles import ProjectSecretHandles
from orchestrator.project_secrets.where_used import ProjectSecretUses
from orchestrator.project_variables.service import ProjectVariableService
from orchestrator.project_variables.snapshot import ProjectSnapshots
from orchestrator.quotas.admission import Admission
from orchestrator.quotas.call_quotas import CallQuotas
from orchestrator.quotas.service import QuotaService
from orchestrator.rights import call_rights, root_keys
from orchestrator.routers import ROUTERS
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.plugin_calls import CallRights
from orchestrator.runtime.wake_ups.wake_ups import WakeUps
from orchestrator.runtime.worker import Worker
from orchestrator.saved_inputs.service import SavedInputsService
from orchestrator.schemes.service import SchemeService
from orchestrator.secret_inputs.service import SecretInputs
from orchestrator.sops.app import Surroundings, Work, build_sops
from orchestrator.tasks.bulk import BulkOperations
from orchestrator.tasks.callbacks import CallbackService
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.feeds import Feeds
from orchestrator.tasks.operation_checks import OperationChecks
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.service import TaskService
from orchestrator.tasks.starting import StartService
from orchestrator.updates.service import UpdateService
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

    routers: Final = ROUTERS

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
        self._publication = Publication(plugin_directory, project_secrets)
        self._consents = Consents(profiles, kernel.clock)
        self._advisor = ConsentAdvisor(self._consents, self._publication)
        self._snapshots = ProjectSnapshots(project_secrets)
        self._keys = root_keys(kernel.settings)
        self._tokens = CallbackTokens(self._keys)
        self.changes = TaskChanges()
        self._call_quotas = CallQuotas()
        self.secret_inputs = SecretInputs(kernel.database, kernel.secrets)
        rights = call_rights(kernel.database, self.secret_inputs, project_secrets, self._consents, self._keys)
        self._canceller = Canceller(kernel.database, kernel.clock, plugin_invoker, rights, self.changes.tell)
        sender = NodeSender(plugin_invoker, components, kernel.database)
        self.worker = self._build_worker(sender, rights) if works else None
        self._wake = WakeUps(self.worker, kernel.settings.redis_url)
        self._build_what_tasks_wait_for()
        self._build_flows(grants, market)
        self._build_projects(profiles, project_secrets)
        self._build_launching(plugin_invoker, grants)
        self.automatic = AutomaticStarts(
            kernel, authorizer, projects, profiles, grants, components, self.launches, self.secret_inputs, self.events,
            self._wake,
        )  # fmt: skip
        self.schedules, self.triggers = self.automatic.schedules, self.automatic.triggers
        self.hooks, self.trigger_trials = self.automatic.hooks, self.automatic.trigger_trials
        self._build_tasks(profiles)
        self._build_ways_to_launch()
        self._build_upkeep()
        self._started = False

    def _build_what_tasks_wait_for(self) -> None:
        """A place under a quota, a turn at a lock, an event."""
        kernel = self._kernel
        authorizer, projects, _ = self._directories
        self.admission = Admission(kernel.database, kernel.clock, self._wake, self._call_quotas)
        self.quotas = QuotaService(authorizer, projects, kernel.clock, self.admission.look)
        giver = Giver(kernel.database, kernel.clock, self._wake)
        self._giving = Alarm(
            "locks and events", giver.look, longest=LOOK_SECONDS, stillness=stillness_of(kernel.database)
        )
        self.events = EventService(authorizer, projects, giver, kernel.clock, self._giving.ring)

    def _build_flows(self, grants: GrantDesk, market: FlowMarket) -> None:
        authorizer, projects, _ = self._directories
        publication, clock = self._publication, self._kernel.clock
        self.flows = FlowService(authorizer, projects, publication, grants, self._advisor, clock)
        self.history = HistoryService(self.flows)
        self.copies = CopyService(self.flows, publication)
        self.sharing = FlowSharing(authorizer, publication, market)
        self.taking = FlowTaking(authorizer, projects, self.flows, publication, market, clock)
        self.labels = LabelService(authorizer, projects, clock)
        self.common_flows = CommonFlowService(authorizer, projects, clock)
        self.updates = UpdateService(authorizer, projects, self.flows, publication)
        self.schemes = SchemeService(authorizer, projects, clock)
        self.plugin_uses: PluginUses = PluginUseService(self.flows, publication)

    def _build_projects(self, profiles: Profiles, project_secrets: ProjectSecrets) -> None:
        """What all flows of a project share, and what is counted of them."""
        authorizer, projects, plugins = self._directories
        clock = self._kernel.clock
        self.consents = ConsentService(authorizer, projects, plugins, self._consents, clock)
        self.project_executors = ProjectExecutorService(authorizer, projects, profiles, self._consents, clock)
        self.project_variables = ProjectVariableService(authorizer, projects, clock)
        self.project_secret_uses = ProjectSecretUses(authorizer, projects, plugins, project_secrets)
        self.insight = InsightService(authorizer, projects, clock)
        count = TaskCounting(self._kernel.database).count
        self._counting = Alarm("statistics", count, shortest=SHORTEST_SECONDS, longest=LONGEST_SECONDS)

    def _build_launching(self, plugin_invoker: PluginInvoker, grants: GrantDesk) -> None:
        kernel = self._kernel
        authorizer, projects, _ = self._directories
        addresses = AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
        self.notices = NoticeService(authorizer, projects, grants, kernel.secrets, addresses, kernel.clock)
        self.webhooks = WebhookService(authorizer, kernel.secrets, addresses, kernel.clock)
        handles = ProjectSecretHandles(self._keys)
        self._maker = TaskMaker(self.secret_inputs, handles, self.admission, kernel.clock, self._wake)
        self.launches = LaunchService(
            *self._directories, self._publication, self.notices, self._advisor, MessageAdvisor(grants), self._snapshots,
            self._maker, kernel.clock,
        )  # fmt: skip
        self.foresight = Foresight(plugin_invoker)
        self.saved_inputs = SavedInputsService(authorizer, self.launches, kernel.clock)

    def _build_tasks(self, profiles: Profiles) -> None:
        kernel = self._kernel
        authorizer, projects, plugins = self._directories
        self.tasks = TaskService(authorizer, projects, profiles)
        self.starts = StartService(self.tasks, self.admission, kernel.clock, self._wake)
        checks = OperationChecks(self.tasks, plugins, self.secret_inputs)
        self.operations = OperationService(self.tasks, checks, kernel.database, kernel.clock, self.changes, self._wake)
        self.bulk = BulkOperations(self.tasks, self.operations, kernel.database, kernel.clock)
        self.callbacks = CallbackService(self._tokens, kernel.clock, self._wake)
        self.feeds = Feeds(kernel.database, self.changes)
        self._following = ChildFollowing(kernel.database, self.callbacks, kernel.clock, self._wake)
        self.children = ChildTaskService(self.launches, self.tasks, self.callbacks, self._following.follow)

    def _build_ways_to_launch(self) -> None:
        """Other than a flow's own page."""
        authorizer, projects, plugins = self._directories
        clock = self._kernel.clock
        telling = RequestTelling(self._kernel.settings.public_url.rstrip("/"))
        self.handover = HandoverService(authorizer, projects, self.launches, telling, clock)
        self.mocks = MockService(authorizer, projects, self._publication, self._snapshots, self._maker)
        self.mini_apps = MiniAppService(authorizer, projects, clock)
        self.mini_app_desk = MiniAppDesk(authorizer, self.launches, self.tasks, clock)
        self.reruns = RerunService(self.tasks, self.launches)
        self.agent_tools: AgentTools = AgentToolService(
            authorizer, plugins, self.launches, self.tasks, self.operations, self.changes, clock
        )

    def _build_upkeep(self) -> None:
        """What keeps tasks going, and what becomes of those that are over."""
        kernel = self._kernel
        authorizer, projects, _ = self._directories
        self.examiner = Examiner(kernel.database, kernel.clock)
        self.mender = Mender(self.examiner, kernel.clock, self._wake, self._canceller.ring)
        self.doctor = DoctorService(authorizer, self.examiner, self.mender)
        of_tasks = TaskSecrets(self.secret_inputs, self._wake)
        self.plain_secrets = PlainSecrets(kernel.database, of_tasks, StandingSecrets(self.secret_inputs))
        self.plain_secret_service = PlainSecretService(authorizer, self.plain_secrets)
        self.archiver, self.archive = build_archive(kernel, authorizer, projects)
        self.archive_reruns = ArchiveReruns(self.archive, self.launches)
        self._purge = Repeating("forgetting", _PURGE_SECONDS, self._forget_old, at_once=False)

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

    def _build_worker(self, invoker: PluginInvoker, rights: CallRights) -> Worker:
        settings = self._kernel.settings
        return Worker(
            open_store(self._kernel.database.url),
            invoker,
            self._tokens,
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
