"""Who calls the registration API."""

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.credentials import CredentialsMalformed, from_header
from kernel.clock import Clock
from kernel.contracts.authenticator import Authenticator
from kernel.errors import NotAuthenticated
from kernel.http.client_address import client_address
from kernel.principal import Principal, PrincipalKind


class RegistrationCallers:
    """An app by its code and secret in `X-Bkapi-Authorization`, or a person by an API token as bearer.

    An app's access token is refused: it is narrowed to scopes, and none of them stands for changing a gateway.
    """

    def __init__(
        self, snapshots: SnapshotHolder, people: Authenticator, clock: Clock, trusted_proxies: frozenset[str]
    ) -> None:
        self._snapshots = snapshots
        self._people = people
        self._clock = clock
        self._trusted_proxies = trusted_proxies

    async def authenticate(self, session: AsyncSession, connection: HTTPConnection) -> Principal:
        """Raises NotAuthenticated."""
        told = connection.headers.get("x-bkapi-authorization")
        if told is not None:
            return self._app(told, connection)
        if "authorization" in connection.headers:
            return await self._people.authenticate(session, connection)
        raise NotAuthenticated("Send X-Bkapi-Authorization with bk_app_code and bk_app_secret")

    def _app(self, told: str, connection: HTTPConnection) -> Principal:
        try:
            credentials = from_header(told.encode("latin-1"))
        except CredentialsMalformed as error:
            raise NotAuthenticated(str(error)) from error
        if credentials.access_token:
            raise NotAuthenticated("An access token does not manage a gateway; send bk_app_code and bk_app_secret")
        app = self._snapshots.current.apps.get(credentials.app_code)
        now = self._clock.now().timestamp()
        if app is None or not app.enabled or not app.verifies(credentials.app_secret, now):
            raise NotAuthenticated("bk_app_code or bk_app_secret is incorrect")
        return Principal(
            kind=PrincipalKind.APP,
            id=app.app_code,
            ip=client_address(connection, self._trusted_proxies),
            request_id=getattr(connection.state, "request_id", ""),
        )
