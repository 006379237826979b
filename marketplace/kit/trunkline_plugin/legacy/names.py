"""Answers `import bk_plugin_framework.kit`, the few names of Django that data APIs import, and pydantic 1's validators.

Django's names stand in only where `DJANGO_SETTINGS_MODULE` is not set: a plugin that needs more of Django has it in its
environment and says so by that variable.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import pydantic

import trunkline_plugin
from trunkline_plugin import data_api, states, v1_validators, versions
from trunkline_plugin.callback_tokens import CallbackPreparation
from trunkline_plugin.legacy.django_settings import settings


def _kit() -> dict[str, Any]:
    return {name: getattr(trunkline_plugin, name) for name in trunkline_plugin.__all__}


def _decorators() -> dict[str, Any]:
    """The gateway is asked for, and the user's token set, before a view is called."""
    return {"inject_user_token": lambda view: view, "login_exempt": lambda view: view}


def _statuses() -> dict[str, Any]:
    return {f"HTTP_{status.value}_{status.name}": status.value for status in HTTPStatus}


_FRAMEWORK: dict[str, Callable[[], dict[str, Any]]] = {
    "bk_plugin_framework": dict,
    "bk_plugin_framework.constants": lambda: {"State": states.State},
    "bk_plugin_framework.hub": lambda: {"VersionHub": versions.VersionHub},
    "bk_plugin_framework.kit": _kit,
    "bk_plugin_framework.kit.api": lambda: {"PluginAPIView": data_api.PluginAPIView},
    "bk_plugin_framework.kit.decorators": _decorators,
    "bk_plugin_framework.kit.plugin": lambda: _kit() | {"CallbackPreparation": CallbackPreparation},
}
_DJANGO: dict[str, Callable[[], dict[str, Any]]] = {
    "django": dict,
    "django.conf": lambda: {"settings": settings},
    "django.urls": lambda: {name: getattr(data_api, name) for name in ("include", "path", "re_path")},
    "rest_framework": dict,
    "rest_framework.request": lambda: {"Request": data_api.Request},
    "rest_framework.response": lambda: {"Response": data_api.Response},
    "rest_framework.status": _statuses,
}
_PACKAGES = frozenset({"bk_plugin_framework", "bk_plugin_framework.kit", "django", "rest_framework"})


class LegacyNames(MetaPathFinder, Loader):
    """Finds these modules before any that are installed."""

    def __init__(self, *, django: bool) -> None:
        self._modules = {**_FRAMEWORK, **(_DJANGO if django else {})}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  as Python calls it
        target: ModuleType | None = None,  # noqa: ARG002  as Python calls it
    ) -> ModuleSpec | None:
        if fullname in self._modules:
            return ModuleSpec(fullname, self, is_package=fullname in _PACKAGES)
        if "django" in self._modules and fullname.partition(".")[0] in {"django", "rest_framework"}:
            problem = f"{fullname} is not among the names that stand in for Django"
            raise ModuleNotFoundError(f"{problem}: install Django and set DJANGO_SETTINGS_MODULE", name=fullname)
        return None

    def create_module(self, spec: ModuleSpec) -> None:  # noqa: ARG002  as Python calls it
        return None

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self._modules[module.__name__]())


@contextmanager
def legacy_names(*, django: bool) -> Iterator[None]:
    """Makes the names known as long as it is entered; what was imported under them before comes back afterwards."""
    finder = LegacyNames(django=django)
    roots = {name.partition(".")[0] for name in finder._modules}  # noqa: SLF001  its own
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in roots}
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        with _validators_of_pydantic_1():
            yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in roots]:
            del sys.modules[name]
        sys.modules.update(before)


@contextmanager
def _validators_of_pydantic_1() -> Iterator[None]:
    """Pydantic 2's own of these names refuse what plugins written for pydantic 1 do with them."""
    names = ("validator", "root_validator")
    before = {name: getattr(pydantic, name) for name in names}
    for name in names:
        setattr(pydantic, name, getattr(v1_validators, name))
    try:
        yield
    finally:
        for name, own in before.items():
            setattr(pydantic, name, own)
