from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import InstallServiceDep
from marketplace.installs.schemas import InstallBody, InstallView
from marketplace.installs.views import install_view

router = APIRouter(tags=["installs"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str | None, Query(pattern=r"^[0-9A-Za-z.-]{1,64}$")]


@router.get("/projects/{project}/installs")
async def list_installs(
    project: Project, session: SessionDep, principal: PrincipalDep, installs: InstallServiceDep, page: PageDep
) -> Page[InstallView]:
    found, cursor = await installs.page(session, principal, project, page)
    return Page(items=[install_view(install) for install in found], next=cursor)


@router.post("/projects/{project}/installs", status_code=201)
async def install_plugin(
    project: Project, body: InstallBody, session: SessionDep, principal: PrincipalDep, installs: InstallServiceDep
) -> InstallView:
    """Consents to a version and its scopes; applies for the grants its calls need."""
    made = await installs.install(session, principal, project, body.plugin, body.version, body.consent_scopes)
    return install_view(made)


@router.delete("/projects/{project}/installs/{code}", status_code=204)
async def remove_install(
    project: Project,
    code: PluginCode,
    session: SessionDep,
    principal: PrincipalDep,
    installs: InstallServiceDep,
    version: VersionText = None,
    force: bool = False,  # noqa: FBT001, FBT002  a query parameter
) -> None:
    """Takes the consent back: for all versions of the plugin, or for one. 409 with a list while flows or tasks run it,
    unless forced.
    """
    await installs.remove(session, principal, project, code, version, force=force)
