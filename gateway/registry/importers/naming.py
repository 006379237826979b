"""Names and paths of components, made from operations."""

import re
from collections.abc import Sequence

from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.matching import parameters_of, segments_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}")
_LITERAL = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%-]+")
MAX_PATH = 1_000


def is_component_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def component_name(operation_id: str) -> str:
    """An operationId as a component's name: other signs become `_`; empty when nothing usable is left."""
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", operation_id).strip("_")[:128]
    return cleaned if is_component_name(cleaned) else ""


def derived_name(method: str, path: str) -> str:
    """A name for an operation that has none: `GET /hosts/{id}` → `get_hosts_by_id`."""
    words = [f"by_{segment[1:-1]}" if segment.startswith("{") else segment for segment in segments_of(path)]
    return component_name("_".join([method.lower(), *words])) or "operation"


def path_problem(path: str) -> str | None:
    """Why a path can't be served, if so."""
    if not path.startswith("/"):
        return "doesn't begin with /"
    if len(path) > MAX_PATH:
        return f"is longer than {MAX_PATH} characters"
    try:
        parameters_of(path)
    except ShardError as error:
        return str(error).removeprefix("path: ")
    return next(filter(None, map(_segment_problem, segments_of(path))), None)


def _segment_problem(segment: str) -> str | None:
    if not segment:
        return "has an empty segment"
    if segment in {".", ".."}:
        return "has a segment . or .."
    if not segment.startswith("{") and not _LITERAL.fullmatch(segment):
        return f"has signs that need escaping in {segment[:60]!r}"
    return None


def route_key(method: str, path: str) -> tuple[str, str]:
    """Equal for operations that no gateway could tell apart: names of parameters don't matter."""
    return method, "/".join("{}" if segment.startswith("{") else segment for segment in segments_of(path))


def scope_of(system: str, scope: str) -> str:
    """A scope of the document, in the system's own namespace, so that no system can ask for another's scopes."""
    return scope if scope.startswith(f"{system}:") else f"{system}:{scope}"


def bad_scopes(scopes: Sequence[object]) -> list[str]:
    """Those that no token can carry (RFC 6749 §3.3)."""
    return [str(scope)[:60] for scope in scopes if not isinstance(scope, str) or not _SCOPE.fullmatch(scope)]
