"""What forms ask for, asked as the project and for the person before them: never more than was consented to."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.contracts.flow_plugins import FlowPlugins
from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.contracts.project_businesses import ProjectBusinesses
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.errors import Unavailable
from kernel.principal import Principal
from marketplace.form_data.address import DATA_API, SITE, UPLOAD_ENTRY, PluginAddress, SiteAddress, read_address
from marketplace.form_data.askers import FormAsker
from marketplace.form_data.asking import answer_to, known_answer
from marketplace.form_data.errors import FormDataFailed, FormRequestRefused
from marketplace.form_data.schemas import FormContextView, FormDataBody, FormProject
from marketplace.form_data.site_addresses import SITE_ADDRESSES
from marketplace.form_data.tokens import FormTokens
from marketplace.installs.errors import NotInstalled
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.invoke.components import CallableComponents
from marketplace.invoke.endpoint import endpoint_of
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.legacy_forms.vocabulary import UPLOAD_HEADERS
from marketplace.package.manifest import DISPATCH
from marketplace.policies.errors import PluginDenied


class FormDataService:
    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        businesses: ProjectBusinesses,
        flows: FlowPlugins,
        installed: InstalledVersions,
        components: CallableComponents,
        tokens: FormTokens,
        gateway: GatewayCaller,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._businesses = businesses
        self._flows = flows
        self._installed = installed
        self._components = components
        self._tokens = tokens
        self._gateway = gateway

    async def asker(
        self,
        session: AsyncSession,
        principal: Principal,
        project: str,
        plugin: str,
        version: str,
        flow: str | None = None,
    ) -> FormAsker:
        """Args:
            flow: the published flow whose form the caller fills in.

        Raises:
            PermissionDenied: the caller fills in no such form: he edits no flow, operates no task and may not launch
                this flow, or the flow has nothing of the plugin.
            NotInstalled: the project has no such version.
            PluginDenied: it may not run at present.
        """
        found = await self._projects.find(session, project)
        await self._require(session, principal, found, (plugin, version), flow)
        installed = await self._installed.find(found.id, plugin, version)
        if installed is None:
            raise NotInstalled(f"{plugin} {version} is not installed in {found.code}")
        if installed.refusal is not None:
            raise PluginDenied(f"{plugin} {version} may not run: {installed.refusal}")
        business = await self._businesses.bk_biz_id(session, found.id)
        return FormAsker(found, principal.id, installed, business)

    def context(self, asker: FormAsker) -> FormContextView:
        """What a form finds in `$.context` wherever it stands in the project."""
        business = asker.business
        return FormContextView(
            project=FormProject(id=asker.project.id, bk_biz_id=business, from_cmdb=business is not None),
            biz_cc_id=business,
            site_url=SITE,
            component=asker.plugin,
            can_select_biz=business is None,
            bk_plugin_api_host={asker.plugin: f"{SITE}{DATA_API}{asker.plugin}/"},
            upload_headers=list(UPLOAD_HEADERS),
            window={"SITE_URL": SITE, "FILE_UPLOAD_ENTRY": f"{SITE}{UPLOAD_ENTRY}"},
        )

    async def ask(self, asker: FormAsker, body: FormDataBody) -> Any:
        """Through the gateway, with a token of the project narrowed to what was consented to; outside of transactions.

        Raises:
            FormRequestRefused: nothing forms may ask for, or nothing the project consented to or was granted.
            FormDataFailed: it was refused behind the gateway, or answered what is no data.
            Unavailable: the gateway is away for the moment.
        """
        address = read_address(body.url, body.data if body.method == "GET" else None)
        try:
            if isinstance(address, PluginAddress):
                return await self._ask_plugin(asker, address, body)
            return await self._ask_component(asker, address, body)
        except InvocationFailed as failed:
            raise FormDataFailed(failed.message) from failed
        except PluginUnavailable as unavailable:
            raise Unavailable(str(unavailable)) from unavailable

    async def _require(
        self,
        session: AsyncSession,
        principal: Principal,
        project: ProjectSummary,
        plugin: tuple[str, str],
        flow: str | None,
    ) -> None:
        resource = Resource(ResourceKind.PROJECT, project.id)
        if flow is not None and await self._flows.asks(session, project.id, flow, *plugin):
            launched = Resource(ResourceKind.FLOW, flow, (resource,))
            if await self._authorizer.allows(session, principal, Action.FLOW_LAUNCH, launched):
                return
        if not await self._authorizer.allows(session, principal, Action.TASK_OPERATE, resource):
            await self._authorizer.require(session, principal, Action.FLOW_EDIT, resource)

    async def _ask_plugin(self, asker: FormAsker, address: PluginAddress, body: FormDataBody) -> Any:
        endpoint = endpoint_of(asker.installed.manifest)
        if address.plugin not in ("", asker.plugin):
            raise FormRequestRefused(
                f"The form of {asker.plugin} may not ask {address.plugin}, but its own plugin alone"
            )
        if endpoint is None or not endpoint.has_data:
            raise FormRequestRefused(f"{asker.plugin} has no data API (`data_api` in its manifest)")
        component = await self._components.find(f"{endpoint.system}.{DISPATCH}")
        token = await self._tokens.mint(asker, component, endpoint.scopes)
        given = {"url": address.target, "method": body.method, "username": asker.username, "data": body.data}
        answer = await self._gateway.call(component, component.target(endpoint.path, {}), given, token, "")
        said = answer.response
        if answer.is_error or not isinstance(said, dict) or said.get("result") is not True:
            raise FormDataFailed(answer.failure())
        return said.get("data")

    async def _ask_component(self, asker: FormAsker, address: SiteAddress, body: FormDataBody) -> Any:
        found = SITE_ADDRESSES.find(address)
        if found is None:
            raise FormRequestRefused(f"{body.url[:200]} is no address of Standard OPS that is answered here")
        if body.method != "GET":
            raise FormRequestRefused(f"{body.url[:200]} is only read; {body.method} is not sent")
        question, given = found
        if not question.component:
            return known_answer(question, given)
        component = await self._components.find(question.component)
        if not component.description.is_read:
            raise FormRequestRefused(f"{component.label} changes things, which forms may not")
        token = await self._tokens.mint(asker, component)
        return await answer_to(self._gateway, question, given, component, token)
