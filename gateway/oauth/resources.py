"""What tokens can be for (RFC 8707): everything the gateway serves, one system, or one MCP server."""

import re
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.fields import SYSTEM_NAME
from gateway.mcp.addresses import PREFIX, read_address
from gateway.oauth.errors import InvalidTarget
from gateway.oauth.oidc.scopes import OIDC_SCOPES
from gateway.registry.repository import find_system

_SYSTEM = re.compile(SYSTEM_NAME)
_SYSTEMS: Final = "/api/"


class Resources:
    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    async def required(self, session: AsyncSession, resource: str | None) -> str | None:
        """The resource a request names; `None` for everything.

        Raises:
            InvalidTarget: it is none of ours.
        """
        if resource is None or resource.rstrip("/") == self.issuer:
            return None
        system = self.system_of(resource)
        if system is not None and await find_system(session, system) is not None:
            return resource
        path = resource.removeprefix(self.issuer)
        server = read_address(path)
        if path != resource and server is not None and server.path == path:
            return resource
        raise InvalidTarget(
            f"The resource is none of ours; send {self.issuer}{_SYSTEMS}SYSTEM or {self.issuer}{PREFIX}SERVER"
        )

    def system_of(self, resource: str | None) -> str | None:
        """The system that the resource is, if it is one."""
        name = (resource or "").removeprefix(self.issuer + _SYSTEMS)
        return name if name != resource and _SYSTEM.match(name) else None

    def narrowed(self, scopes: frozenset[str], resource: str | None) -> frozenset[str]:
        """The scopes that mean anything at the resource, and those of OpenID Connect."""
        system = self.system_of(resource)
        if system is None:
            return scopes
        own = (f"{system}:", f"{system}.")
        return frozenset(scope for scope in scopes if scope in OIDC_SCOPES or scope.startswith(own))
