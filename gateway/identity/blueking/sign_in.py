from collections.abc import Mapping

from gateway.dataplane.login_service import LONGEST_TOKEN, LoginService, LoginServiceAway
from gateway.identity.foreign.service import Arrival, ForeignIdentityService
from gateway.identity.sessions.service import Browser, SessionService, SignedIn
from kernel.db.database import Database
from kernel.errors import NotAuthenticated, NotFound, Unavailable

COOKIES = ("bk_token", "bk_ticket")
METHOD = "blueking"


class BluekingSignIn:
    """Signing in with the login cookie that BlueKing's login service gave this browser."""

    def __init__(
        self,
        database: Database,
        logins: LoginService,
        foreign: ForeignIdentityService,
        sessions: SessionService,
        *,
        creates_users: bool,
    ) -> None:
        self._database = database
        self._logins = logins
        self._foreign = foreign
        self._sessions = sessions
        self._creates_users = creates_users

    @property
    def is_configured(self) -> bool:
        return bool(self._logins.url)

    async def sign_in(self, cookies: Mapping[str, str], browser: Browser) -> SignedIn:
        """A session for whoever BlueKing's login service knows by one of the cookies.

        Raises:
            NotFound: no login service is configured.
            NotAuthenticated: no cookie, or nobody's.
            PermissionDenied: whoever it is may not come in.
            Unavailable: the login service doesn't answer.
        """
        if not self.is_configured:
            raise NotFound("No BlueKing login service is configured here (TRUNKLINE_BK_LOGIN_URL)")
        username = await self._user_of(cookies)
        if username is None:
            raise NotAuthenticated("BlueKing's login service knows nobody by this browser's cookies")
        arrival = Arrival(
            issuer=self._logins.url, subject=username, username=username, creates_user=self._creates_users
        )
        async with self._database.unit_of_work() as session:
            user = await self._foreign.admit(session, arrival, ip=browser.ip, request_id=browser.request_id)
            return await self._sessions.open(session, user, browser, METHOD)

    async def aclose(self) -> None:
        await self._logins.aclose()

    async def _user_of(self, cookies: Mapping[str, str]) -> str | None:
        for name in COOKIES:
            token = cookies.get(name, "")
            if not token or len(token) > LONGEST_TOKEN:
                continue
            try:
                username = await self._logins.user_of(token, name)
            except LoginServiceAway as error:
                raise Unavailable(f"BlueKing's sign-in can't be checked: {error}") from error
            if username is not None:
                return username
        return None
