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


class OrchestratorUnit:
    """Flows, tasks and the runtime that carries tasks out.

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
    ) -> None:
        publication = Publication(plugin_directory)
        self.flows = FlowService(authorizer, projects, publication, kernel.clock)
        self.router = APIRouter()
        for part in (flows_router,):
            self.router.include_router(part)
