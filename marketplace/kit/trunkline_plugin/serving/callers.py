"""Who calls, and whether that app may call from where it says it does."""

from urllib.parse import unquote

from starlette.requests import Request

from trunkline_plugin.project import Project
from trunkline_plugin.serving.engine import Engine
from trunkline_plugin.serving.gateway_token import Caller, GatewayTokens, TokenInvalid


class GatewayOnly(Exception):
    """The call came by no gateway, and had to."""


class NotPermitted(Exception):
    """The app may not call from where it says it does."""


class Callers:
    """In development calls need no gateway; what it says is read where it is there."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._allow_scope = project.allow_scope
        self._required = project.settings.gateway_required
        self._in_headers = project.settings.callers_in_headers
        self._tokens = GatewayTokens(project.settings)
        self._engine = engine

    async def of(self, request: Request) -> Caller:
        """Raises GatewayOnly: see there."""
        caller = await self._read(request)
        if caller is not None:
            return caller
        if self._required:
            raise GatewayOnly
        return Caller()

    async def in_scope(self, request: Request) -> Caller:
        """As `of`, of an app that may call here.

        Raises:
            NotPermitted: see there.
        """
        caller = await self.of(request)
        if self._allow_scope and not self._may(caller, request):
            raise NotPermitted
        return caller

    async def _read(self, request: Request) -> Caller | None:
        if self._in_headers:
            return Caller(*(unquote(request.headers.get(f"x-trunkline-{name}", "")) for name in ("app", "user")))
        token = request.headers.get("x-bkapi-jwt", "")
        if not token:
            return None
        known = self._tokens.remembered(token)
        if known is not None:
            return known
        try:
            caller: Caller = await self._engine.in_thread(lambda: self._tokens.read(token))
        except TokenInvalid:
            return None
        return caller

    def _may(self, caller: Caller, request: Request) -> bool:
        """Apps that aren't named may call in all scopes; where any is named, the caller must be known."""
        if not caller.app_code:
            return not self._required
        allowed = self._allow_scope.get(caller.app_code)
        if allowed is None:
            return True
        kind, value = (request.headers.get(f"bkplugin-scope-{name}") for name in ("type", "value"))
        return kind == allowed["type"] and value in allowed["value"]
