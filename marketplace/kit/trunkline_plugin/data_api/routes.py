"""Which view stands at a path: `path`, `re_path` and `include`, matched as Django matches them."""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from trunkline_plugin.data_api.errors import NoView

View = Callable[..., Any]
_CONVERTERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "str": ("[^/]+", str),
    "int": ("[0-9]+", int),
    "slug": ("[-a-zA-Z0-9_]+", str),
    "uuid": ("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", str),
    "path": (".+", str),
}
_PART = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>[^\W\d]\w*)>")


class RoutePattern:
    """A path with its parts by name; `match` answers as Django's patterns do."""

    def __init__(self, route: str, *, whole: bool, is_regex: bool = False) -> None:
        self._converters: dict[str, Callable[[str], Any]] = {}
        self._pattern = re.compile(route if is_regex else self._regex(route) + (r"\Z" if whole else ""))
        self._is_regex = is_regex

    def match(self, path: str) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
        found = self._pattern.search(path) if self._is_regex else self._pattern.match(path)
        if found is None:
            return None
        named = {name: self._converters.get(name, str)(value) for name, value in found.groupdict().items() if value}
        return path[found.end() :], () if named else found.groups(), named

    def _regex(self, route: str) -> str:
        pieces, end = [], 0
        for part in _PART.finditer(route):
            pattern, convert = _CONVERTERS[part["kind"] or "str"]
            self._converters[part["name"]] = convert
            pieces += [re.escape(route[end : part.start()]), f"(?P<{part['name']}>{pattern})"]
            end = part.end()
        return "".join([*pieces, re.escape(route[end:])])


class Route:
    """One entry of `urlpatterns`: a view, or further entries."""

    def __init__(self, pattern: RoutePattern, target: Any, name: str | None) -> None:
        self.pattern = pattern
        self.name = name
        if isinstance(target, Included):
            self.url_patterns = target.url_patterns
        else:
            self.callback = target


class Included:
    def __init__(self, url_patterns: Iterable[Any]) -> None:
        self.url_patterns = list(url_patterns)


def path(route: str, view: Any, kwargs: Mapping[str, Any] | None = None, name: str | None = None) -> Route:
    """A view, or what `include` gives, below a route such as `hosts/<int:biz>/`."""
    return Route(RoutePattern(route, whole=not isinstance(view, Included)), _with(view, kwargs), name)


def re_path(route: str, view: Any, kwargs: Mapping[str, Any] | None = None, name: str | None = None) -> Route:
    """As `path`, by a regular expression."""
    return Route(RoutePattern(route, whole=False, is_regex=True), _with(view, kwargs), name)


def include(target: Any) -> Included:
    """The `urlpatterns` of a module, or a list of routes."""
    found = import_module(target) if isinstance(target, str) else target
    return Included(getattr(found, "urlpatterns", found))


def find_view(routes: Iterable[Any], path: str) -> tuple[View, tuple[Any, ...], dict[str, Any]]:
    """The view at a path, with what the path says to it; the routes may be Django's own.

    Raises:
        NoView: none stands there.
    """
    for route in routes:
        found = route.pattern.match(path)
        if found is None:
            continue
        rest, args, named = found
        if not hasattr(route, "url_patterns"):
            return route.callback, args, named
        try:
            view, more, further = find_view(route.url_patterns, rest)
        except NoView:
            continue
        return view, (*args, *more), {**named, **further}
    raise NoView(path)


def _with(view: Any, kwargs: Mapping[str, Any] | None) -> Any:
    if not kwargs:
        return view
    fixed = dict(kwargs)
    return lambda request, *args, **named: view(request, *args, **fixed, **named)
