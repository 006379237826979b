from collections.abc import Iterable

from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import PlainSecretServiceDep
from orchestrator.plain_secrets.schemas import PlainSecretList, PlainSecretView, SealBody
from orchestrator.plain_secrets.service import Keeper

router = APIRouter(tags=["runtime"], route_class=StrictJsonRoute)


@router.get("/runtime/plain-secrets")
async def find_plain_secrets(
    session: SessionDep, principal: PrincipalDep, plain: PlainSecretServiceDep
) -> PlainSecretList:
    """Tasks, schedules and triggers that keep a secret as somebody typed it, as versions before this was sealed did."""
    return _list(await plain.find(session, principal))


@router.post("/runtime/plain-secrets:seal")
async def seal_plain_secrets(
    body: SealBody, session: SessionDep, principal: PrincipalDep, plain: PlainSecretServiceDep
) -> PlainSecretList:
    """Seals them in all they left; answers those in which a secret still stood."""
    return _list(await plain.seal(session, principal, [(each.kind, each.id) for each in body.items]))


def _list(found: Iterable[Keeper]) -> PlainSecretList:
    return PlainSecretList(
        items=[PlainSecretView(kind=one.kind, id=one.id, project_id=one.project_id) for one in found]
    )
