"""The upstream's parameters, each taken from where the component's mapping says.

A value can never become more than the one parameter it is mapped to: it is encoded for its place, and refused where
no encoding is safe everywhere (a slash in a segment, a line's end in a header).
"""

import json
import re
from base64 import b64encode
from typing import Any
from urllib.parse import quote, unquote

from gateway.dataplane.address import can_be_segment
from gateway.dataplane.call import Call
from gateway.dataplane.declared_types import plain
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.steps.file_sources import file_sources, host_list
from gateway.dataplane.steps.mapped_query import MappedQuery
from gateway.snapshot.model.mapping import Assignment, Constant, Place, Source
from gateway.snapshot.model.matching import is_parameter
from gateway.snapshot.model.routes import Route
from gateway.wire.codes import INVALID_ARGS
from gateway.wire.json_object import RawObject
from gateway.wire.refusal import Refusal
from gateway.wire.request_headers import alike

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_SEPARATORS = re.compile(r"[,;\s]+")
_BODILESS = frozenset({"GET", "HEAD"})

Texts = list[str]
"""A parameter outside the body, once for each time it is given."""


class MapParameters:
    """Computed once for a route; raises Refusal(INVALID_ARGS) naming the parameter that can't be mapped.

    ``base_path`` is the upstream's, without a slash at its end.
    """

    __slots__ = ("_assignments", "_drops_body", "_headers", "_pieces", "_queries", "_route", "_taken", "touches_body")

    def __init__(self, route: Route, base_path: str) -> None:
        self._route = route
        self._assignments = route.mapping
        self._pieces = _pieces(route, base_path)
        self.touches_body = any(assignment.touches_body for assignment in route.mapping)
        self._drops_body = self.touches_body and route.upstream_method in _BODILESS
        places = [assignment.to for assignment in route.mapping]
        self._taken = [place for each in route.mapping for place in each.taken]
        self._queries = frozenset(place.name.lower() for place in places if place.location == "query")
        self._headers = frozenset(
            alike(place.name.encode()) for place in (*places, *self._taken) if place.location == "header"
        )

    def __call__(self, call: Call) -> None:
        _, _, raw_query = call.target.partition("?")
        query = MappedQuery.read(raw_query)
        body = _read_body(call) if self.touches_body else None
        values = [(assignment, self._value(assignment, call, query, body)) for assignment in self._assignments]
        self._take_away(query, body)
        segments: dict[str, str] = {}
        headers: list[bytes] = []
        for assignment, value in values:
            if value is None:
                if assignment.required:
                    raise Refusal(INVALID_ARGS, f"{_named(assignment)} is missing")
                continue
            place = assignment.to
            if place.location == "body":
                _put(body, assignment, value)
                continue
            texts = _texts(assignment, value)
            if place.location == "query":
                query.add(place.name, texts, _named(assignment))
            elif place.location == "path":
                segments[place.name] = _segment(assignment, texts)
            else:
                headers += (place.name.encode(), b": ", _header(assignment, texts), b"\r\n")
        self._write(call, query.text(), segments, headers, body)

    def _value(self, assignment: Assignment, call: Call, query: MappedQuery, body: RawObject | None) -> Any:
        """Texts, or the source text of a JSON value as `str`; None when there is nothing."""
        for source in assignment.sources:
            value = self._found(source.at, call, query, body)
            if value is not None:
                return _converted(source, value) if source.converts else value
        return None

    def _found(self, source: Place | Constant, call: Call, query: MappedQuery, body: RawObject | None) -> Any:
        if isinstance(source, Constant):
            return source.raw
        if source.location == "query":
            return query.values(source.name)
        if source.location == "path":
            return [_unescaped(call.params[self._route.path_parameters.index(source.name)], source)]
        if source.location == "header":
            sent = call.headers.value(source.name.encode())
            return [sent.decode("latin-1")] if sent is not None else None
        if body is None:
            return None
        try:
            value = body.get(source.steps) if source.steps else body.text()
        except ValueError as problem:
            raise Refusal(INVALID_ARGS, f"{_told(source)} {problem}") from problem
        return None if value == "null" else value

    def _take_away(self, query: MappedQuery, body: RawObject | None) -> None:
        query.remove({place.name for place in self._taken if place.location == "query"}, self._queries)
        if body is None:
            return
        try:
            for place in self._taken:
                if place.location == "body":
                    body.remove(place.steps)
            for assignment in self._assignments:
                if assignment.to.location == "body":
                    body.remove_alike(assignment.to.steps)
        except ValueError as problem:
            raise Refusal(INVALID_ARGS, f"the body {problem}") from problem

    def _write(
        self, call: Call, query: str, segments: dict[str, str], headers: list[bytes], body: RawObject | None
    ) -> None:
        path = "".join(_filled(piece, segments, call.params) for piece in self._pieces)
        call.target = f"{path}?{query}" if query else path
        kept = call.headers.kept
        if body is not None:
            call.body = b"" if self._drops_body else body.text().encode()
            kept = {name: value for name, value in kept.items() if name != b"content-type"}
            if call.body:
                kept[b"content-type"] = b"application/json"
        passed = call.headers.without(self._headers).passed if self._headers else call.headers.passed
        call.headers = InboundHeaders(kept, [*passed, *headers])


