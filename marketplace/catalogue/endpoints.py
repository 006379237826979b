from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from marketplace.advisories.repository import affecting
from marketplace.advisories.views import advisory_view
from marketplace.catalogue.built_in import found_built_in
from marketplace.catalogue.schemas import BuiltInView, Facets, FacetValue, PluginView, RunsView, VersionSummaryView
from marketplace.catalogue.service import CataloguePlugin, Wish
from marketplace.dependencies import CatalogueServiceDep, ManifestsDep
from marketplace.package.manifest import LocalizedText, PluginKind
from marketplace.runs.repository import Runs, together
from marketplace.search.query import Sort
from marketplace.versions.ranking import Candidate, latest_by_channel
from marketplace.versions.schemas import Deprecation, PluginVersionView
from marketplace.versions.views import version_view

router = APIRouter(tags=["plugins"])

PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
Words = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]
Tag = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Name = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Scope = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]


def _wish(
    q: Words = None,
    kind: Annotated[PluginKind | None, Query()] = None,
    tag: Tag = None,
    publisher: Name = None,
    system: Name = None,
    scope: Scope = None,
    channel: Name = None,
    compatible: Annotated[bool, Query()] = False,  # noqa: FBT002  a parameter of the query
    verified: Annotated[bool, Query()] = False,  # noqa: FBT002  as above
    sort: Annotated[Sort, Query()] = Sort.RELEVANCE,
) -> Wish:
    given = {"kind": kind, "tag": tag, "publisher": publisher, "system": system, "scope": scope, "channel": channel}
    return Wish(
        q or "", {facet: str(value) for facet, value in given.items() if value is not None}, compatible, verified, sort
    )


WishDep = Annotated[Wish, Depends(_wish)]


@router.get("/plugins")
async def list_plugins(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may browse
    catalogue: CatalogueServiceDep,
    page: PageDep,
    wish: WishDep,
) -> Page[PluginView]:
    """Plugins by words and properties.

    Each word of `q` must begin a word of code, name, description, tags or publisher, in either language; those it fits
    best come first, and without words the newest. `compatible` leaves out what asks for another version of this
    product.
    """
    found, cursor = await catalogue.search(session, wish, page)
    return Page(items=[_plugin_view(plugin) for plugin in found], next=cursor)


@router.get("/plugins:facets")
async def count_plugin_facets(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  as above
    catalogue: CatalogueServiceDep,
    wish: WishDep,
) -> Facets:
    """How many plugins are found, and how many of them have which property; takes what the list takes.

    Of a property that is asked for, the numbers are those of asking for another value instead.
    """
    total, counts = await catalogue.facets(session, wish)
    facets: dict[str, list[FacetValue]] = {}
    for count in counts:
        facets.setdefault(count.facet, []).append(FacetValue(value=count.value, count=count.count))
    meant = await catalogue.meant(session, wish) if total == 0 else None
    return Facets(total=total, facets=facets, meant=meant)


@router.get("/plugins:built-in")
async def list_built_in_nodes(
    principal: PrincipalDep,  # noqa: ARG001  as above
    q: Words = None,
) -> Page[BuiltInView]:
    """What flows do without a plugin, by words: people who look for it are told which node it is."""
    items = [
        BuiltInView(code=each.code, node=each.node, name=each.name, description=each.description)
        for each in found_built_in(q or "")
    ]
    return Page(items=items, next=None)


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


def _runs_view(runs: Runs) -> RunsView:
    return RunsView(succeeded=runs.succeeded, failed=runs.failed, rate=runs.rate)


def _plugin_view(found: CataloguePlugin) -> PluginView:
    return PluginView(
        code=found.plugin.code,
        name=LocalizedText.model_validate(found.plugin.name),
        description=LocalizedText.model_validate(found.plugin.description),
        latest_version=found.plugin.latest_version,
        tags=found.plugin.tags,
        publisher=found.plugin.publisher,
        owner=found.plugin.owner,
        kind=found.plugin.kind,
        verified_domain=found.mark.domain,
        verified_identity=found.mark.identity,
        requires=found.plugin.requires,
        created_at=found.plugin.created_at,
        updated_at=found.plugin.updated_at,
        installs=found.installs,
        downloads=found.downloads,
        runs=_runs_view(together(found.runs.values())),
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
                runs=_runs_view(found.runs.get(version.version, Runs())),
            )
            for version in found.versions
        ],
    )
