"""The parameters in path, query and headers against their JSON Schemas. What goes on stays as it came."""

from typing import Self
from urllib.parse import parse_qsl, unquote, unquote_plus

from gateway.dataplane.call import Call
from gateway.dataplane.steps.checked_object import CheckedObject
from gateway.dataplane.steps.checked_parameter import CheckedParameter
from gateway.snapshot.model.routes import Route
from gateway.wire.codes import INVALID_ARGS
from gateway.wire.refusal import Refusal


class ValidateParameters:
    """Compiled once for each route. Parameters that no schema speaks of pass."""

    __slots__ = ("_headers", "_objects", "_paths", "_queries", "_required")

    def __init__(
        self,
        paths: list[tuple[int, CheckedParameter]],
        queries: dict[str, CheckedParameter],
        headers: list[tuple[bytes, CheckedParameter]],
        objects: list[CheckedObject],
    ) -> None:
        """``paths`` by their index in the call's path values, ``headers`` by their name in lower case."""
        self._paths = paths
        self._queries = queries
        self._headers = headers
        self._objects = objects
        self._required = [(name, parameter) for name, parameter in queries.items() if parameter.required]

    @classmethod
    def of(cls, route: Route) -> Self | None:
        """None where there is nothing that can be checked."""
        paths: list[tuple[int, CheckedParameter]] = []
        queries: dict[str, CheckedParameter] = {}
        headers: list[tuple[bytes, CheckedParameter]] = []
        objects = [each for each in map(CheckedObject.of, route.parameters) if each is not None]
        for parameter in route.parameters:
            checked = CheckedParameter.of(parameter)
            if checked is None:
                continue
            if parameter.location == "path":
                paths.append((route.path_parameters.index(parameter.name), checked))
            elif parameter.location == "query":
                queries[parameter.name] = checked
            else:
                headers.append((parameter.name.lower().encode("latin-1", "replace"), checked))
        return cls(paths, queries, headers, objects) if paths or queries or headers or objects else None

    def __call__(self, call: Call) -> None:
        for at, parameter in self._paths:
            parameter.check([_unescaped(call.params[at], parameter)], takes_json=call.is_esb)
        if self._queries:
            self._check_query(call.target.partition("?")[2], takes_json=call.is_esb)
        if self._objects:
            self._check_objects(call.target.partition("?")[2], takes_json=call.is_esb)
        for name, parameter in self._headers:
            value = call.headers.value(name)
            if value is None:
                value = call.headers.kept.get(name)
            if value is not None:
                parameter.check([value.decode("latin-1")])
            elif parameter.required:
                raise parameter.missing("send the header")

    def _check_query(self, query: str, *, takes_json: bool) -> None:
        given: dict[str, list[str]] = {}
        for pair in query.split("&") if query else ():
            name, _, text = pair.partition("=")
            if "%" in name or "+" in name:
                name = unquote_plus(name)
            parameter = self._queries.get(name)
            if parameter is not None:
                text = _unescaped(text.replace("+", " "), parameter)
                given.setdefault(name, []).append(text)
        for name, parameter in self._required:
            if name not in given:
                raise parameter.missing("give it in the query")
        for name, texts in given.items():
            self._queries[name].check(texts, takes_json=takes_json)

    def _check_objects(self, query: str, *, takes_json: bool) -> None:
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        for parameter in self._objects:
            parameter.check(pairs, takes_json=takes_json)


def _unescaped(text: str, parameter: CheckedParameter) -> str:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as problem:
        raise Refusal(INVALID_ARGS, f"{parameter.told}: is not UTF-8") from problem
