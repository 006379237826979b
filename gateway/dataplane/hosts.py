"""The other form of the unified endpoint: ``{system}.domain/{stage}/{path}``."""

import re
from urllib.parse import urlsplit

from gateway.dataplane.address import RESERVED

_NAME = re.compile(rb"[a-z][a-z0-9_-]{0,31}")
_RESERVED = frozenset(name.encode() for name in RESERVED)


class SystemHosts:
    """The host names below ``domain``; the one of our own public address is none of a system's."""

    __slots__ = ("_own", "_suffix")

    def __init__(self, domain: str, public_url: str) -> None:
        self._suffix = f".{domain.lower().strip('.')}".encode()
        self._own = (urlsplit(public_url).hostname or "").encode()

    def address_of(self, target: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The target as ``/api/{system}/…`` where the host names a system; else as it came."""
        sent = next((value for name, value in headers if name.lower() == b"host"), b"")
        host = sent.lower().partition(b":")[0]
        if not host.endswith(self._suffix) or host == self._own or not target.startswith(b"/"):
            return target
        name = host[: -len(self._suffix)]
        return b"/api/" + name + target if _NAME.fullmatch(name) and name not in _RESERVED else target
