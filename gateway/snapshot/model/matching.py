"""Path templates compiled into a tree of segments: a static segment beats a parameter, a parameter beats a sub-path."""

from collections.abc import Iterable

from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.routes import Route

ANY = "ANY"


class _Node:
    __slots__ = ("parameter", "routes", "static", "subpath")

    def __init__(self) -> None:
        self.static: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.routes: dict[str, Route] = {}
        self.subpath: dict[str, Route] = {}


def segments_of(path: str) -> list[str]:
    """The segments of a path; slashes at both ends do not matter."""
    stripped = path.strip("/")
    return stripped.split("/") if stripped else []


def is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def parameters_of(template: str) -> tuple[str, ...]:
    """The names in a template, in order; raises ShardError for a half-braced segment or a repeated name."""
    names: list[str] = []
    for segment in segments_of(template):
        if is_parameter(segment):
            name = segment[1:-1]
            if not name.isidentifier() or name in names:
                raise ShardError(f"path: bad or repeated parameter {segment} in {template}")
            names.append(name)
        elif "{" in segment or "}" in segment:
            raise ShardError(f"path: a parameter must be a whole segment: {segment} in {template}")
    return tuple(names)


class RouteTable:
    """Immutable after construction. ``match`` answers the route and the raw values of its parameters."""

    __slots__ = ("_exact", "_root")

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        self._exact: dict[tuple[str, str], Route] = {}
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in segments_of(route.path):
            if is_parameter(segment):
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.static.setdefault(segment, _Node())
        slot = node.subpath if route.match_subpath else node.routes
        if route.method in slot:
            raise ShardError(f"components: {route.method} {route.path} is served by two components")
        slot[route.method] = route
        if not route.match_subpath and not route.path_parameters:
            self._exact[(route.method, "/".join(segments_of(route.path)))] = route

    def match(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """The route for a method and a path. A sub-path route gets the rest as it stood for its last value."""
        bare = path.strip("/")
        exact = self._exact.get((method, bare))
        if exact is not None:
            return exact, ()
        found = _walk(self._root, bare.split("/") if bare else [], 0, method, ())
        if found is not None and found[0].match_subpath and path.endswith("/") and found[1][-1]:
            route, values = found
            return route, (*values[:-1], f"{values[-1]}/")
        return found


def _walk(
    node: _Node, segments: list[str], position: int, method: str, values: tuple[str, ...]
) -> tuple[Route, tuple[str, ...]] | None:
    if position == len(segments):
        route = node.routes.get(method) or node.routes.get(ANY)
        if route is not None:
            return route, values
    else:
        segment = segments[position]
        child = node.static.get(segment)
        found = _walk(child, segments, position + 1, method, values) if child is not None else None
        if found is None and node.parameter is not None and segment:
            found = _walk(node.parameter, segments, position + 1, method, (*values, segment))
        if found is not None:
            return found
    route = node.subpath.get(method) or node.subpath.get(ANY)
    return (route, (*values, "/".join(segments[position:]))) if route is not None else None
