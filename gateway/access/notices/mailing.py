from typing import Final

from gateway.access.notices.models import Notice
from gateway.access.notices.sending import Unsent
from gateway.coded.http import CheckedHttp
from gateway.coded.invoking import GatewayRoutes, invoke
from kernel.envelope import ComponentError
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient

COMPONENT: Final = "notify.send_mail"
_SECONDS: Final = 20.0


class GatewayMailer:
    """Mails as `app`, which holds a grant on `notify.send_mail`. Each notice is one mail however often it is sent."""

    def __init__(self, app: str, routes: GatewayRoutes, gateway_url: str) -> None:
        self._app = app
        self._routes = routes
        self._client = TransportClient(AddressPolicy.allowing([gateway_url]))
        self._http = CheckedHttp(self._client)
        self._gateway_url = gateway_url

    async def aclose(self) -> None:
        await self._client.aclose()

    async def send(self, notice: Notice, address: str) -> None:
        """See `gateway.access.notices.sending.Mailer`."""
        caller = SignedCaller(app=self._app, user="", project="", task="", request_id=new_id())
        receiver = {"receiver": address} if address else {"receiver__username": notice.username}
        mail = {**receiver, "title": notice.title, "content": notice.content, "body_format": "Text"}
        try:
            route = await self._routes.find(COMPONENT, caller)
            await invoke(
                self._http, self._gateway_url, route, mail, caller.request_id, _SECONDS, idempotency_key=notice.id
            )
        except ComponentError as error:
            raise Unsent(error.message) from error
