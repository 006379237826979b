"""Scheme, host and port: what connections are pooled by."""

from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from kernel.transport.errors import InvalidRequest
from kernel.transport.tls import ClientTls

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Equal origins share connections. ``host`` is lower case, an IPv6 address without brackets.

    ``tls`` is there when the upstream is met with another authority or name than usual, or with a certificate.
    """

    scheme: str
    host: str
    port: int
    tls: ClientTls | None = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.scheme, self.host, self.port, self.tls)))

    def __hash__(self) -> int:
        """Computed once: every call looks its connections up."""
        return self._hash

    @property
    def authority(self) -> str:
        """What goes into the Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if DEFAULT_PORTS[self.scheme] == self.port else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@lru_cache(maxsize=1_024)
def parse_url(url: str) -> tuple[Origin, str]:
    """The origin and the request target (path and query) of an absolute address; raises InvalidRequest.

    User information is refused, since it would be a credential in an address; a fragment is dropped.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise InvalidRequest("not an address") from problem
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise InvalidRequest("expected an absolute http or https address")
    if "@" in parts.netloc:
        raise InvalidRequest("an address must not carry a user name or password")
    try:
        host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    except UnicodeError as problem:
        raise InvalidRequest("not a host name") from problem
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Origin(parts.scheme, host.lower(), port or DEFAULT_PORTS[parts.scheme]), target
