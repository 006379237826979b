from fastapi import APIRouter

from gateway.dependencies import GatewayDep
from gateway.fields import IdPath
from gateway.identity.api_tokens.schemas import ApiTokenView, CreatedApiToken, NewApiToken
from gateway.identity.api_tokens.service import TokenOrder
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/api-tokens", tags=["api tokens"], route_class=StrictJsonRoute)


@router.get("")
async def list_api_tokens(
    session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[ApiTokenView]:
    found = await gateway.identity.api_tokens.browse(session, principal, page)
    return Page(items=[ApiTokenView.model_validate(token) for token in found.items], next=found.next)


@router.post("", status_code=201)
async def create_api_token(
    body: NewApiToken, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CreatedApiToken:
    scopes = tuple(body.scopes) if body.scopes is not None else None
    order = TokenOrder(body.name, body.expires_at, scopes, body.project)
    token, value = await gateway.identity.api_tokens.create(session, principal, principal.id, order)
    return CreatedApiToken(**ApiTokenView.model_validate(token).model_dump(), token=value)


@router.delete("/{token_id}", status_code=204)
async def delete_api_token(token_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep) -> None:
    await gateway.identity.api_tokens.delete(session, principal, token_id)
