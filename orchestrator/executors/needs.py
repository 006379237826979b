"""What a consent may be to: the scopes that a flow's revision, or a project's plugins, use."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.plugin_directory import PluginDirectory
from orchestrator.flow.model import NodeKind
from orchestrator.flows.models import FlowRevisionRow
from orchestrator.notices.sending import NOTIFY


def scopes_of_revision(revision: FlowRevisionRow) -> frozenset[str]:
    """Those of its plugins, those of flows inside among them, and to tell people something where it does."""
    return frozenset(revision.scopes) | (frozenset({NOTIFY}) if _tells(revision.definition) else frozenset())


async def scopes_of_project(session: AsyncSession, plugins: PluginDirectory, project_id: str) -> frozenset[str]:
    """Those of all plugins it has installed, and to tell people something."""
    installed = await plugins.installed(session, project_id)
    return frozenset({NOTIFY}).union(*(plugin.scopes for plugin in installed))


def _tells(definition: dict[str, Any]) -> bool:
    return any(node["kind"] == NodeKind.NOTIFY for node in definition["nodes"])
