"""Which flows use a secret of their project: by a reference, or by its name where a plugin takes one. Nothing of it is
opened.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import NotFound
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal
from orchestrator.flow.model import Flow, PluginNode
from orchestrator.flow.project_secrets import place_of, secret_uses
from orchestrator.flow.uses import Use
from orchestrator.flows.resources import project_resource
from orchestrator.project_variables.where_used import FlowUse, flow_uses

TakesSecrets = Mapping[tuple[str, str], frozenset[str]]
"""Plugin and version → its inputs that take the name of a secret."""


class ProjectSecretUses:
    """For who sees the names of the project's secrets."""

    def __init__(
        self, authorizer: Authorizer, projects: ProjectDirectory, plugins: PluginDirectory, secrets: ProjectSecrets
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._plugins = plugins
        self._secrets = secrets

    async def find(self, session: AsyncSession, principal: Principal, project: str, name: str) -> list[FlowUse]:
        """As `project_variables.where_used.flow_uses`.

        Raises:
            NotFound: the project has no secret of that name.
        """
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(found.id))
        if name not in await self._secrets.names(session, found.id):
            raise NotFound(f"{found.code} has no secret {name}")
        installed = await self._plugins.installed(session, found.id)
        takes = {(each.code, each.version): secret_fields(each.inputs) for each in installed}
        return await flow_uses(session, found.id, name, lambda flow: _uses(flow, takes))


def _uses(flow: Flow, takes: TakesSecrets) -> Iterator[tuple[str, Use]]:
    yield from secret_uses(flow)
    for node in flow.nodes:
        if isinstance(node, PluginNode):
            yield from _by_name(node, _secret_inputs(node, takes))


def _secret_inputs(node: PluginNode, takes: TakesSecrets) -> AbstractSet[str]:
    """The inputs that take a secret's name. A version that is no longer installed may be again: it counts as taking
    what others of its plugin do, and where there are none, a name anywhere: none is to be lost that would be missed.
    """
    known = takes.get((node.plugin, node.version))
    if known is not None:
        return known
    others = [fields for (code, _), fields in takes.items() if code == node.plugin]
    return frozenset().union(*others) if others else node.inputs.keys()


def _by_name(node: PluginNode, fields: AbstractSet[str]) -> Iterator[tuple[str, Use]]:
    given: Mapping[str, Any] = node.inputs
    for field in sorted(fields & given.keys()):
        name = given[field]
        if isinstance(name, str):
            yield name, Use(place_of(name), node.id, None, f"inputs.{field}", name)
