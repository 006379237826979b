"""The marketplace as the composition root wires it."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from kernel.background import Repeating
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.component_caller import ComponentCaller
from kernel.contracts.components import ComponentDirectory
from kernel.contracts.configuration import AlwaysNewest, Configuration
from kernel.contracts.flow_market import FlowDefinitions, NoFlowDefinitions
from kernel.contracts.flow_plugins import FlowPlugins
from kernel.contracts.gateway_calls import GatewayCalls
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.notice_groups import NoGroups, NoticeGroups
from kernel.contracts.people_notices import NoNotices, PeopleNotices
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.plugin_invoker import PluginInvoker
from kernel.contracts.plugin_uses import NoUses, PluginUses
from kernel.contracts.project_businesses import ProjectBusinesses
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.contracts.projects import ProjectDirectory
from kernel.contracts.task_tokens import TaskTokenMinter
from kernel.looks import when_changed
from kernel.oidc.documents import IssuerDocuments
from kernel.oidc.provider_http import ProviderHttp
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from marketplace.advisories.endpoints import router as advisories_router
from marketplace.advisories.service import AdvisoryService
from marketplace.bundles.endpoints import router as bundles_router
from marketplace.bundles.service import BundleService
from marketplace.catalogue.endpoints import router as catalogue_router
from marketplace.catalogue.service import CatalogueService
from marketplace.drafts.endpoints import router as drafts_router
from marketplace.drafts.service import DraftService
from marketplace.flows.endpoints import router as flows_router
from marketplace.flows.service import CatalogueFlows
from marketplace.form_data.endpoints import router as form_data_router
from marketplace.form_data.service import FormDataService
from marketplace.form_data.tokens import FormTokens
from marketplace.form_data.uploads import FormUploads
from marketplace.hosting.endpoints import router as hosting_router
from marketplace.hosting.service import HostingService
from marketplace.hosting.unit import Hosting, HostingNeeds
from marketplace.installs.auto_update import AutoUpdates
from marketplace.installs.directory import InstalledPlugins
from marketplace.installs.endpoints import router as installs_router
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.installs.service import InstallService
from marketplace.installs.upgrade_endpoints import router as upgrades_router
from marketplace.installs.upgrades import UpgradeService
from marketplace.invoke.component_caller import ProjectComponentCaller
from marketplace.invoke.components import CallableComponents
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.invoke.invoker import GatewayPluginInvoker
from marketplace.invoke.named_groups import GroupPeople
from marketplace.invoke.task_tokens import TaskTokens
from marketplace.legacy_forms.endpoints import router as forms_router
from marketplace.legacy_forms.sandbox.pool import Sandbox
from marketplace.legacy_forms.service import FormScriptService
from marketplace.mirrors.endpoints import router as mirrors_router
from marketplace.mirrors.rounds import MirrorRounds, RoundNeeds
from marketplace.mirrors.service import MirrorService
from marketplace.policies.endpoints import router as policies_router
from marketplace.policies.service import PolicyService
from marketplace.publishers.dns_proof import DnsLookup
from marketplace.publishers.endpoints import router as publishers_router
from marketplace.publishers.identities.endpoints import router as identities_router
from marketplace.publishers.identities.lapses import IdentityLapses
from marketplace.publishers.identities.proof_life import ProofLife
from marketplace.publishers.identities.service import IdentityService
from marketplace.publishers.identities.tokens import IdentityTokens
from marketplace.publishers.rechecks import DomainRechecks
from marketplace.publishers.service import PublisherService
from marketplace.runs.tally import CountedInvoker, RunTally
from marketplace.versions.endpoints import router as versions_router
from marketplace.versions.examination import Examination
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.packages import PackageService
from marketplace.versions.review.endpoints import router as review_router
from marketplace.versions.review.service import ReviewService
from marketplace.versions.search_index import SearchIndex
from marketplace.versions.service import PublishService
from marketplace.versions.standing.endpoints import router as standing_router
from marketplace.versions.standing.service import StandingService
from marketplace.webhooks.delivering import CatalogueWebhookSender
from marketplace.webhooks.endpoints import router as webhooks_router
from marketplace.webhooks.service import CatalogueWebhookService

_UPDATE_SECONDS = 900.0
_RECHECK_SECONDS = 300.0
_WEBHOOK_SECONDS = 2.0
_MIRROR_SECONDS = 2.0


class MarketplaceUnit:
    """Put at `app.state.marketplace`; its `routers` are mounted below `/v1`.

    Args:
        gateway_calls: reaches the gateway.
        hosting: what the process needs that runs plugins; none in others.
        notices: tells people what becomes of their names.
        notice_groups: who belongs to groups that inputs of plugins name.
        configuration: tells when the gateway serves by the newest one.

    Attributes:
        invoker: runs plugins for the orchestrator.
        component_caller: calls components for it where no plugin does.
        plugin_directory: tells the orchestrator what is installed.
        flow_definitions: tells whether flows of packages can be read; set by whoever builds the orchestrator.
        uses: tells where flows use plugins; set by whoever builds the orchestrator.
    """

    routers: Final = (
        versions_router,
        review_router,
        bundles_router,
        flows_router,
        standing_router,
        publishers_router,
        advisories_router,
        catalogue_router,
        installs_router,
        upgrades_router,
        policies_router,
        webhooks_router,
        mirrors_router,
        identities_router,
        drafts_router,
        forms_router,
        form_data_router,
        hosting_router,
    )

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        components: ComponentDirectory,
        grant_desk: GrantDesk,
        task_tokens: TaskTokenMinter,
        project_secrets: ProjectSecrets,
        project_businesses: ProjectBusinesses,
        flow_plugins: FlowPlugins,
        gateway_calls: GatewayCalls,
        hosting: HostingNeeds | None = None,
        notices: PeopleNotices | None = None,
        notice_groups: NoticeGroups | None = None,
        configuration: Configuration | None = None,
    ) -> None:
        self._database = kernel.database
        self.manifests = ManifestCache()
        installed = InstalledVersions(kernel.database, self.manifests)
        settings = kernel.settings
        self.flow_definitions: FlowDefinitions = NoFlowDefinitions()
        trust_roots = frozenset(settings.plugin_trust_roots)
        examination = Examination(
            components,
            self.manifests,
            trust_roots,
            settings.plugin_review,
            lambda: self.flow_definitions,
        )
        self.publishing = PublishService(authorizer, examination, self.manifests, kernel.clock)
        self.review = ReviewService(authorizer, self.publishing, self.manifests, kernel.clock)
        self.publishers = PublisherService(
            authorizer, DnsLookup(settings.dns_resolvers), kernel.clock, installed.forget_all
        )
        issuers = settings.plugin_publish_issuers
        tokens = IdentityTokens(
            IssuerDocuments(ProviderHttp(settings.allowed_upstream_origins)),
            issuers,
            settings.public_url.rstrip("/"),
            kernel.clock,
        )
        life = ProofLife(timedelta(days=settings.plugin_identity_days))
        self.identities = IdentityService(authorizer, tokens, issuers, life, kernel.clock, installed.forget_all)
        self.rechecks = DomainRechecks(kernel.database, self.publishers, notices or NoNotices(), kernel.clock)
        self.lapses = IdentityLapses(kernel.database, self.identities, notices or NoNotices(), kernel.clock)
        self.standing = StandingService(authorizer, self.manifests, kernel.clock)
        self.packages = PackageService()
        self.flows = CatalogueFlows(self.publishing, self.manifests, kernel.clock)
        outside = AddressPolicy.allowing(settings.allowed_upstream_origins)
        self.webhooks = CatalogueWebhookService(authorizer, kernel.secrets, outside, kernel.clock)
        self.webhook_sender = CatalogueWebhookSender(kernel.database, kernel.secrets, outside, kernel.clock)
        self.bundles = BundleService(self.publishing, self.packages, self.flows)
        self.advisories = AdvisoryService(authorizer, projects, kernel.clock)
        self.catalogue = CatalogueService()
        self._sandbox = Sandbox()
        self.form_scripts = FormScriptService(authorizer, self._sandbox, self.manifests)
        self.mirrors = MirrorService(authorizer, kernel.secrets, outside, self.flows, kernel.clock)
        self.mirror_rounds = MirrorRounds(
            RoundNeeds(
                kernel.database,
                kernel.secrets,
                outside,
                self.publishing,
                self.standing,
                self.advisories,
                self.form_scripts,
                kernel.clock,
            )
        )
        self.uses: PluginUses = NoUses()
        self.installs = InstallService(
            authorizer, projects, grant_desk, self.manifests, installed, lambda: self.uses, kernel.clock
        )
        self.upgrades = UpgradeService(self.installs, self.manifests, lambda: self.uses, kernel.clock)
        self.auto_updates = AutoUpdates(kernel.database, self.installs, self.upgrades)
        self.policies = PolicyService(authorizer, projects, kernel.clock, installed.forget_all)
        self.plugin_directory: PluginDirectory = InstalledPlugins(self.manifests)
        callable_components = CallableComponents(kernel.database, components)
        self.drafts = DraftService(authorizer, components, callable_components, self.manifests, trust_roots)
        gateway = GatewayCaller(gateway_calls, configuration or AlwaysNewest())
        form_tokens = FormTokens(task_tokens)
        self.form_data = FormDataService(
            authorizer,
            projects,
            project_businesses,
            flow_plugins,
            installed,
            callable_components,
            form_tokens,
            gateway,
        )
        self.form_uploads = FormUploads(callable_components, form_tokens, gateway)
        self.hosted = Hosting(kernel, installed, self.manifests, hosting)
        self.hosting = HostingService(authorizer, self.hosted.supervisor, kernel.clock, hosts=self.hosted.hosts)
        self.component_caller: ComponentCaller = ProjectComponentCaller(callable_components, task_tokens, gateway)
        self._runs = RunTally(kernel.database, kernel.clock)
        self.invoker: PluginInvoker = CountedInvoker(
            GatewayPluginInvoker(
                installed,
                callable_components,
                TaskTokens(task_tokens, kernel.clock),
                project_secrets,
                GroupPeople(kernel.database, notice_groups or NoGroups()),
                gateway,
            ),
            self._runs,
        )
        self._search_index = SearchIndex(kernel.database, self.manifests)
        look = partial(when_changed, kernel.database)
        self._repeating = (
            Repeating("plugin updates", _UPDATE_SECONDS, self.auto_updates.run),
            Repeating("publisher checks", _RECHECK_SECONDS, self.rechecks.run),
            Repeating("publisher identities", _RECHECK_SECONDS, self.lapses.run),
            Repeating("catalogue webhooks", _WEBHOOK_SECONDS, look(self.webhook_sender.send_due)),
            Repeating("catalogue mirrors", _MIRROR_SECONDS, look(self.mirror_rounds.run_due)),
        )

    async def start(self) -> None:
        """Begins to follow new versions; processes that evaluate forms, and plugins, start when one is asked for."""
        await self.hosted.start()
        await self._search_index.complete()
        async with self._database.unit_of_work() as session:
            await self.identities.forget_unadmitted(session)
        for work in self._repeating:
            work.start()
        self._runs.start()

    async def stop(self) -> None:
        """Ends those processes."""
        for work in self._repeating:
            await work.stop()
        await self.hosted.stop()
        await self._runs.stop()
        await asyncio.to_thread(self._sandbox.close)
