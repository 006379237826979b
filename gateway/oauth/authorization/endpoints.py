"""Where apps send people (RFC 6749 §3.1), and what the page that asks them calls."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import AppCodePath
from gateway.oauth.authorization.error_page import error_page
from gateway.oauth.authorization.persons import person_at, principal_of, required_person
from gateway.oauth.authorization.schemas import (
    ConsentView,
    Decision,
    Onward,
    QuestionView,
    ScopeView,
    SealedRequest,
)
from gateway.oauth.authorization.service import Question
from gateway.oauth.errors import UntrustedRequest
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

_SEE_OTHER = 303  # the browser must not send a form on (RFC 9700 §4.12)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}

root_router = APIRouter(tags=["oauth"])
router = APIRouter(tags=["consents"], route_class=StrictJsonRoute)


@root_router.get("/oauth/authorize", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def authorize(request: Request, gateway: GatewayDep) -> Response:
    """Asks the person, or answers the app at once where he agreed before."""
    async with gateway.database.reading() as session:
        person = await person_at(request, session, gateway)
    try:
        address = await gateway.oauth.authorization.begin(
            request.url.query.encode(), principal_of(person.username if person else "", request, gateway), person
        )
    except UntrustedRequest as problem:
        return error_page(str(problem))
    return RedirectResponse(address, _SEE_OTHER, _HEADERS)


@router.get("/authorization-request")
async def get_authorization_request(
    request: Request,
    session: SessionDep,
    _principal: PrincipalDep,
    gateway: GatewayDep,
    sealed: Annotated[SealedRequest, Query(alias="request")],
) -> QuestionView:
    """What an app asks of the person who is signed in."""
    person = await required_person(request, session, gateway)
    return _view(await gateway.oauth.authorization.question(session, person, sealed), person.username)


@router.post("/authorization-request:allow")
async def allow_authorization_request(
    body: Decision, request: Request, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Onward:
    person = await required_person(request, session, gateway)
    return Onward(redirect_to=await gateway.oauth.authorization.allow(session, principal, person, body.request))


@router.post("/authorization-request:deny")
async def deny_authorization_request(
    body: Decision, request: Request, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Onward:
    await required_person(request, session, gateway)
    return Onward(redirect_to=await gateway.oauth.authorization.deny(session, principal, body.request))


@router.get("/consents")
async def list_consents(session: SessionDep, principal: PrincipalDep, gateway: GatewayDep) -> Page[ConsentView]:
    """What you let apps do for you."""
    found = await gateway.oauth.consents.browse(session, principal)
    return Page(
        items=[
            ConsentView(
                app_code=consent.app_code,
                app_name=name,
                scopes=consent.scopes,
                created_at=consent.created_at,
                updated_at=consent.updated_at,
            )
            for consent, name in found
        ]
    )


@router.delete("/consents/{app_code}")
async def withdraw_consent(app_code: AppCodePath, caller: CallerDep, gateway: GatewayDep) -> LiveView:
    """Ends all that the app was allowed for you."""
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.oauth.consents.withdraw(session, caller, app_code)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))


def _view(question: Question, username: str) -> QuestionView:
    app, asked = question.app, question.asked
    address = urlsplit(asked.request.destination.redirect_uri)
    return QuestionView(
        app_code=app.app_code,
        app_name=app.name,
        app_description=app.description,
        app_owner=app.owner,
        returns_to=address.netloc or f"{address.scheme}:",
        resource=asked.resource,
        username=username,
        scopes=[ScopeView.model_validate(meaning) for meaning in question.meanings],
        missing=question.missing.value,
    )
