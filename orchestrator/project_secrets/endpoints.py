from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import ProjectSecretUsesDep
from orchestrator.project_variables.endpoints import Name
from orchestrator.project_variables.use_views import FlowUseList, view_of_flow_uses

router = APIRouter(tags=["secrets"], route_class=StrictJsonRoute)


@router.get("/projects/{project}/secrets/{name}/uses")
async def list_project_secret_uses(
    project: str, name: Name, session: SessionDep, principal: PrincipalDep, uses: ProjectSecretUsesDep
) -> FlowUseList:
    """Drafts, newest revisions and those that schedules are pinned to of the project's flows that use it, and common
    flows that do: by `${project.secrets.<name>}`, or by its name in an input of a plugin that takes a secret.
    """
    return view_of_flow_uses(await uses.find(session, principal, project, name))
