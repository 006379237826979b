"""Which addresses a client may register for answers, and which address of a request is one of them. Pure."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST: Final = 2000
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.IGNORECASE)


def redirect_uri_problem(uri: str) -> str | None:
    """Why the address can't be registered; `None` when it can.

    It is https, or http on the machine itself for a native app (RFC 8252 §7.3), or the scheme of an app on a device,
    named by a domain (§7.1). Nothing of it is a pattern (RFC 9700 §2.1).
    """
    if len(uri) > LONGEST or not _PRINTABLE.fullmatch(uri) or "\\" in uri:
        return f"is no address of at most {LONGEST} visible ASCII signs"
    parts = _split(uri)
    if parts is None or "#" in uri:
        return "is no address, or one with a fragment"
    return _scheme_problem(parts)


def matches(uri: str, registered: Iterable[str]) -> bool:
    """Whether the address is one of those, sign by sign; on loopback addresses the port is free (RFC 8252 §7.3)."""
    known = tuple(registered)
    if uri in known:
        return True
    without = _without_loopback_port(uri)
    return without is not None and any(_without_loopback_port(each) == without for each in known)


def _scheme_problem(parts: SplitResult) -> str | None:
    if parts.scheme == "https":
        return _authority_problem(parts)
    if parts.scheme == "http":
        on_machine = parts.hostname in {*_LOOPBACK, "localhost"}
        return _authority_problem(parts) if on_machine else "is http; only the machine itself (127.0.0.1) may be"
    if _PRIVATE_SCHEME.fullmatch(parts.scheme):
        return "names a host; an app's own scheme is followed by one slash" if parts.netloc else None
    return "has the scheme of neither a web address nor of an app (com.example.app:/…)"


def _without_loopback_port(uri: str) -> str | None:
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or parts.hostname not in _LOOPBACK or parts.username is not None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    begin = f"http://{parts.netloc}"
    if not uri.startswith(begin) or parts.netloc not in {host, f"{host}:{parts.port}"}:
        return None
    return f"http://{host}{uri[len(begin) :]}"


def _authority_problem(parts: SplitResult) -> str | None:
    if not parts.hostname:
        return "names no host"
    if parts.username is not None or parts.password is not None:
        return "names a user"
    return "is a pattern" if "*" in parts.netloc else None


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
