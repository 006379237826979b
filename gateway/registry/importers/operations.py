"""One operation of an OpenAPI document → one component."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.registry.component_definition import ComponentDefinition, ParameterDefinition
from gateway.registry.importers.naming import bad_scopes, component_name, derived_name, route_key, scope_of
from gateway.registry.importers.references import Place, Problems, follow
from gateway.registry.importers.schemas import SchemaConverter
from gateway.snapshot.model.matching import ANY, parameters_of
from gateway.snapshot.model.parameters import LOCATIONS as CHECKED_LOCATIONS
from gateway.snapshot.model.parameters import STYLES, usual_style

ANY_METHOD: Final = "x-bk-apigateway-method-any"
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch")
_LOCATIONS = frozenset({"path", "query", "header", "cookie"})
_READ_FLAG = "x-trunkline-read"
_MAX_PARAMETERS = 200
_MAX_TITLE = 200
_MAX_DESCRIPTION = 10_000
_MAX_LABEL = 50
_MAX_LABELS = 50


class OperationReader:
    """Reads the operations of one document; keeps what must be unique among them."""

    def __init__(
        self, document: Mapping[str, Any], system: str, converter: SchemaConverter, problems: Problems
    ) -> None:
        self._document = document
        self._system = system
        self._converter = converter
        self._problems = problems
        self._names: dict[str, Place] = {}
        self._routes: dict[tuple[str, str], str] = {}

    def read(
        self, path: str, method: str, operation: Any, item: Mapping[str, Any], item_place: Place
    ) -> ComponentDefinition | None:
        """The component, or `None` with its problems named."""
        place: Place = (*item_place, method)
        if not isinstance(operation, dict):
            self._problems.add(place, "is no object", "Describe the operation")
            return None
        verb = ANY if method == ANY_METHOD else method.upper()
        name = self._name(operation, path, verb, place)
        route = route_key(verb, path)
        if route in self._routes:
            self._problems.add(place, f"is served at the same address as {self._routes[route]}", "Change its path")
            return None
        self._routes[route] = f"{verb} {path}"
        is_read = self._is_read(operation, method, place)
        parameters = self._parameters(operation, item, path, item_place, place)
        scopes = self._scopes(operation, place, is_read=is_read)
        body = self._body(operation, item, place)
        response = self._response(operation, place)
        if name is None:
            return None
        return ComponentDefinition(
            name=name,
            method=verb,
            path=path,
            title=text_of(operation.get("summary"), _MAX_TITLE),
            description=text_of(operation.get("description"), _MAX_DESCRIPTION),
            scopes=scopes,
            is_read=is_read,
            parameters=parameters,
            body_schema=body,
            response_schema=response,
            labels=_labels(operation.get("tags")),
            texts=_chinese(operation.get("x-zh")),
        )

    def _name(self, operation: Mapping[str, Any], path: str, method: str, place: Place) -> str | None:
        given = operation.get("operationId")
        if given is None:
            return self._free_name(derived_name(method, path), place)
        at = (*place, "operationId")
        name = component_name(given) if isinstance(given, str) else ""
        if not name:
            self._problems.add(at, "gives no name", "Begin with a letter; use letters, digits, _ and -")
            return None
        if name in self._names:
            other = "/".join(str(step) for step in self._names[name][1:3])
            self._problems.add(at, f"{name} is the name of {other} too", "Give every operation its own operationId")
            return None
        self._names[name] = place
        return name

    def _free_name(self, wanted: str, place: Place) -> str:
        name, number = wanted, 1
        while name in self._names:
            number += 1
            name = f"{wanted[:120]}_{number}"
        self._names[name] = place
        return name

    def _is_read(self, operation: Mapping[str, Any], method: str, place: Place) -> bool:
        flag = operation.get(_READ_FLAG, method in {"get", "head"})
        if not isinstance(flag, bool):
            self._problems.add(
                (*place, _READ_FLAG), "is neither true nor false", "Write true for a call that only reads"
            )
            return False
        return flag

    def _parameters(
        self, operation: Mapping[str, Any], item: Mapping[str, Any], path: str, item_place: Place, place: Place
    ) -> tuple[ParameterDefinition, ...]:
        found: dict[tuple[str, str], ParameterDefinition] = {}
        for source, where in ((item, item_place), (operation, place)):
            given = source.get("parameters", [])
            if not isinstance(given, list) or len(given) > _MAX_PARAMETERS:
                self._problems.add((*where, "parameters"), f"is no list of at most {_MAX_PARAMETERS}", "Give a list")
                continue
            for index, parameter in enumerate(given):
                definition = self._parameter(parameter, (*where, "parameters", index))
                if definition is not None:
                    found[(definition.location, definition.name)] = definition
        for name in parameters_of(path):
            if ("path", name) not in found:
                found[("path", name)] = ParameterDefinition(name, "path", required=True, schema={"type": "string"})
        declared = {name for location, name in found if location == "path"}
        for name in sorted(declared - set(parameters_of(path))):
            self._problems.add(
                (*place, "parameters"), f"{name} is not in the path {path}", f"Add {{{name}}} to the path"
            )
        return tuple(found.values())

    def _parameter(self, given: Any, place: Place) -> ParameterDefinition | None:
        parameter, place = follow(self._document, given, place, self._problems)
        if parameter is None:
            return None
        if not isinstance(parameter, dict):
            self._problems.add(place, "is no object", "Give name, in and schema")
            return None
        name, location = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str) or not name:
            self._problems.add((*place, "name"), "is missing", "Name the parameter")
            return None
        if not isinstance(location, str) or location not in _LOCATIONS:
            self._problems.add((*place, "in"), "is none of path, query, header, cookie", "Say where it stands")
            return None
        return ParameterDefinition(
            name=name,
            location=location,
            required=parameter.get("required") is True or location == "path",
            schema=self._parameter_schema(parameter, location, place),
            description=text_of(parameter.get("description"), _MAX_DESCRIPTION),
            style=self._style(parameter, location, place),
            explode=self._explode(parameter, place),
        )

    def _parameter_schema(self, parameter: Mapping[str, Any], location: str, place: Place) -> dict[str, Any]:
        if "schema" in parameter:
            compiled = location in CHECKED_LOCATIONS
            return self._converter.convert(parameter["schema"], (*place, "schema"), compiled=compiled) or {}
        if not isinstance(parameter.get("content"), dict):
            return {}
        schema, at = self._json_schema(parameter["content"], (*place, "content"))
        converted = self._converter.convert(schema, at) if schema is not None else None
        if converted is None:
            return {}
        # The parameter is a text that holds JSON; references stay where they lead from.
        definitions = {"$defs": converted.pop("$defs")} if "$defs" in converted else {}
        return {"type": "string", "contentMediaType": "application/json", "contentSchema": converted, **definitions}

    def _style(self, parameter: Mapping[str, Any], location: str, place: Place) -> str | None:
        style = parameter.get("style")
        if style is None or style == usual_style(location):
            return None
        if not isinstance(style, str) or style not in STYLES:
            self._problems.add((*place, "style"), "is no style", f"Write one of {', '.join(STYLES)}")
            return None
        return style

    def _explode(self, parameter: Mapping[str, Any], place: Place) -> bool | None:
        explode = parameter.get("explode")
        if explode is None or isinstance(explode, bool):
            return explode
        self._problems.add((*place, "explode"), "is neither true nor false", "Write true or false")
        return None

    def _scopes(self, operation: Mapping[str, Any], place: Place, *, is_read: bool) -> tuple[str, ...]:
        """Those of the first OAuth requirement, else `system:read` or `system:write`."""
        at = (*place, "security") if "security" in operation else ("security",)
        security = operation.get("security", self._document.get("security", []))
        usual = (f"{self._system}:{'read' if is_read else 'write'}",)
        if not isinstance(security, list):
            self._problems.add(at, "is no list", "Give a list of requirements")
            return usual
        for index, requirement in enumerate(security):
            if not isinstance(requirement, dict):
                self._problems.add((*at, index), "is no object", "Name a security scheme")
                continue
            for scheme, scopes in requirement.items():
                if self._is_oauth(scheme, (*at, index, scheme)) and scopes:
                    return self._checked_scopes(scopes, (*at, index, scheme)) or usual
        return usual

    def _is_oauth(self, scheme: str, place: Place) -> bool:
        schemes, where = self._security_schemes()
        given = schemes.get(scheme) if isinstance(schemes, dict) else None
        if given is None:
            self._problems.add(place, f"is not among {'/'.join(map(str, where))}", "Describe it there")
            return False
        found, _ = follow(self._document, given, (*where, scheme), self._problems)
        return isinstance(found, dict) and found.get("type") in ("oauth2", "openIdConnect")

    def _security_schemes(self) -> tuple[Any, Place]:
        components = self._document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        return schemes, ("components", "securitySchemes")

    def _checked_scopes(self, scopes: Any, place: Place) -> tuple[str, ...]:
        bad = bad_scopes(scopes) if isinstance(scopes, list) else ["what is no list"]
        if bad:
            self._problems.add(place, f"has a scope no token can carry: {bad[0]!r}", "Use printable ASCII, no spaces")
            return ()
        return tuple(dict.fromkeys(scope_of(self._system, scope) for scope in scopes))

    def _body(
        self,
        operation: Mapping[str, Any],
        item: Mapping[str, Any],  # noqa: ARG002 - where other dialects have a body's schema too
        place: Place,
    ) -> dict[str, Any] | None:
        if "requestBody" not in operation:
            return None
        body, at = follow(self._document, operation["requestBody"], (*place, "requestBody"), self._problems)
        if body is None:
            return None
        if not isinstance(body, dict) or not isinstance(body.get("content"), dict):
            self._problems.add((*at, "content"), "is no object", "Give a schema by media type")
            return None
        schema, schema_at = self._json_schema(body["content"], (*at, "content"))
        return self._converter.convert(schema, schema_at, compiled=True) if schema is not None else None

    def _response(self, operation: Mapping[str, Any], place: Place) -> dict[str, Any] | None:
        responses = operation.get("responses", {})
        if not isinstance(responses, dict):
            self._problems.add((*place, "responses"), "is no object", "Describe the answers by status")
            return None
        for status in ("200", "201", "202", "2XX", "default"):
            if status not in responses:
                continue
            answer, at = follow(self._document, responses[status], (*place, "responses", status), self._problems)
            found = self._answer_schema(answer, at) if isinstance(answer, dict) else None
            if found is not None:
                return found
        return None

    def _answer_schema(self, answer: Mapping[str, Any], at: Place) -> dict[str, Any] | None:
        content = answer.get("content")
        if not isinstance(content, dict):
            return None
        schema, schema_at = self._json_schema(content, (*at, "content"))
        return self._converter.convert(schema, schema_at) if schema is not None else None

    def _json_schema(self, content: Mapping[str, Any], place: Place) -> tuple[Any, Place]:
        """The schema of the JSON among several media types."""
        for media_type, described in content.items():
            plain = media_type.partition(";")[0].strip().lower()
            if plain in {"application/json", "*/*", "application/*"} or plain.endswith("+json"):
                if isinstance(described, dict):
                    return described.get("schema"), (*place, media_type, "schema")
                self._problems.add((*place, media_type), "is no object", "Give a schema")
        return None, place


def text_of(value: Any, limit: int) -> str:
    return value.strip()[:limit] if isinstance(value, str) else ""


def _chinese(given: Any) -> dict[str, dict[str, str]]:
    """`x-zh` beside an operation: its summary and description in Chinese."""
    if not isinstance(given, dict):
        return {}
    title, description = text_of(given.get("summary"), _MAX_TITLE), text_of(given.get("description"), _MAX_DESCRIPTION)
    texts = {name: text for name, text in (("title", title), ("description", description)) if text}
    return {"zh": texts} if texts else {}


def _labels(tags: Any) -> tuple[str, ...]:
    """Tags that can be labels; others are nobody's loss."""
    given = tags if isinstance(tags, list) else ()
    labels = (tag.strip() for tag in given if isinstance(tag, str) and len(tag) <= _MAX_LABEL and tag.isprintable())
    return tuple(dict.fromkeys(filter(None, labels)))[:_MAX_LABELS]
