"""MCP servers as the gateway builds them."""

from importlib.metadata import version

from gateway.dataplane.app import DataPlane
from gateway.mcp.serving.access import ServerAccess
from gateway.mcp.serving.app import McpApp
from gateway.mcp.serving.gateway_calls import GatewayCalls
from gateway.mcp.serving.list_news import Listening
from gateway.mcp.serving.patience import Patience
from gateway.mcp.serving.protocol import Protocol
from gateway.mcp.serving.runner import ToolRunner
from gateway.mcp.serving.task_runs import TaskRuns
from gateway.services import GatewayServices
from gateway.snapshot.model.snapshot import SnapshotHolder
from kernel.clock import Clock
from kernel.contracts.agent_tools import AgentTools


def build_mcp(
    services: GatewayServices,
    snapshots: SnapshotHolder,
    clock: Clock,
    data_plane: DataPlane,
    tasks: AgentTools | None,
    patience: Patience,
) -> McpApp:
    settings = services.settings
    calls = GatewayCalls(data_plane, services.database, services.keyring, services.token_issuer)
    runs = TaskRuns(services.database, tasks, clock, patience) if tasks is not None else None
    return McpApp(
        services.mcp.catalogue,
        ServerAccess(snapshots, services.oauth.possession, clock),
        Protocol(ToolRunner(calls, runs), Listening(services.mcp.catalogue), clock),
        issuer=services.issuer,
        allowed_origins=frozenset(settings.mcp_allowed_origins),
        trusted_proxies=frozenset(settings.trusted_proxies),
        version=version("trunkline"),
    )
