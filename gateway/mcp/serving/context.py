from typing import Any

from mcp.server import ServerRequestContext

Context = ServerRequestContext[Any, Any]
"""What the SDK tells a handler of its request."""
