"""Where MCP servers are: at our address, and for those of systems at BlueKing's too."""

import re
from dataclasses import dataclass

PREFIX = "/mcp/"
BLUEKING_PREFIX = "/api/bk-apigateway/prod/api/v2/mcp-servers/"
METADATA_PREFIX = "/.well-known/oauth-protected-resource"

TOOL_PREFIXES = (PREFIX, BLUEKING_PREFIX, METADATA_PREFIX + PREFIX, METADATA_PREFIX + BLUEKING_PREFIX)
"""What the application of MCP servers answers."""

_SERVER = re.compile(rf"{PREFIX}(?P<name>[A-Za-z0-9_-]+)/?")
_BLUEKING = re.compile(rf"{BLUEKING_PREFIX}(?P<name>[A-Za-z0-9_-]+)(?P<application>/application)?/mcp/?")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Attributes:
    path: without a slash at its end; with the issuer before it, the audience of the server's tokens.
    in_parts: arguments and results have BlueKing's shape.
    """

    name: str
    path: str
    in_parts: bool


def server_path(name: str) -> str:
    return f"{PREFIX}{name}"


def blueking_path(name: str) -> str:
    return f"{BLUEKING_PREFIX}{name}/mcp"


def read_address(path: str) -> ServerAddress | None:
    """None when no server can be there."""
    found = _SERVER.fullmatch(path)
    if found is not None:
        return ServerAddress(found["name"], path.rstrip("/"), in_parts=False)
    found = _BLUEKING.fullmatch(path)
    return ServerAddress(found["name"], path.rstrip("/"), in_parts=True) if found is not None else None
