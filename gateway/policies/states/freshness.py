"""How long an answer may be kept (RFC 9111), as far as a gateway needs to know."""

from collections.abc import Iterable
from email.utils import parsedate_to_datetime

from gateway.policies.kinds.response_cache import ResponseCache

Headers = Iterable[tuple[bytes, bytes]]

_FORBID = frozenset({b"no-store", b"no-cache", b"private"})


def directives(value: bytes) -> dict[bytes, bytes]:
    """`Cache-Control` by directive, names in lower case."""
    found: dict[bytes, bytes] = {}
    for part in value.split(b","):
        name, _, argument = part.strip().partition(b"=")
        if name:
            found[name.strip().lower()] = argument.strip().strip(b'"')
    return found


def seconds_to_keep(policy: ResponseCache, status: int, headers: Headers, now: float) -> float:
    """For how long from now on the answer may be given again; 0 when it must not be kept. Names in lower case."""
    if status not in policy.statuses:
        return 0.0
    told = dict(headers)
    if b"set-cookie" in told:
        return 0.0
    control = directives(b",".join(value for name, value in headers if name == b"cache-control"))
    if control.keys() & _FORBID:
        return 0.0
    lifetime = _lifetime(control, told.get(b"expires"), now)
    if lifetime is None:
        return float(policy.ttl)
    return max(0.0, min(lifetime - _number(told.get(b"age", b"0")), float(policy.ttl)))


def vary_of(policy: ResponseCache, headers: Headers) -> tuple[bytes, ...] | None:
    """The request headers the answer depends on, in lower case and sorted; None when it depends on anything.

    An encoded answer depends on what the client accepts, whether the upstream says so or not.
    """
    names = {name.encode() for name in policy.vary}
    for header, value in headers:
        if header == b"vary":
            names |= {name.strip().lower() for name in value.split(b",") if name.strip()}
        elif header == b"content-encoding":
            names.add(b"accept-encoding")
    return None if b"*" in names else tuple(sorted(names))


def _lifetime(control: dict[bytes, bytes], expires: bytes | None, now: float) -> float | None:
    for name in (b"s-maxage", b"max-age"):
        if name in control:
            return _number(control[name])
    if expires is None:
        return None
    try:
        return parsedate_to_datetime(expires.decode("latin-1")).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0  # RFC 9111 §5.3: an invalid date is one in the past


def _number(text: bytes) -> float:
    return float(text) if text.isdigit() else 0.0
