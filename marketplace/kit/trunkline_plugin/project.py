"""A plugin's project, read from its folder: `bk_plugin/versions`, `forms`, `meta`, `settings` and its data APIs."""

import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from trunkline_plugin.legacy.names import legacy_names
from trunkline_plugin.plugin import Plugin
from trunkline_plugin.settings import Settings, read_settings, use
from trunkline_plugin.versions import VersionHub

PACKAGE = "bk_plugin"
_API_ROOMS = {"plugin_api": "apis", "openapi": "openapi", "private": "private"}


class ProjectUnreadable(Exception):
    """The folder holds no plugin, or one whose description is wrong; the message says what."""


@dataclass(frozen=True, slots=True)
class Project:
    """What is served.

    Attributes:
        versions: each version's class, by number.
        allow_scope: by app code, in which scopes that app may call; who isn't named may call in all.
        apis: routes of the data APIs, by the part of the address they stand below.
    """

    folder: Path
    description: str
    allow_scope: Mapping[str, Mapping[str, Any]]
    versions: Mapping[str, type[Plugin]]
    apis: Mapping[str, list[Any]]
    settings: Settings


@contextmanager
def opened(folder: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Project]:
    """Imports the project; what it imported is forgotten at the end.

    Raises:
        ProjectUnreadable: see there.
    """
    if not (folder / PACKAGE / "versions").is_dir():
        raise ProjectUnreadable(f"{folder} holds no {PACKAGE}/versions; begin with `trunkline plugin new`")
    with ExitStack() as stack:
        stack.enter_context(legacy_names(django="DJANGO_SETTINGS_MODULE" not in environ))
        stack.enter_context(_importable(folder.resolve()))
        yield _read(folder, environ)


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    VersionHub.clear()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        VersionHub.clear()
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def _read(folder: Path, environ: Mapping[str, str]) -> Project:
    settings = read_settings(environ, _optional(f"{PACKAGE}.settings"))
    use(settings)
    meta = _optional(f"{PACKAGE}.meta")
    versions = import_module(f"{PACKAGE}.versions")
    for name in _modules(Path(versions.__path__[0])):
        import_module(f"{versions.__name__}.{name}")
    found = VersionHub.all_plugins()
    for version, plugin in found.items():
        plugin.renderform = read_form(folder, version)
    return Project(
        folder=folder,
        description=getattr(meta, "description", ""),
        allow_scope=_allow_scope(getattr(meta, "allow_scope", {})),
        versions=found,
        apis={place: routes for place, room in _API_ROOMS.items() if (routes := _routes(room)) is not None},
        settings=settings,
    )


def read_form(folder: Path, version: str) -> str | None:
    """The version's `form.js`; None where it has none."""
    form = form_file(folder, version)
    return form.read_text(encoding="utf-8") if form.is_file() else None


def form_file(folder: Path, version: str) -> Path:
    """Where a version's `form.js` stands, if it has one."""
    return folder / PACKAGE / "forms" / version / "form.js"


def _modules(folder: Path) -> Iterator[str]:
    for module in sorted(pkgutil.iter_modules([str(folder)]), key=lambda module: module.name):
        if module.name.startswith("_"):
            continue
        if module.ispkg:
            yield from (f"{module.name}.{name}" for name in _modules(folder / module.name))
        else:
            yield module.name


def _routes(room: str) -> list[Any] | None:
    module = _optional(f"{PACKAGE}.{room}.urls")
    return None if module is None else list(module.urlpatterns)


def _optional(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        return None


def _allow_scope(given: Any) -> Mapping[str, Mapping[str, Any]]:
    for app, scope in given.items() if isinstance(given, dict) else [("allow_scope", given)]:
        value = scope.get("value") if isinstance(scope, dict) else None
        if not isinstance(value, list) or not isinstance(scope.get("type"), str):
            problem = f"{PACKAGE}/meta.py: allow_scope[{app!r}] must be like"
            raise ProjectUnreadable(f"{problem} {{'type': 'project', 'value': ['1']}}")
    return given
