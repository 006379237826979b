"""Where devices ask for codes, and what the page calls where people type them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse

from gateway.dependencies import GatewayDep
from gateway.oauth.authorization.persons import required_person
from gateway.oauth.authorization.schemas import ScopeView
from gateway.oauth.device.schemas import DeviceDecision, DeviceQuestionView, UserCode
from gateway.oauth.form import form_body
from gateway.oauth.http import answered, headers_and_body
from gateway.oauth.schemas import DeviceForm
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

root_router = APIRouter(tags=["oauth"])
router = APIRouter(tags=["consents"], route_class=StrictJsonRoute)


@root_router.post("/oauth/device", openapi_extra=form_body(DeviceForm))
async def authorize_device(request: Request, gateway: GatewayDep) -> JSONResponse:
    """Codes for a device without a browser (RFC 8628 §3.1)."""
    headers, body = await headers_and_body(request)
    return answered(await gateway.oauth.client_endpoint.answer(headers, body, gateway.oauth.devices.begin))


@router.get("/device-request")
async def get_device_request(
    request: Request,
    session: SessionDep,
    _principal: PrincipalDep,
    gateway: GatewayDep,
    user_code: Annotated[UserCode, Query()],
) -> DeviceQuestionView:
    """What a device asks of the person who is signed in."""
    person = await required_person(request, session, gateway)
    question = await gateway.oauth.devices.question(session, person, user_code)
    app = question.app
    return DeviceQuestionView(
        app_code=app.app_code,
        app_name=app.name,
        app_description=app.description,
        app_owner=app.owner,
        resource=question.request.resource,
        username=person.username,
        scopes=[ScopeView.model_validate(meaning) for meaning in question.meanings],
    )


@router.post("/device-request:allow", status_code=204)
async def allow_device_request(
    body: DeviceDecision, request: Request, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    person = await required_person(request, session, gateway)
    await gateway.oauth.devices.allow(session, principal, person, body.user_code)


@router.post("/device-request:deny", status_code=204)
async def deny_device_request(
    body: DeviceDecision, request: Request, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    person = await required_person(request, session, gateway)
    await gateway.oauth.devices.deny(session, principal, person, body.user_code)
