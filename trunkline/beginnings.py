"""Routers that are asked only for paths which begin as theirs do: going through every route of the API for each request
costs more than most requests do otherwise.
"""

import re

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

_END = re.compile("[/:]")


class BeginningRouter(APIRouter):
    """The routes of `router` below `prefix`."""

    def __init__(self, router: APIRouter, prefix: str) -> None:
        super().__init__()
        self.include_router(router, prefix=prefix)
        self._prefix = f"{prefix}/"
        self._beginnings = frozenset(map(_beginning_of_route, router.routes))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(self._prefix):
            return Match.NONE, {}
        if None not in self._beginnings and _beginning(path[len(self._prefix) :]) not in self._beginnings:
            return Match.NONE, {}
        return super().matches(scope)


def _beginning(path: str) -> str:
    """What stands before the first `/` or `:`."""
    return _END.split(path, maxsplit=1)[0]


def _beginning_of_route(route: BaseRoute) -> str | None:
    """None where any path may be its."""
    beginning = _beginning(getattr(route, "path", "/{any}")[1:])
    return None if "{" in beginning else beginning
