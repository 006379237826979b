from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from marketplace.advisories.repository import affecting
from marketplace.advisories.views import advisory_view
from marketplace.catalogue.schemas import PluginView, VersionSummaryView
from marketplace.catalogue.service import CataloguePlugin
from marketplace.dependencies import CatalogueServiceDep, ManifestsDep
from marketplace.package.manifest import LocalizedText
from marketplace.versions.ranking import Candidate, latest_by_channel
from marketplace.versions.schemas import Deprecation, PluginVersionView
from marketplace.versions.views import version_view

router = APIRouter(tags=["plugins"])

PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
Words = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]
Tag = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


@router.get("/plugins")
async def list_plugins(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may browse
    catalogue: CatalogueServiceDep,
    page: PageDep,
    q: Words = None,
    tag: Tag = None,
) -> Page[PluginView]:
    """The newest plugins first; each word of `q` must occur in code, name, description or tags, in either language."""
    found, cursor = await catalogue.search(session, q, tag, page)
    return Page(items=[_plugin_view(plugin) for plugin in found], next=cursor)


@router.get("/plugins/{code}")
async def get_plugin(
    code: PluginCode,
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  as above
    catalogue: CatalogueServiceDep,
) -> PluginView:
    return _plugin_view(await catalogue.plugin(session, code))


@router.get("/plugins/{code}/versions/{version}")
async def get_plugin_version(
    code: PluginCode,
    version: VersionText,
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  as above
    catalogue: CatalogueServiceDep,
    manifests: ManifestsDep,
) -> PluginVersionView:
    found = await catalogue.details(session, code, version)
    return version_view(found, manifests.manifest_of(found.version))


def _plugin_view(found: CataloguePlugin) -> PluginView:
    return PluginView(
        code=found.plugin.code,
        name=LocalizedText.model_validate(found.plugin.name),
        description=LocalizedText.model_validate(found.plugin.description),
        latest_version=found.plugin.latest_version,
        tags=found.plugin.tags,
        publisher=found.plugin.publisher,
        installs=found.installs,
        channels=latest_by_channel(
            Candidate(version.version, version.channel, version.is_yanked) for version in found.versions
        ),
        deprecation=Deprecation.model_validate(found.plugin.deprecation) if found.plugin.deprecation else None,
        versions=[
            VersionSummaryView(
                version=version.version,
                digest=version.digest,
                published_at=version.published_at,
                published_by=version.published_by,
                channel=version.channel,
                yank_message=version.yank_message,
                advisories=[advisory_view(advisory) for advisory in affecting(found.advisories, version.version)],
            )
            for version in found.versions
        ],
    )
