"""Whether an authorization request holds, by what the database knows of its client."""

from collections.abc import Mapping
from datetime import datetime

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.oauth.authorization.request import Destination, destination_of, read_request
from gateway.oauth.authorization.standing import Asked
from gateway.oauth.clients.repository import client_settings
from gateway.oauth.errors import UntrustedRequest
from gateway.oauth.form import tellable
from gateway.oauth.oidc.scopes import OIDC_SCOPES
from gateway.oauth.resources import Resources
from gateway.oauth.scopes import allowed_scopes, require_sendable
from kernel.clock import Clock
from kernel.forms.bounds import is_storable


class RefusedRequest(Exception):
    """A request that is answered by an error, to the client's own address."""

    def __init__(self, destination: Destination, error: OAuth2Error) -> None:
        super().__init__(error.error)
        self.destination = destination
        self.error = error


class RequestChecker:
    def __init__(self, resources: Resources, clock: Clock) -> None:
        self._resources = resources
        self._clock = clock

    async def check(self, session: AsyncSession, parameters: Mapping[str, str], received_at: datetime) -> Asked:
        """The request, with what its tokens would carry.

        Raises:
            UntrustedRequest: its client or address is not known.
            RefusedRequest: for the client to know.
        """
        client_id = parameters.get("client_id", "")
        app = await find_app(session, client_id) if is_storable(client_id) else None
        if app is None or not app.enabled:
            raise UntrustedRequest("The app that sent you here (client_id) is unknown or disabled")
        settings = await client_settings(session, app.app_code)
        destination = destination_of(parameters, app.app_code, settings)
        try:
            request = read_request(parameters, destination, settings)
            scopes, resource = await self.scopes_of(session, app.app_code, parameters)
        except OAuth2Error as error:
            raise RefusedRequest(destination, error) from error
        return Asked(request, settings, scopes, resource, received_at)

    async def scopes_of(
        self, session: AsyncSession, app_code: str, parameters: Mapping[str, str]
    ) -> tuple[frozenset[str], str | None]:
        """What is asked for, as far as the app's grants cover it (RFC 6749 §3.3), and the resource it is for.

        Raises:
            OAuth2Error: nothing of it is covered, or the resource is none of ours.
        """
        resource = await self._resources.required(session, parameters.get("resource"))
        asked = frozenset(parameters.get("scope", "").split())
        allowed = await allowed_scopes(session, app_code, self._clock.now(), asked)
        wanted = asked or allowed.usual
        found = self._resources.narrowed(wanted & (allowed.all | OIDC_SCOPES), resource)
        if wanted and not found:
            named = tellable(" ".join(sorted(wanted)))
            raise InvalidScopeError(f"No grant of {app_code} covers any of the scopes {named}; apply for one")
        require_sendable(found)
        return found, resource
