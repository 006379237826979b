"""Who calls, and whether that app may call from where it says it does."""

from starlette.requests import Request

from trunkline_plugin.project import Project
from trunkline_plugin.serving.engine import Engine
from trunkline_plugin.serving.gateway_token import Caller, GatewayTokens, TokenInvalid


class Callers:
    """In development calls need no gateway; what it says is read where it is there."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._allow_scope = project.allow_scope
        self._required = project.settings.gateway_required
        self._tokens = GatewayTokens(project.settings)
        self._engine = engine

    async def of(self, request: Request) -> Caller | None:
        """None where the call came by no gateway, and had to."""
        token = request.headers.get("x-bkapi-jwt", "")
        if not token:
            return None if self._required else Caller()
        known = self._tokens.remembered(token)
        if known is not None:
            return known
        try:
            caller: Caller = await self._engine.in_thread(lambda: self._tokens.read(token))
        except TokenInvalid:
            return None if self._required else Caller()
        return caller

    def in_scope(self, caller: Caller, request: Request) -> bool:
        """Apps that aren't named may call in all scopes; where any is named, the caller must be known."""
        if not self._allow_scope:
            return True
        if not caller.app_code:
            return not self._required
        allowed = self._allow_scope.get(caller.app_code)
        if allowed is None:
            return True
        kind, value = (request.headers.get(f"bkplugin-scope-{name}") for name in ("type", "value"))
        return kind == allowed["type"] and value in allowed["value"]
