"""The orchestrator as the composition root mounts it."""

from fastapi import APIRouter

from kernel.contracts.authorizer import Authorizer
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.plugin_invoker import PluginInvoker
from kernel.contracts.projects import ProjectDirectory
from kernel.services import KernelServices
from orchestrator.flows.endpoints import router as flows_router
from orchestrator.flows.publication import Publication
from orchestrator.flows.service import FlowService
from orchestrator.launch.endpoints import router as launch_router
from orchestrator.launch.service import LaunchService
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.open_store import open_store
from orchestrator.runtime.worker import Worker
from orchestrator.tasks.callbacks import CallbackService
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.endpoints import router as tasks_router
from orchestrator.tasks.feeds import Feeds
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.service import TaskService


class OrchestratorUnit:
    """Flows, tasks and the runtime that carries tasks out.

    Args:
        works: runs tasks in this process; otherwise it only serves the management API.

    Attributes:
        router: mounted under `/v1`; the app puts the unit at `app.state.orchestrator`.
    """

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        plugin_directory: PluginDirectory,
        plugin_invoker: PluginInvoker,
        *,
        works: bool = True,
    ) -> None:
        publication = Publication(plugin_directory)
        settings = kernel.settings
        keys = (settings.secret_key, *settings.previous_secret_keys)
        tokens = CallbackTokens([key.get_secret_value().encode() for key in keys])
        self.changes = TaskChanges()
        self.flows = FlowService(authorizer, projects, publication, kernel.clock)
        self.launches = LaunchService(authorizer, projects, publication, kernel.clock, self._wake)
        self.tasks = TaskService(authorizer, projects)
        self.operations = OperationService(
            self.tasks, plugin_directory, kernel.database, kernel.clock, self.changes, self._wake
        )
        self.callbacks = CallbackService(tokens, kernel.clock, self._wake)
        self.feeds = Feeds(kernel.database, self.changes)
        self.worker = _worker(kernel, plugin_invoker, tokens, self.changes) if works else None
        self.router = APIRouter()
        for part in (flows_router, launch_router, tasks_router):
            self.router.include_router(part)

    async def start(self) -> None:
        if self.worker is not None:
            await self.worker.start()

    async def stop(self) -> None:
        """Ends every stream, gives every task back."""
        self.changes.close()
        if self.worker is not None:
            await self.worker.stop()

    def _wake(self, task_id: str) -> None:
        """A worker elsewhere finds it by its sweep."""
        if self.worker is not None:
            self.worker.wake(task_id)


def _worker(kernel: KernelServices, invoker: PluginInvoker, tokens: CallbackTokens, changes: TaskChanges) -> Worker:
    settings = kernel.settings
    return Worker(
        open_store(settings.effective_database_url),
        invoker,
        tokens,
        kernel.clock,
        callbacks_url=f"{settings.public_url.rstrip('/')}/v1/callbacks",
        lock_folder=settings.data_dir / "workers",
        on_committed=changes.tell,
    )
