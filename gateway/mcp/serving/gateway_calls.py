"""A component called for an agent: through the gateway, with a token of its own.

The agent's token is for this MCP server and stays here (the specification forbids to pass it on). The call carries
a new one for the gateway: of the same app and person, for this component alone, good for a minute.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateway.dataplane.app import DataPlane
from gateway.dataplane.kept_exchange import KeptExchange
from gateway.mcp.serving.caller import ToolCaller
from gateway.mcp.tools.results import Answer
from gateway.mcp.tools.tool import ComponentCall
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from kernel.db.database import Database

MOST_BYTES = 4 * 1024 * 1024
"""Of an answer that is read; what follows is left unread."""

_TOKEN_SECONDS = 60
_SECONDS = 120.0
"""A call waits at most; the stage's own timeout is usually shorter."""

_GATEWAY_TIMEOUT = 504


class GatewayCalls:
    def __init__(
        self, data_plane: DataPlane, database: Database, keyring: SigningKeyring, issuer: AccessTokenIssuer
    ) -> None:
        self._data_plane = data_plane
        self._database = database
        self._keyring = keyring
        self._issuer = issuer

    async def call(self, action: ComponentCall, caller: ToolCaller, arguments: Mapping[str, Any]) -> Answer:
        """Raises:
        ArgumentsRefused: an argument can't become part of a request.
        """
        parts = action.arguments.split(arguments)
        token = await self._token(action, caller)
        path, _, query = parts.target.partition("?")
        own = {
            "authorization": f"Bearer {token}",
            "host": "mcp",
            "accept": "application/json, */*;q=0.5",
            "x-request-id": caller.request_id,
        }
        body = parts.body or b""
        if parts.body is not None:
            own |= {"content-type": "application/json", "content-length": str(len(body))}
        headers = [*caller.passed_headers, *parts.headers, *own.items()]
        exchange = KeptExchange(
            action.method,
            f"/api/{action.system}/{quote(action.stage)}/{path}".encode("ascii"),
            query.encode("ascii"),
            [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers],
            body,
            peer=caller.address,
            most_bytes=MOST_BYTES,
        )
        return await self._answer(exchange, action.own_scope, caller)

    async def _answer(self, exchange: KeptExchange, label: str, caller: ToolCaller) -> Answer:
        self._data_plane.serve(exchange)
        seconds = min(_SECONDS, caller.timeout) if caller.timeout else _SECONDS
        try:
            await exchange.wait(seconds)
        except TimeoutError:
            return Answer(label, _GATEWAY_TIMEOUT, "", f"no answer within {seconds:g} s".encode(), caller.request_id)
        told = {name.lower(): value.decode("latin-1") for name, value in exchange.answer_headers}
        return Answer(
            label=label,
            status=exchange.status,
            content_type=told.get(b"content-type", ""),
            body=b"".join(exchange.body),
            request_id=told.get(b"x-request-id", caller.request_id)[:64],
            truncated=exchange.truncated,
        )

    async def _token(self, action: ComponentCall, caller: ToolCaller) -> str:
        async with self._database.reading() as session:
            signer = await self._keyring.signer(session)
        narrowed = caller.scopes is None or action.own_scope in caller.scopes
        token = self._issuer.issue(
            signer,
            app_code=caller.app_code,
            scopes=[action.own_scope] if narrowed else action.scopes,
            seconds=_TOKEN_SECONDS,
            claims=_speaking_for(caller),
        )
        return token.value


def _speaking_for(caller: ToolCaller) -> dict[str, Any]:
    """Whom the call is made for; where a person allowed it, the call's token ends with that as the agent's does."""
    if caller.user is None:
        return {}
    if caller.authorization_id is not None:
        return {"sub": caller.user, "sid": caller.authorization_id}
    return {"act": {"sub": caller.user}}
