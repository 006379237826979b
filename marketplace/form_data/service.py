"""Choices that a remote plugin has for its own form, asked as the project and for the person before it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.contracts.projects import ProjectDirectory
from kernel.contracts.task_tokens import TaskTokenMinter
from kernel.errors import Unavailable
from kernel.principal import Principal
from marketplace.form_data.errors import FormDataFailed
from marketplace.form_data.schemas import FormDataBody
from marketplace.installs.errors import NotInstalled
from marketplace.installs.installed_versions import InstalledVersion, InstalledVersions
from marketplace.invoke.components import CallableComponents
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.package.manifest import DISPATCH, Remote

_NO_TASK = "form-data"
"""Stands where tokens name the task they are for."""


@dataclass(frozen=True, slots=True)
class FormAsker:
    """Who may ask which plugin, found while the database was at hand."""

    project_id: str
    username: str
    installed: InstalledVersion
    remote: Remote


class FormDataService:
    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        installed: InstalledVersions,
        components: CallableComponents,
        tokens: TaskTokenMinter,
        gateway: GatewayCaller,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._installed = installed
        self._components = components
        self._tokens = tokens
        self._gateway = gateway

    async def asker(
        self, session: AsyncSession, principal: Principal, project: str, plugin: str, version: str
    ) -> FormAsker:
        """Raises:
        PermissionDenied: the caller may not edit the project's flows.
        NotInstalled: the project has no such version, or it is none that is asked for data.
        """
        found = await self._projects.find(session, project)
        resource = Resource(ResourceKind.PROJECT, found.id)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, resource)
        installed = await self._installed.find(found.id, plugin, version)
        remote = installed.manifest.remote if installed is not None else None
        if installed is None or remote is None or not remote.data_api:
            raise NotInstalled(f"{plugin} {version} with data for its form is not installed in {found.code}")
        return FormAsker(found.id, principal.id, installed, remote)

    async def ask(self, asker: FormAsker, body: FormDataBody) -> Any:
        """Through the gateway, with a token of the project narrowed to what was consented to; outside of transactions.

        Raises:
            FormDataFailed: it was refused, or answered what is no data.
            Unavailable: the gateway is away for the moment.
        """
        given = {"url": body.url, "method": body.method, "username": asker.username, "data": body.data}
        try:
            component = await self._components.find(f"{asker.remote.system}.{DISPATCH}")
            token = await self._tokens.mint(
                project_id=asker.project_id,
                task_id=_NO_TASK,
                on_behalf_of=asker.username,
                scopes=asker.installed.scopes,
            )
            answer = await self._gateway.call(component, component.target({}, {}), given, token.value, "")
        except InvocationFailed as failed:
            raise FormDataFailed(failed.message) from failed
        except PluginUnavailable as unavailable:
            raise Unavailable(str(unavailable)) from unavailable
        said = answer.response
        if answer.is_error or not isinstance(said, dict) or said.get("result") is not True:
            raise FormDataFailed(answer.failure())
        return said.get("data")
