"""The door of MCP servers: origin, address, bounds and credentials, before a word of the protocol is read."""

import json
from collections.abc import Container
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from mcp_types import INVALID_REQUEST
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from gateway.mcp.addresses import METADATA_PREFIX, ServerAddress, read_address
from gateway.mcp.catalogue import Offered, ToolCatalogue
from gateway.mcp.serving.access import Refused, Resource, ServerAccess, lacking_scope
from gateway.mcp.serving.caller import ToolCaller
from gateway.mcp.serving.passing import passed_headers, wanted_timeout
from gateway.mcp.serving.protocol import MAX_BODY, Exchange, Protocol
from gateway.mcp.tools.tool import ComponentCall
from kernel.http.client_address import client_address
from kernel.signing.jwk import CURVES


class McpApp:
    """ASGI application of all MCP servers and of their metadata.

    Args:
        issuer: the address of the product, which tokens and challenges name.
        allowed_origins: of browsers' pages that may speak to the servers, besides our own.
        version: of the product, told to clients.
    """

    def __init__(
        self,
        catalogue: ToolCatalogue,
        access: ServerAccess,
        protocol: Protocol,
        *,
        issuer: str,
        allowed_origins: Container[str],
        trusted_proxies: Container[str],
        version: str,
    ) -> None:
        self._catalogue = catalogue
        self._access = access
        self._protocol = protocol
        self._issuer = issuer
        self._own_origin = "{0.scheme}://{0.netloc}".format(urlsplit(issuer))
        self._allowed_origins = allowed_origins
        self._trusted_proxies = trusted_proxies
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        try:
            if path.startswith(METADATA_PREFIX):
                document = await self._metadata(path.removeprefix(METADATA_PREFIX), scope["method"])
                await document(scope, receive, send)
            else:
                await self._serve(path, scope, receive, send)
        except Refused as refused:
            await _error(refused)(scope, receive, send)

    async def _metadata(self, path: str, method: str) -> Response:
        """RFC 9728 §3.2; anybody may read it."""
        if method not in ("GET", "HEAD"):
            raise Refused(405, "Read the metadata with GET", {"Allow": "GET"})
        address, offered = await self._offered(path)
        resource = Resource.at(self._issuer, address.path)
        document = {
            "resource": resource.address,
            "authorization_servers": [self._issuer],
            "scopes_supported": sorted(offered.scopes),
            "bearer_methods_supported": ["header"],
            "dpop_signing_alg_values_supported": list(CURVES),
            "resource_name": offered.title or offered.name,
        }
        return JSONResponse(document, headers={"Access-Control-Allow-Origin": "*"})

    async def _serve(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        headers = connection.headers
        origin = headers.get("origin")
        if origin is not None and origin != self._own_origin and origin not in self._allowed_origins:
            raise Refused(403, "Pages of this origin may not speak to MCP servers here")
        if scope["method"] != "POST":
            raise Refused(405, "Send messages by POST; there are no sessions to read or end", {"Allow": "POST"})
        address, offered = await self._offered(path)
        resource = Resource.at(self._issuer, address.path)
        caller = await self._caller(connection, address, resource, offered)
        body = await _read(receive)
        message = _message(body)
        _require_scope(message, offered, caller, resource)
        # What surrounds a header's value is no part of it (RFC 9110 §5.5); the protocol compares values.
        scope = {**scope, "headers": [(name, value.strip(b" \t")) for name, value in scope["headers"]]}
        exchange = Exchange(offered, caller, _language(headers), self._version, _streams(message, offered))
        await self._protocol.serve(exchange, scope, _replayed(body, receive), send)

    async def _offered(self, path: str) -> tuple[ServerAddress, Offered]:
        """Raises Refused where no server is, or one that is off; at BlueKing's address for one that is no system's."""
        address = read_address(path)
        if address is not None:
            offered = await self._catalogue.find(address.name, in_parts=address.in_parts)
            if offered is not None and offered.enabled and (offered.is_system or not address.in_parts):
                return address, offered
        raise Refused(404, "There is no such MCP server")

    async def _caller(
        self, connection: HTTPConnection, address: ServerAddress, resource: Resource, offered: Offered
    ) -> ToolCaller:
        headers = connection.headers
        client = client_address(connection, self._trusted_proxies) or "unknown"
        request_id: str = connection.state.request_id
        if not address.in_parts:
            return await self._access.caller(headers, resource, offered.scopes, client, request_id)
        found = await self._access.blueking_caller(headers, resource, offered.scopes, client, request_id)
        return replace(found, passed_headers=passed_headers(headers), timeout=wanted_timeout(headers))


def _require_scope(message: Any, offered: Offered, caller: ToolCaller, resource: Resource) -> None:
    called = _called(message)
    tool = offered.tool(called) if called is not None else None
    if tool is None or not isinstance(tool.action, ComponentCall):
        return
    if not caller.covers(tool.action.own_scope, tool.action.scopes):
        raise lacking_scope(resource, tool.action.scopes)


def _message(body: bytes) -> Any:
    """What may be a message; the protocol's own reading refuses what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _called(message: Any) -> str | None:
    """The tool that the message calls."""
    if not isinstance(message, dict) or message.get("method") != "tools/call":
        return None
    params = message.get("params")
    name = params.get("name") if isinstance(params, dict) else None
    return name if isinstance(name, str) else None


def _streams(message: Any, offered: Offered) -> bool:
    """Whether something may be told before the answer: the news of a task, or of the list of tools."""
    if isinstance(message, dict) and message.get("method") == "subscriptions/listen":
        return True
    called = _called(message)
    tool = offered.tool(called) if called is not None else None
    return tool is not None and not isinstance(tool.action, ComponentCall)


def _language(headers: Headers) -> str:
    return "zh" if headers.get("accept-language", "").lower().startswith("zh") else "en"


async def _read(receive: Receive) -> bytes:
    """The body; raises Refused when it is too long."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise Refused(413, f"A message has at most {MAX_BODY} bytes")
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _error(refused: Refused) -> Response:
    """A JSON-RPC error without an id, as the specification's transport has it."""
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": INVALID_REQUEST, "message": refused.reason}}
    return JSONResponse(body, refused.status, refused.headers)
