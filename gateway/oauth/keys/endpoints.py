from typing import Literal

from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import IdPath
from gateway.oauth.keys.models import SigningKey
from gateway.oauth.keys.schemas import RotatedSigningKey, SigningKeyRotation, SigningKeyView
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/signing-keys", tags=["platform"], route_class=StrictJsonRoute)


@router.get("")
async def list_access_token_keys(
    session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[SigningKeyView]:
    """Keys that access tokens are signed with, newest first; for administrators."""
    return Page(items=_views(await gateway.signing_keys.browse(session, principal)))


@router.post(":rotate", status_code=201)
async def rotate_signing_key(body: SigningKeyRotation, caller: CallerDep, gateway: GatewayDep) -> RotatedSigningKey:
    """Makes a new key. The old one verifies until the last token it signed has expired."""
    async with gateway.database.unit_of_work() as session:
        key, revision = await gateway.signing_keys.rotate(session, caller, body.algorithm, body.signs_from)
    live = await gateway.live.wait_live(revision)
    await gateway.signing_keys.keep(gateway.database)
    async with gateway.database.reading() as session:
        shown = _views(await gateway.signing_keys.browse(session, caller))
    return RotatedSigningKey(key=next(each for each in shown if each.kid == key.kid), revision=revision, live=live)


@router.post("/{kid}:retire")
async def retire_signing_key(kid: IdPath, caller: CallerDep, gateway: GatewayDep) -> LiveView:
    """Ends a key at once, as after a theft: every token it signed is refused from now on."""
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.signing_keys.retire(session, caller, kid)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))


def _views(keys: list[SigningKey]) -> list[SigningKeyView]:
    """Newest first."""
    in_use = next((key.kid for key in keys if key.signs and key.retired_at is None), None)
    return [
        SigningKeyView(
            kid=key.kid,
            algorithm=key.alg,
            state=_state(key, in_use),
            public_key=key.public_key,
            created_at=key.created_at,
            signs_from=key.signs_from,
            verifies_until=key.verifies_until,
            retired_at=key.retired_at,
        )
        for key in keys
    ]


def _state(key: SigningKey, in_use: str | None) -> Literal["waiting", "signs", "verifies", "retired"]:
    if key.retired_at is not None:
        return "retired"
    if not key.signs:
        return "waiting"
    return "signs" if key.kid == in_use else "verifies"
