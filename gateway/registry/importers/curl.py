"""A pasted ``curl`` line → one component. Nothing is executed, no file is read, and credentials are left out. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from gateway.registry.component_definition import ComponentDefinition, ParameterDefinition
from gateway.registry.importers.curl_line import CurlLine, read_line
from gateway.registry.importers.naming import derived_name, path_problem
from gateway.registry.importers.references import Problems
from gateway.snapshot.model.matching import parameters_of, segments_of
from gateway.wire.credentials import CREDENTIAL_PARAMETERS
from gateway.wire.request_headers import is_own
from kernel.errors import FieldProblem
from kernel.forms.bounds import SCHEMA_BOUNDS, bound_problem

_IDENTIFIER = re.compile(r"\d+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-f]{24,64}")
_USUAL_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "user-agent", "referer", "origin", "content-type"}
)
_SECRET_HEADER = re.compile(r"token|secret|api-?key|password|auth")


@dataclass(frozen=True, slots=True)
class CurlImport:
    """Attributes:
    base_url: scheme and host of the address: a proposal for the system's upstream.
    notes: what was left out, and what to think of.
    problems: when there is one, there is no component.
    """

    component: ComponentDefinition | None = None
    base_url: str = ""
    notes: tuple[FieldProblem, ...] = ()
    problems: tuple[FieldProblem, ...] = ()


def import_curl(command: str, system: str) -> CurlImport:
    """The component that a `curl` line calls; numbers and ids in its path become parameters."""
    problems, notes = Problems(), Problems()
    line = read_line(command, problems, notes)
    address = _address(line.url, problems) if not problems.found else None
    if problems.found or address is None:
        return CurlImport(problems=tuple(problems.found))
    component = _component(line, address.path, address.query, system, problems, notes)
    if problems.found or component is None:
        return CurlImport(problems=tuple(problems.found))
    return CurlImport(component, f"{address.scheme}://{address.netloc}", tuple(notes.found))


def _address(url: str, problems: Problems) -> Any:
    if not url:
        problems.add((), "names no address", "Paste the whole command")
        return None
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        has_credential = parts.username is not None
        host = parts.hostname
    except ValueError:
        host, has_credential, parts = None, False, urlsplit("")
    if not host or parts.scheme not in ("http", "https"):
        problems.add((), "has an address that is not http or https", "Write https://host/path")
    elif has_credential:
        problems.add((), "has a credential in its address", "Leave user and password out")
    return parts


def _component(
    line: CurlLine, path: str, query: str, system: str, problems: Problems, notes: Problems
) -> ComponentDefinition | None:
    method = line.method or ("GET" if line.in_query or not (line.data or line.is_form) else "POST")
    if line.in_query and line.data:
        query = "&".join(filter(None, [query, *line.data]))
    template = _template(path or "/", notes)
    wrong = "has an empty segment" if "//" in path else path_problem(template)
    if wrong is not None:
        problems.add((), f"has a path that {wrong}", "Write it percent-encoded, without empty and dot segments")
        return None
    is_read = method in {"GET", "HEAD"}
    parameters = [ParameterDefinition(name, "path", True, {"type": "string"}) for name in parameters_of(template)]
    parameters += _query_parameters(query, notes)
    parameters += _header_parameters(line.headers, notes)
    body_schema = None
    if line.data and not line.in_query:
        body_schema = _body_schema(line, notes)
    return ComponentDefinition(
        name=derived_name(method, template),
        method=method,
        path=template,
        scopes=(f"{system}:{'read' if is_read else 'write'}",),
        is_read=is_read,
        parameters=tuple(parameters),
        body_schema=body_schema,
        timeout=line.timeout,
    )


def _template(path: str, notes: Problems) -> str:
    """Segments that look like identifiers become parameters, named for what stands before them."""
    names: list[str] = []
    segments: list[str] = []
    for segment in segments_of(path):
        if not _IDENTIFIER.fullmatch(segment):
            segments.append(segment)
            continue
        named = segments and not segments[-1].startswith("{")
        before = re.sub(r"\W+", "_", unquote(segments[-1]), flags=re.ASCII).strip("_") if named else ""
        name = f"{before.removesuffix('s')}_id" if before and not before[0].isdigit() else "id"
        while name in names:
            name += "_"
        names.append(name)
        segments.append(f"{{{name}}}")
        notes.add((), f"{segment} in the path became the parameter {name}", "Write it back where it never changes")
    return "/" + "/".join(segments) + ("/" if path.endswith("/") and segments else "")


def _query_parameters(query: str, notes: Problems) -> Iterator[ParameterDefinition]:
    for name in dict.fromkeys(name for name, _ in parse_qsl(query, keep_blank_values=True)):
        if name in CREDENTIAL_PARAMETERS:
            notes.add((), f"{name} is a credential and was left out", "Callers prove themselves to the gateway")
        else:
            yield ParameterDefinition(name[:128], "query", required=False, schema={"type": "string"})


def _header_parameters(headers: list[tuple[str, str]], notes: Problems) -> Iterator[ParameterDefinition]:
    for name in dict.fromkeys(name for name, _ in headers):
        if name in _USUAL_HEADERS:
            continue
        if is_own(name.encode("latin-1", "replace")) or _SECRET_HEADER.search(name):
            notes.add((), f"the header {name} is a credential or the gateway's own, and was left out",
                      "Say how calls to the upstream are signed at the stage")  # fmt: skip
        else:
            yield ParameterDefinition(name[:128], "header", required=False, schema={"type": "string"})


def _body_schema(line: CurlLine, notes: Problems) -> dict[str, Any] | None:
    text = "&".join(line.data)
    content_type = next((value for name, value in line.headers if name == "content-type"), "")
    if not (line.is_json or "json" in content_type or text.lstrip().startswith(("{", "["))):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        notes.add((), "the body is no JSON, so no schema was made of it", "Write body_schema where bodies are checked")
        return None
    if bound_problem(value, SCHEMA_BOUNDS, "") is not None:
        notes.add((), "the body is too large or too deep to make a schema of it", "Write body_schema yourself")
        return None
    return _schema_of(value)


def _schema_of(value: Any) -> dict[str, Any]:
    """The loosest schema a JSON value fits by its types; nothing is required."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {name: _schema_of(item) for name, item in value.items()}}
    if isinstance(value, list):
        schemas = [_schema_of(item) for item in value]
        return {
            "type": "array",
            **({"items": schemas[0]} if schemas and schemas.count(schemas[0]) == len(schemas) else {}),
        }
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    if isinstance(value, float):
        return {"type": "number"}
    return {"type": "string"} if isinstance(value, str) else {}
