from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import ProjectPath
from gateway.identity.project_secrets.models import ProjectSecret
from gateway.identity.project_secrets.schemas import ProjectSecretView
from gateway.secrets.schemas import PutSecret, SecretNamePath, given_by
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/projects/{project}/secrets", tags=["secrets"], route_class=StrictJsonRoute)


@router.get("")
async def list_project_secrets(
    project: ProjectPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[ProjectSecretView]:
    """The secrets that the project's flows may name; nothing tells what they are."""
    found = await gateway.identity.project_secrets.browse(session, principal, project)
    return Page(items=[_view(each) for each in found])


@router.put("/{name}")
async def put_project_secret(
    project: ProjectPath, name: SecretNamePath, body: PutSecret, caller: CallerDep, gateway: GatewayDep
) -> ProjectSecretView:
    """Keeps a secret for the project's plugins, or says where an outside source has it (which administrators may).

    What an outside source has is read anew whenever a plugin needs it.
    """
    return _view(await gateway.identity.project_secrets.put(gateway.database, caller, project, name, given_by(body)))


@router.delete("/{name}", status_code=204)
async def remove_project_secret(
    project: ProjectPath, name: SecretNamePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    """A node that names it fails from now on, before it calls anything."""
    await gateway.identity.project_secrets.remove(session, principal, project, name)


def _view(secret: ProjectSecret) -> ProjectSecretView:
    reference: dict[str, str] = dict(secret.reference or {})
    source = reference.pop("source", "stored")
    return ProjectSecretView(
        name=secret.name,
        source=source,
        reference=reference,
        updated_by=secret.updated_by,
        updated_at=secret.updated_at,
    )
