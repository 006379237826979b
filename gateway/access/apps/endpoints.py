from fastapi import APIRouter

from gateway.access.apps.schemas import AppChange, AppView, ChangedApp, CreatedApp, CreatedSecret, NewApp, SecretView
from gateway.access.apps.service import Change
from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import AppCodePath, IdPath
from gateway.identity.projects.service import SERVICE_APP_PREFIX
from gateway.snapshot.schemas import LiveView
from kernel.errors import Invalid
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/apps", tags=["apps"], route_class=StrictJsonRoute)


@router.get("")
async def list_apps(session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep) -> Page[AppView]:
    found = await gateway.apps.browse(session, principal, page)
    return Page(items=[AppView.model_validate(app) for app in found.items], next=found.next)


@router.post("", status_code=201)
async def create_app(body: NewApp, caller: CallerDep, gateway: GatewayDep) -> CreatedApp:
    if body.app_code.startswith(SERVICE_APP_PREFIX):
        raise Invalid.field(
            "app_code", f"begins with {SERVICE_APP_PREFIX}, which service apps of projects do", "Choose another code"
        )
    async with gateway.database.unit_of_work() as session:
        app, secret = await gateway.apps.create(
            session,
            caller,
            app_code=body.app_code,
            name=body.name,
            description=body.description,
            may_sign=body.may_sign,
        )
    live = await gateway.live.wait_live(secret.revision)
    view = AppView.model_validate(app)
    return CreatedApp(**view.model_dump(), app_secret=secret.value, revision=secret.revision, live=live)


@router.get("/{app_code}")
async def get_app(app_code: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep) -> AppView:
    return AppView.model_validate(await gateway.apps.get(session, principal, app_code))


@router.patch("/{app_code}")
async def change_app(app_code: AppCodePath, body: AppChange, caller: CallerDep, gateway: GatewayDep) -> ChangedApp:
    async with gateway.database.unit_of_work() as session:
        app, revision = await gateway.apps.change(session, caller, app_code, Change(**body.model_dump()))
        if body.enabled is False:
            revision = await gateway.oauth.authorizations.end_app(session, caller, app_code)
    live = await gateway.live.wait_live(revision)
    return ChangedApp(**AppView.model_validate(app).model_dump(), revision=revision, live=live)


@router.get("/{app_code}/secrets")
async def list_secrets(
    app_code: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[SecretView]:
    secrets = await gateway.apps.secrets(session, principal, app_code)
    return Page(items=[SecretView.model_validate(secret) for secret in secrets])


@router.post("/{app_code}/secrets", status_code=201)
async def add_secret(app_code: AppCodePath, caller: CallerDep, gateway: GatewayDep) -> CreatedSecret:
    async with gateway.database.unit_of_work() as session:
        secret = await gateway.apps.add_secret(session, caller, app_code)
    live = await gateway.live.wait_live(secret.revision)
    view = SecretView.model_validate(secret.record)
    return CreatedSecret(**view.model_dump(), app_secret=secret.value, revision=secret.revision, live=live)


@router.delete("/{app_code}/secrets/{secret_id}")
async def delete_secret(app_code: AppCodePath, secret_id: IdPath, caller: CallerDep, gateway: GatewayDep) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.apps.delete_secret(session, caller, app_code, secret_id)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))
