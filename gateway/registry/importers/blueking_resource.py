"""``x-bk-apigateway-resource`` of an operation: what BlueKing's API Gateway says of it beyond OpenAPI."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from gateway.policies.kinds.blueking import PluginUnsupported, from_blueking
from gateway.policies.kinds.policy import Policy, PolicyError
from gateway.registry.component_checks import MOCK
from gateway.registry.component_definition import DEFAULT_UPSTREAM, ComponentDefinition
from gateway.registry.importers.naming import path_problem
from gateway.registry.importers.references import Place, Problems
from gateway.snapshot.model.systems import METHODS
from gateway.snapshot.model.variables import REFERENCE

EXTENSION: Final = "x-bk-apigateway-resource"
STATED: Final = frozenset(
    {
        "match_subpath", "enable_websocket", "upstream", "upstream_method", "upstream_path", "timeout", "mock",
        "policies", "app_required", "user_required", "grant_required", "is_public", "allow_apply", "labels",
    }
)  # fmt: skip
"""The members of a component a document with this extension speaks of."""

_UPSTREAM = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_LONGEST_TIMEOUT = 3600
_MAX_TEXT = 10_000
_FLAGS = {
    "isPublic": "is_public",
    "allowApplyPermission": "allow_apply",
    "matchSubpath": "match_subpath",
    "enableWebsocket": "enable_websocket",
}
_AUTH_FLAGS = {
    "appVerifiedRequired": "app_required",
    "userVerifiedRequired": "user_required",
    "resourcePermissionRequired": "grant_required",
}


class ResourceReader:
    """Reads the extensions of one document.

    Attributes:
        notes: what the document asks for that is not done here, by its place.
    """

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self.notes = Problems()
        self.found = False

    def read(self, component: ComponentDefinition, operation: Mapping[str, Any], place: Place) -> ComponentDefinition:
        """The component with what its operation's extension says."""
        given = operation.get(EXTENSION)
        if given is None:
            return component
        self.found = True
        at: Place = (*place, EXTENSION)
        if not isinstance(given, dict):
            self._problems.add(at, "is no object", "Give backend, authConfig and the like")
            return component
        values: dict[str, Any] = dict(self._flags(given, _FLAGS, at))
        auth = given.get("authConfig", {})
        if isinstance(auth, dict):
            values |= self._flags(auth, _AUTH_FLAGS, (*at, "authConfig"))
        else:
            self._problems.add((*at, "authConfig"), "is no object", "Give appVerifiedRequired and the like")
        values |= self._backend(given, component, at)
        values |= self._policies(given, at)
        english = given.get("descriptionEn")
        if isinstance(english, str) and english.strip():
            values["texts"] = {**component.texts, "en": {"description": english.strip()[:_MAX_TEXT]}}
        return replace(component, **values)

    def _flags(self, given: Mapping[str, Any], names: Mapping[str, str], at: Place) -> Iterator[tuple[str, bool]]:
        for name, member in names.items():
            value = given.get(name)
            if isinstance(value, bool):
                yield member, value
            elif value is not None:
                self._problems.add((*at, name), "is neither true nor false", "Write true or false")

    def _backend(self, given: Mapping[str, Any], component: ComponentDefinition, at: Place) -> dict[str, Any]:
        backend, at = given.get("backend", {}), (*at, "backend")
        if not isinstance(backend, dict):
            self._problems.add(at, "is no object", "Give method and path")
            return {}
        if backend.get("type", "HTTP") != "HTTP":
            self._problems.add((*at, "type"), "is not HTTP", "Only HTTP backends are forwarded to")
        if bool(backend.get("matchSubpath", False)) != bool(given.get("matchSubpath", False)):
            self._problems.add((*at, "matchSubpath"), "differs from the resource's", "Write the same in both places")
        return {
            "upstream": self._upstream(backend, at),
            "upstream_method": self._method(backend, component, at),
            "upstream_path": self._path(backend, component, at),
            "timeout": self._timeout(backend, at),
        }

    def _upstream(self, backend: Mapping[str, Any], at: Place) -> str:
        name = backend.get("name") or DEFAULT_UPSTREAM
        if isinstance(name, str) and _UPSTREAM.fullmatch(name.lower()):
            return name.lower()
        self._problems.add((*at, "name"), "can't be the name of an upstream", "Use letters, digits, _ and -")
        return DEFAULT_UPSTREAM

    def _method(self, backend: Mapping[str, Any], component: ComponentDefinition, at: Place) -> str | None:
        method = str(backend.get("method") or component.method).upper()
        if method not in METHODS:
            self._problems.add((*at, "method"), "is no method this gateway sends", "Write get, post or the like")
        return None if method in (component.method, "ANY") else method

    def _path(self, backend: Mapping[str, Any], component: ComponentDefinition, at: Place) -> str | None:
        path = backend.get("path") or component.path
        wrong = path_problem(REFERENCE.sub("v", path)) if isinstance(path, str) else "is no text"
        if wrong is not None:
            self._problems.add((*at, "path"), wrong, "Write a path like /v1/hosts/{host_id}/")
        return None if path == component.path or not isinstance(path, str) else path

    def _timeout(self, backend: Mapping[str, Any], at: Place) -> float | None:
        timeout = backend.get("timeout") or 0
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 <= timeout <= _LONGEST_TIMEOUT:
            self._problems.add((*at, "timeout"), f"is none of 0 to {_LONGEST_TIMEOUT} seconds", "Write 0 for the usual")
            return None
        return float(timeout) or None

    def _policies(self, given: Mapping[str, Any], at: Place) -> dict[str, Any]:
        found = list(read_plugins(given.get("pluginConfigs"), (*at, "pluginConfigs"), self._problems, self.notes))
        mock = next((policy.to_document()["config"] for policy in found if policy.kind == MOCK), None)
        documents = tuple(policy.to_document() for policy in found if policy.kind != MOCK)
        return {"policies": documents, "mock": mock}


def read_plugins(given: Any, at: Place, problems: Problems, notes: Problems) -> Iterator[Policy]:
    """The policies that a list of `{type, yaml}` stands for; those there is no policy for are noted."""
    if given is None:
        return
    if not isinstance(given, list):
        problems.add(at, "is no list", "Give plugins with type and yaml")
        return
    for index, plugin in enumerate(given):
        place: Place = (*at, index)
        if not isinstance(plugin, dict) or not isinstance(plugin.get("type"), str):
            problems.add(place, "names no type", "Give type and yaml")
            continue
        text = plugin.get("yaml", "")
        try:
            yield from_blueking(plugin["type"], text if isinstance(text, str) else "")
        except PluginUnsupported as error:
            notes.add(place, str(error))
        except PolicyError as error:
            for problem in error.problems:
                problems.add((*place, "yaml"), f"{problem.field}: {problem.problem}")
