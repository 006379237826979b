"""The services of MCP servers, built once per process."""

from gateway.mcp.catalogue import ToolCatalogue
from gateway.mcp.servers.checks import ChosenTools
from gateway.mcp.servers.service import McpServerService
from kernel.clock import Clock
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.db.database import Database


class McpServices:
    """Attributes:
    chosen: is told of flows and plugins where the process starts any.
    """

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, database: Database, clock: Clock) -> None:
        self.chosen = ChosenTools()
        self.servers = McpServerService(authorizer, projects, self.chosen, clock)
        self.catalogue = ToolCatalogue(database, self.chosen)
