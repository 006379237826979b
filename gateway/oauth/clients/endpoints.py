from dataclasses import asdict

from fastapi import APIRouter

from gateway.dependencies import GatewayDep
from gateway.fields import AppCodePath
from gateway.oauth.clients.schemas import ClientSettingsInput, ClientSettingsView
from gateway.oauth.clients.settings import ClientSettings
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/apps", tags=["apps"], route_class=StrictJsonRoute)


@router.get("/{app_code}/oauth")
async def get_oauth_client(
    app_code: AppCodePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ClientSettingsView:
    """How the app takes part in OAuth."""
    return _view(app_code, await gateway.oauth.clients.get(session, principal, app_code))


@router.put("/{app_code}/oauth")
async def put_oauth_client(
    app_code: AppCodePath, body: ClientSettingsInput, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ClientSettingsView:
    """Sets it as a whole: what is left out gets its usual value."""
    return _view(
        app_code, await gateway.oauth.clients.put(session, principal, app_code, ClientSettings(**body.model_dump()))
    )


def _view(app_code: str, settings: ClientSettings) -> ClientSettingsView:
    return ClientSettingsView(client_id=app_code, **asdict(settings))
