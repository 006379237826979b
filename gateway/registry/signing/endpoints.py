from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import StagePath, SystemPath
from gateway.registry.models import SystemKey
from gateway.registry.signing.keyring import algorithm_of_key
from gateway.registry.signing.orders import signing_order
from gateway.registry.signing.schemas import (
    ChangedSigning,
    KeyRotation,
    RotatedKey,
    SigningSettings,
    SigningView,
    SystemKeyView,
)
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}", tags=["systems"], route_class=StrictJsonRoute)

ProfilePath = Annotated[Literal["http-message-signature", "jwt"], Path()]
KeyPath = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")]


@router.get("/stages/{stage}/signing")
async def get_signing(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> SigningView:
    return SigningView.model_validate(await gateway.signing.get(session, principal, system, stage))


@router.put("/stages/{stage}/signing")
async def put_signing(
    system: SystemPath, stage: StagePath, body: SigningSettings, caller: CallerDep, gateway: GatewayDep
) -> ChangedSigning:
    """How the upstream knows that the gateway calls: by a signature of ours, or by a credential of the upstream's."""
    signing, revision = await gateway.signing.put(gateway.database, caller, signing_order(system, stage, body))
    live = await gateway.live.wait_live(revision)
    return ChangedSigning(signing=SigningView.model_validate(signing), revision=revision, live=live)


@router.get("/keys")
async def list_keys(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[SystemKeyView]:
    """Keys with which the gateway signs to the system, newest first; those to verify with are not retired."""
    return Page(items=[_view(key) for key in await gateway.key_rotation.browse(session, principal, system)])


@router.get("/keys/public")
async def public_keys(system: SystemPath, session: SessionDep, gateway: GatewayDep) -> dict[str, Any]:
    """Public keys to verify the gateway's calls to the system with, as a JWKS (RFC 7517); open to everybody."""
    return await gateway.system_keys.jwks(session, system)


@router.post("/keys:rotate", status_code=201)
async def rotate_key(system: SystemPath, body: KeyRotation, caller: CallerDep, gateway: GatewayDep) -> RotatedKey:
    """Makes a new key; the gateway signs with it at once or from the time that is told, the old one goes on verifying
    until it is retired.
    """
    key, revision = await gateway.key_rotation.rotate(
        gateway.database, caller, system, body.profile, body.algorithm, body.signs_from
    )
    return RotatedKey(key=_view(key), revision=revision, live=await gateway.live.wait_live(revision))


@router.post("/keys/{profile}/{key}:retire")
async def retire_key(
    system: SystemPath, profile: ProfilePath, key: KeyPath, caller: CallerDep, gateway: GatewayDep
) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.key_rotation.retire(session, caller, system, profile, key)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))


def _view(key: SystemKey) -> SystemKeyView:
    return SystemKeyView(
        profile=key.profile,
        key_id=key.key_id,
        algorithm=algorithm_of_key(key),
        public_key=key.public_key,
        created_at=key.created_at,
        signs=key.signs,
        signs_from=key.signs_from,
        retired_at=key.retired_at,
    )
