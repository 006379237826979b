from typing import Annotated

from fastapi import APIRouter, Path

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import SystemPath
from gateway.registry.secrets.schemas import (
    ChangedSecret,
    EnvironmentSecret,
    FileSecret,
    NamedSecretView,
    PutSecret,
    StoredSecret,
)
from gateway.registry.secrets.service import DescribedSecret
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.secret_sources.source import Environment, File, Reference, Vault

router = APIRouter(prefix="/systems/{system}/secrets", tags=["secrets"], route_class=StrictJsonRoute)

NamePath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]


@router.get("")
async def list_named_secrets(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[NamedSecretView]:
    """The system's named secrets; nothing tells what they are."""
    return Page(items=[_view(each) for each in await gateway.secrets.browse(session, principal, system)])


@router.put("/{name}")
async def put_named_secret(
    system: SystemPath, name: NamePath, body: PutSecret, caller: CallerDep, gateway: GatewayDep
) -> ChangedSecret:
    """Keeps a secret for the signing of stages, or says where an outside source has it (which administrators may).

    What an outside source has is followed: a change there is in use within about a minute.
    """
    described, revision = await gateway.secrets.put(gateway.database, caller, system, name, _given(body))
    return ChangedSecret(secret=_view(described), revision=revision, live=await gateway.live.wait_live(revision))


@router.delete("/{name}", status_code=204)
async def remove_named_secret(system: SystemPath, name: NamePath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.secrets.remove(session, caller, system, name)


def _given(body: PutSecret) -> bytes | Reference:
    if isinstance(body, StoredSecret):
        return body.value.get_secret_value().encode()
    if isinstance(body, EnvironmentSecret):
        return Environment(body.variable)
    return File(body.file) if isinstance(body, FileSecret) else Vault(body.path, body.field)


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
