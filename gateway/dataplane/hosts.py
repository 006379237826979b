"""The other form of the unified endpoint: ``{system}.domain/{stage}/{path}``."""

import re

from gateway.dataplane.address import RESERVED

_NAME = re.compile(rb"[a-z][a-z0-9_-]{0,31}")
_RESERVED = frozenset(name.encode() for name in RESERVED)


def address_of(target: bytes, headers: list[tuple[bytes, bytes]], suffix: bytes) -> bytes:
    """The target as ``/api/{system}/…`` where the host names a system; else as it came.

    ``suffix`` begins with a dot and is in lower case, as the comparison is.
    """
    host = next((value for name, value in headers if name.lower() == b"host"), b"").lower().partition(b":")[0]
    if not host.endswith(suffix) or not target.startswith(b"/"):
        return target
    name = host[: -len(suffix)]
    return b"/api/" + name + target if _NAME.fullmatch(name) and name not in _RESERVED else target