def _pieces(route: Route, base_path: str) -> tuple[str | int | Place, ...]:
    """The upstream's path: texts, indexes into the call's path values, and places that the mapping fills."""
    mapped = {each.to.name: each.to for each in route.mapping if each.to.location == "path"}
    pieces: list[str | int | Place] = [base_path]
    for segment in route.upstream_path.strip("/").split("/"):
        pieces.append("/")
        if not is_parameter(segment):
            pieces.append(segment)
            continue
        name = segment[1:-1]
        pieces.append(mapped[name] if name in mapped else route.path_parameters.index(name))
    if route.match_subpath:
        pieces += ["/", len(route.path_parameters)]
    elif route.upstream_path.endswith("/") and route.upstream_path != "/":
        pieces.append("/")
    return tuple(pieces)


def _filled(piece: str | int | Place, segments: dict[str, str], params: tuple[str, ...]) -> str:
    if isinstance(piece, Place):
        return segments[piece.name]
    return params[piece] if isinstance(piece, int) else piece


def _read_body(call: Call) -> RawObject:
    body = call.body
    if not body or body.isspace():
        return RawObject({})
    try:
        return RawObject.read(body.decode())
    except ValueError as problem:
        raise Refusal(INVALID_ARGS, f"the body is no JSON object that can be mapped: {problem}") from problem


def _converted(source: Source, value: Any) -> Any:
    """A list of texts is one text here, or none that could be converted."""
    texts = value if isinstance(value, list) else None
    if texts is not None and len(texts) != 1:
        return value
    raw: str = value if texts is None else json.dumps(texts[0])
    if source.coding is None:
        return source.values.get(plain(raw), value)
    if source.coding == "file-sources":
        return _file_sources(source, raw)
    return _of_text(source, raw)


def _of_text(source: Source, raw: str) -> str:
    if not raw.startswith('"'):
        if source.coding != "base64" and raw.startswith("["):
            return raw
        raise Refusal(INVALID_ARGS, f"{_told(source.at)} is no text")
    text: str = json.loads(raw)
    if source.coding == "list":
        return json.dumps([part for part in _SEPARATORS.split(text) if part])
    if source.coding == "hosts":
        return json.dumps(host_list(text))
    return json.dumps(b64encode(_utf8(text, source)).decode())


def _file_sources(source: Source, raw: str) -> str:
    if not raw.startswith("["):
        raise Refusal(INVALID_ARGS, f"{_told(source.at)} is no list")
    try:
        return file_sources(raw)
    except ValueError as problem:
        raise Refusal(INVALID_ARGS, f"{_told(source.at)}: {problem}") from problem


def _utf8(text: str, source: Source) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as problem:
        raise Refusal(INVALID_ARGS, f"{_told(source.at)} is not valid text") from problem


def _put(body: RawObject | None, assignment: Assignment, value: Any) -> None:
    raw = value if isinstance(value, str) else _typed(assignment, value)
    if body is None:
        raise Refusal(INVALID_ARGS, "the body was not read")
    try:
        body.put(assignment.to.steps, raw)
    except ValueError as problem:
        raise Refusal(INVALID_ARGS, f"{assignment.to.name or 'the body'} {problem}") from problem


def _typed(assignment: Assignment, texts: Texts) -> str:
    """Texts as the JSON the assignment asks for; a number keeps every digit."""
    wanted = assignment.value_type
    if wanted == "array":
        return f"[{','.join(json.dumps(text) for text in texts)}]"
    text = _single(assignment, texts)
    if wanted == "string":
        return json.dumps(text)
    fits = {
        "integer": _INTEGER.fullmatch(text) is not None,
        "number": _NUMBER.fullmatch(text) is not None,
        "boolean": text in ("true", "false"),
    }
    if not fits[wanted]:
        raise Refusal(INVALID_ARGS, f"{_named(assignment)} is no {wanted}")
    return text


def _texts(assignment: Assignment, value: Any) -> Texts:
    """A value as it stands outside a body: text without quotes, a number as its source, a list once for each item."""
    if not isinstance(value, str):
        texts: Texts = value
        return texts
    if value.startswith("["):
        items = json.loads(value, parse_int=str, parse_float=str)
        are_plain = not any(item is None or isinstance(item, list | dict) for item in items)
        if assignment.to.location == "query" and are_plain:
            return [_scalar(item) for item in items]
    if value.startswith(("[", "{")) or value == "null":
        raise Refusal(INVALID_ARGS, f"{_named(assignment)} is neither a text, a number nor a truth value")
    return [_scalar(json.loads(value, parse_int=str, parse_float=str))]


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _single(assignment: Assignment, texts: Texts) -> str:
    if len(texts) != 1:
        raise Refusal(INVALID_ARGS, f"{_named(assignment)} is given {len(texts)} times")
    return texts[0]


def _segment(assignment: Assignment, texts: Texts) -> str:
    text = _single(assignment, texts)
    if not can_be_segment(text):
        raise Refusal(INVALID_ARGS, f"{_named(assignment)} can't stand in a path")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as problem:
        raise Refusal(INVALID_ARGS, f"{_named(assignment)} is not valid text") from problem


def _header(assignment: Assignment, texts: Texts) -> bytes:
    text = _single(assignment, texts)
    if text and not _HEADER_VALUE.fullmatch(text):
        raise Refusal(INVALID_ARGS, f"{_named(assignment)} can't stand in a header: only visible ASCII can")
    return text.encode("ascii")


def _unescaped(segment: str, place: Place) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as problem:
        raise Refusal(INVALID_ARGS, f"{_told(place)} is not UTF-8") from problem


def _named(assignment: Assignment) -> str:
    return _told(next(iter(assignment.taken), assignment.to))


def _told(place: Place | Constant) -> str:
    if isinstance(place, Constant):
        return "a constant"
    kinds = {"path": "path parameter", "query": "query parameter", "header": "header", "body": "body member"}
    return f"{kinds[place.location]} {place.name}".rstrip()
