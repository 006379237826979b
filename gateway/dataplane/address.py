"""From the request's raw path to system, stage and the rest: one normalisation, for matching and for forwarding."""

import re
from dataclasses import dataclass

from gateway.wire.codes import API_NOT_FOUND, INVALID_ARGS, URI_TOO_LONG
from gateway.wire.refusal import Refusal

GATEWAY_PREFIX = "/api/"
ESB_PREFIX = "/api/c/compapi/"
SELF_SERVICE_PREFIX = "/api/c/self-service-api/"
RESERVED = frozenset({"c", "bk-apigateway"})

_LONGEST = 8192
_PLAIN = re.compile(r"/[A-Za-z0-9\-_~!$&'()*+,;=:@/.]*")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PARAMETERS = re.compile(r";|%3B")
_NO_SEGMENT = re.compile(r"[/\\\x00-\x1f\x7f]")
_HOSTILE = frozenset(b"/\\\x00\r\n\x7f") | frozenset(range(0x20))


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """``/api/{system}/{stage}/{path}``; ``path`` without its leading slash, escapes normalised."""

    system: str
    stage: str
    path: str


@dataclass(frozen=True, slots=True)
class EsbAddress:
    """``/api/c/compapi/[v2/]{system}/{component}/``"""

    system: str
    component: str


def normalised(raw_path: bytes) -> str:
    """The path with every escape of an unreserved sign undone and the others in upper case (RFC 3986 §6.2.2).

    Raises Refusal for what different servers read differently: dot segments, empty segments, escaped slashes,
    backslashes and control characters.
    """
    if len(raw_path) > _LONGEST:
        raise Refusal(URI_TOO_LONG)
    path = raw_path.decode("latin-1")
    if "%" in path:
        # As it came: undone, half an escape and what follows it could become a whole one (%2%65 → %2e).
        if not _PLAIN.fullmatch(_ESCAPED.sub("", path)):
            raise Refusal(INVALID_ARGS, "the path has an escape or a sign that is not allowed")
        path = _ESCAPED.sub(_unescape, path)
    elif not _PLAIN.fullmatch(path):
        raise Refusal(INVALID_ARGS, "the path has a sign that is not allowed")
    if "//" in path or "/." in path or "/;" in path or "/%3B" in path:
        _check_segments(path)
    return path


def _unescape(found: re.Match[str]) -> str:
    byte = int(found.group(1), 16)
    if byte in _HOSTILE:
        raise Refusal(INVALID_ARGS, "the path escapes a sign that must not be escaped")
    return chr(byte) if byte in _UNRESERVED else found.group().upper()


def _check_segments(path: str) -> None:
    if "//" in path or "/;" in path or "/%3B" in path:  # parameters of nothing: cut off, nothing is left
        raise Refusal(INVALID_ARGS, "the path has an empty segment")
    if any(_is_step(segment) for segment in path.split("/")):
        raise Refusal(INVALID_ARGS, "the path has a dot segment")


def _is_step(segment: str) -> bool:
    """Some servers cut a segment's parameters off before they look, and some undo escapes before they cut: to them
    `..;x` and `..%3Bx` are a step up.
    """
    return segment.startswith(".") and _PARAMETERS.split(segment, 1)[0] in (".", "..")


def can_be_segment(text: str) -> bool:
    """Whether a text, escaped, is one segment of a path to every server, and none that leads elsewhere."""
    return text.partition(";")[0] != "" and not _is_step(text) and _NO_SEGMENT.search(text) is None


def parse_gateway(path: str) -> GatewayAddress:
    """Raises Refusal when there is no system and stage in the path."""
    parts = path.split("/", 4)
    if len(parts) < 4 or parts[1] != "api" or parts[2] in RESERVED or not parts[2] or not parts[3]:  # noqa: PLR2004 - "", api, system, stage
        raise Refusal(API_NOT_FOUND)
    return GatewayAddress(parts[2], parts[3], parts[4] if len(parts) > 4 else "")  # noqa: PLR2004 - as above


def parse_esb(path: str) -> EsbAddress | None:
    """None when the path is not that of a component."""
    if not path.startswith(ESB_PREFIX):
        return None
    parts = path[len(ESB_PREFIX) :].strip("/").split("/")
    if parts[0] == "v2":
        parts = parts[1:]
    return EsbAddress(parts[0], parts[1]) if len(parts) == 2 else None  # noqa: PLR2004 - system and component
