"""The unit's services, as endpoints ask for them; the composition root puts the unit at `app.state.marketplace`."""

from typing import Annotated

from fastapi import Depends, Request

from marketplace.catalogue.service import CatalogueService
from marketplace.installs.service import InstallService
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.service import PublishService


def _publishing(request: Request) -> PublishService:
    service: PublishService = request.app.state.marketplace.publishing
    return service


def _catalogue(request: Request) -> CatalogueService:
    service: CatalogueService = request.app.state.marketplace.catalogue
    return service


def _installs(request: Request) -> InstallService:
    service: InstallService = request.app.state.marketplace.installs
    return service


def _manifests(request: Request) -> ManifestCache:
    manifests: ManifestCache = request.app.state.marketplace.manifests
    return manifests


PublishServiceDep = Annotated[PublishService, Depends(_publishing)]
CatalogueServiceDep = Annotated[CatalogueService, Depends(_catalogue)]
InstallServiceDep = Annotated[InstallService, Depends(_installs)]
ManifestsDep = Annotated[ManifestCache, Depends(_manifests)]
