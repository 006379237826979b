from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import SystemPath
from gateway.registry.secrets.schemas import ChangedSecret, NamedSecretView
from gateway.registry.secrets.service import DescribedSecret
from gateway.secrets.schemas import PutSecret, SecretNamePath, given_by
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/secrets", tags=["secrets"], route_class=StrictJsonRoute)


@router.get("")
async def list_named_secrets(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[NamedSecretView]:
    """The system's named secrets; nothing tells what they are."""
    return Page(items=[_view(each) for each in await gateway.secrets.browse(session, principal, system)])


@router.put("/{name}")
async def put_named_secret(
    system: SystemPath, name: SecretNamePath, body: PutSecret, caller: CallerDep, gateway: GatewayDep
) -> ChangedSecret:
    """Keeps a secret for the signing of stages, or says where an outside source has it (which administrators may).

    What an outside source has is followed: a change there is in use within about a minute.
    """
    described, revision = await gateway.secrets.put(gateway.database, caller, system, name, given_by(body))
    return ChangedSecret(secret=_view(described), revision=revision, live=await gateway.live.wait_live(revision))


@router.delete("/{name}", status_code=204)
async def remove_named_secret(system: SystemPath, name: SecretNamePath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.secrets.remove(session, caller, system, name)


def _view(described: DescribedSecret) -> NamedSecretView:
    secret = described.secret
    reference: dict[str, str] = dict(secret.reference or {})
    source = reference.pop("source", "stored")
    return NamedSecretView(
        name=secret.name,
        source=source,
        reference=reference,
        used_by=described.used_by,
        updated_by=secret.updated_by,
        updated_at=secret.updated_at,
        read_at=secret.read_at if secret.reference else None,
        problem=secret.problem,
    )
