"""What the CMDB says of a business: asked through the gateway, as the project's service app."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.coded.http import CheckedHttp
from gateway.coded.invoking import GatewayRoutes, invoke
from kernel.envelope import ComponentError
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient

COMPONENT: Final = "cmdb.search_business"
_SECONDS: Final = 20.0


class BusinessUnreadable(Exception):
    """The CMDB can't be asked, or refuses to answer. The message is for people."""


class BusinessReader:
    def __init__(self, routes: GatewayRoutes, gateway_url: str) -> None:
        self._routes = routes
        self._client = TransportClient(AddressPolicy.allowing([gateway_url]))
        self._http = CheckedHttp(self._client)
        self._gateway_url = gateway_url

    async def aclose(self) -> None:
        await self._client.aclose()

    async def read(
        self, project_id: str, service_app: str, bk_biz_id: int, fields: list[str]
    ) -> Mapping[str, Any] | None:
        """The business, or `None` when there is no such. Raises BusinessUnreadable."""
        caller = SignedCaller(app=service_app, user="", project=project_id, task="", request_id=new_id())
        asked = {
            "condition": {"bk_biz_id": bk_biz_id},
            "fields": ["bk_biz_id", *fields],
            "page": {"start": 0, "limit": 1},
        }
        try:
            route = await self._routes.find(COMPONENT, caller)
            answer = await invoke(self._http, self._gateway_url, route, asked, caller.request_id, _SECONDS)
        except ComponentError as error:
            raise BusinessUnreadable(error.message) from error
        found = answer.get("info") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise BusinessUnreadable("the CMDB answered something else than businesses")
        businesses = [each for each in found if isinstance(each, dict) and each.get("bk_biz_id") == bk_biz_id]
        return businesses[0] if businesses else None
