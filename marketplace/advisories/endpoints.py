from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.advisories.schemas import AdvisoryView, InstallWarning, NewAdvisory, WithdrawalBody
from marketplace.advisories.views import advisory_view
from marketplace.dependencies import AdvisoryServiceDep

router = APIRouter(tags=["plugins"], route_class=StrictJsonRoute)

PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
AdvisoryId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("/advisories")
async def list_advisories(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may read them
    advisories: AdvisoryServiceDep,
    page: PageDep,
    plugin: Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{1,63}$")] = None,
) -> Page[AdvisoryView]:
    """Of all plugins or of one, the newest first; withdrawn ones too."""
    found, cursor = await advisories.page(session, plugin, page)
    return Page(items=[advisory_view(row) for row in found], next=cursor)


@router.post("/plugins/{code}/advisories", status_code=201)
async def publish_advisory(
    code: PluginCode,
    body: NewAdvisory,
    session: SessionDep,
    principal: PrincipalDep,
    advisories: AdvisoryServiceDep,
) -> AdvisoryView:
    """Warns everybody who has one of these versions."""
    return advisory_view(await advisories.publish(session, principal, code, body))


@router.put("/advisories/{advisory}")
async def change_advisory(
    advisory: AdvisoryId,
    body: NewAdvisory,
    session: SessionDep,
    principal: PrincipalDep,
    advisories: AdvisoryServiceDep,
) -> AdvisoryView:
    """Says it otherwise from now on; who published it, and when, stays."""
    return advisory_view(await advisories.change(session, principal, advisory, body))


@router.post("/advisories/{advisory}:withdraw")
async def withdraw_advisory(
    advisory: AdvisoryId,
    body: WithdrawalBody,
    session: SessionDep,
    principal: PrincipalDep,
    advisories: AdvisoryServiceDep,
) -> AdvisoryView:
    return advisory_view(await advisories.withdraw(session, principal, advisory, body.reason))


@router.get("/projects/{project}/advisories")
async def list_project_advisories(
    project: Project, session: SessionDep, principal: PrincipalDep, advisories: AdvisoryServiceDep
) -> Page[InstallWarning]:
    """What holds for the versions that are installed in the project."""
    found = await advisories.of_project(session, principal, project)
    items = [
        InstallWarning(plugin=plugin, version=version, advisory=advisory_view(row)) for plugin, version, row in found
    ]
    return Page(items=items, next=None)
