"""The unit's services, as endpoints ask for them; the composition root puts the unit at `app.state.marketplace`."""

from typing import Annotated

from fastapi import Depends

from kernel.http.dependencies import service_of
from marketplace.advisories.service import AdvisoryService
from marketplace.bundles.service import BundleService
from marketplace.catalogue.service import CatalogueService
from marketplace.drafts.service import DraftService
from marketplace.flows.service import CatalogueFlows
from marketplace.form_data.service import FormDataService
from marketplace.form_data.uploads import FormUploads
from marketplace.hosting.service import HostingService
from marketplace.installs.auto_update import AutoUpdates
from marketplace.installs.service import InstallService
from marketplace.installs.upgrades import UpgradeService
from marketplace.legacy_forms.service import FormScriptService
from marketplace.mirrors.service import MirrorService
from marketplace.policies.service import PolicyService
from marketplace.publishers.identities.service import IdentityService
from marketplace.publishers.service import PublisherService
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.packages import PackageService
from marketplace.versions.review.service import ReviewService
from marketplace.versions.service import PublishService
from marketplace.versions.standing.service import StandingService
from marketplace.webhooks.service import CatalogueWebhookService

PublishServiceDep = Annotated[PublishService, Depends(service_of("marketplace", "publishing"))]
ReviewServiceDep = Annotated[ReviewService, Depends(service_of("marketplace", "review"))]
PublisherServiceDep = Annotated[PublisherService, Depends(service_of("marketplace", "publishers"))]
BundleServiceDep = Annotated[BundleService, Depends(service_of("marketplace", "bundles"))]
StandingServiceDep = Annotated[StandingService, Depends(service_of("marketplace", "standing"))]
PackageServiceDep = Annotated[PackageService, Depends(service_of("marketplace", "packages"))]
AdvisoryServiceDep = Annotated[AdvisoryService, Depends(service_of("marketplace", "advisories"))]
CatalogueFlowsDep = Annotated[CatalogueFlows, Depends(service_of("marketplace", "flows"))]
CatalogueServiceDep = Annotated[CatalogueService, Depends(service_of("marketplace", "catalogue"))]
InstallServiceDep = Annotated[InstallService, Depends(service_of("marketplace", "installs"))]
UpgradeServiceDep = Annotated[UpgradeService, Depends(service_of("marketplace", "upgrades"))]
AutoUpdatesDep = Annotated[AutoUpdates, Depends(service_of("marketplace", "auto_updates"))]
DraftServiceDep = Annotated[DraftService, Depends(service_of("marketplace", "drafts"))]
PolicyServiceDep = Annotated[PolicyService, Depends(service_of("marketplace", "policies"))]
FormScriptServiceDep = Annotated[FormScriptService, Depends(service_of("marketplace", "form_scripts"))]
FormDataServiceDep = Annotated[FormDataService, Depends(service_of("marketplace", "form_data"))]
FormUploadsDep = Annotated[FormUploads, Depends(service_of("marketplace", "form_uploads"))]
HostingServiceDep = Annotated[HostingService, Depends(service_of("marketplace", "hosting"))]
CatalogueWebhookServiceDep = Annotated[CatalogueWebhookService, Depends(service_of("marketplace", "webhooks"))]
MirrorServiceDep = Annotated[MirrorService, Depends(service_of("marketplace", "mirrors"))]
IdentityServiceDep = Annotated[IdentityService, Depends(service_of("marketplace", "identities"))]
ManifestsDep = Annotated[ManifestCache, Depends(service_of("marketplace", "manifests"))]
