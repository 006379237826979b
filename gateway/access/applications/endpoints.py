from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from gateway.access.applications.application import Application
from gateway.access.applications.repository import ApplicationFilter, StateFilter
from gateway.access.applications.schemas import (
    AnswerInput,
    ApplicationView,
    DecidedApplication,
    EventView,
    VerdictInput,
    WithdrawalInput,
)
from gateway.access.applications.service import Side, Verdict
from gateway.access.grants.endpoints import duration_of, grant_view
from gateway.access.grants.states import GrantStep
from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import APP_CODE, SYSTEM_NAME, IdPath
from gateway.services import GatewayServices
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.principal import Principal

router = APIRouter(prefix="/applications", tags=["grants"], route_class=StrictJsonRoute)


async def person_or_app(request: Request, gateway: GatewayDep) -> Principal:
    """A ticket system is an app: it may send its code and secret, as the registration API takes them."""
    async with gateway.database.reading() as session:
        if "x-bkapi-authorization" in request.headers:
            principal: Principal = await request.app.state.gateway.registration_callers.authenticate(session, request)
            return principal
        return await gateway.authenticator.authenticate(session, request)


TicketCallerDep = Annotated[Principal, Depends(person_or_app)]


@router.get("")
async def list_applications(
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    side: Side | None = None,
    state: StateFilter | None = None,
    app_code: Annotated[str | None, Query(pattern=APP_CODE)] = None,
    system: Annotated[str | None, Query(pattern=SYSTEM_NAME)] = None,
) -> Page[ApplicationView]:
    """Newest first: of apps the caller manages (`side=applicant`), of systems he decides on (`decider`), or of both."""
    wanted = ApplicationFilter(app_code, system, state)
    found, following = await gateway.access.applications.browse(session, principal, side, wanted, page)
    return Page(items=[_view(gateway, application) for application in found], next=following)


@router.get("/{application_id}")
async def get_application(application_id: IdPath, caller: TicketCallerDep, gateway: GatewayDep) -> ApplicationView:
    async with gateway.database.reading() as session:
        return _view(gateway, await gateway.access.applications.get(session, caller, application_id))


@router.post("/{application_id}/decision")
async def decide_on_application(
    application_id: IdPath, body: VerdictInput, caller: TicketCallerDep, gateway: GatewayDep
) -> DecidedApplication:
    """Approves it, whole or in part, refuses it, or asks back. For the system's owner, a deputy, or a related app."""
    verdict = Verdict(GrantStep(body.decision), body.comment, body.components, duration_of(body))
    async with gateway.database.unit_of_work() as session:
        application, revision = await gateway.access.applications.decide(session, caller, application_id, verdict)
    view = _view(gateway, application)
    return DecidedApplication(**view.model_dump(), revision=revision, live=await gateway.live.wait_live(revision))


@router.post("/{application_id}:answer")
async def answer_application(
    application_id: IdPath, body: AnswerInput, caller: CallerDep, gateway: GatewayDep
) -> ApplicationView:
    """The applicant's answer to what the owner asked back."""
    async with gateway.database.unit_of_work() as session:
        return _view(gateway, await gateway.access.applications.answer(session, caller, application_id, body.text))


@router.post("/{application_id}:withdraw")
async def withdraw_application(
    application_id: IdPath, caller: CallerDep, gateway: GatewayDep, body: WithdrawalInput | None = None
) -> ApplicationView:
    text = body.text if body is not None else ""
    async with gateway.database.unit_of_work() as session:
        return _view(gateway, await gateway.access.applications.withdraw(session, caller, application_id, text))


def _view(gateway: GatewayServices, application: Application) -> ApplicationView:
    first = application.grants[0]
    return ApplicationView(
        id=application.id,
        app_code=first.app_code,
        system=first.system,
        state=application.state.value,
        reason=first.reason,
        days=first.days,
        applied_by=first.applied_by,
        applied_at=first.applied_at,
        is_renewal=any(grant.renews is not None for grant in application.grants),
        grants=[grant_view(gateway, grant) for grant in application.grants],
        history=[EventView.model_validate(event) for event in application.history],
    )
