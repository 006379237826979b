"""BlueKing's ``definition.yaml``: the gateway around the resources, its stages and who may call it. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.registry.component_definition import DEFAULT_UPSTREAM
from gateway.registry.importers.blueking_resource import read_plugins
from gateway.registry.importers.references import Place, Problems
from gateway.snapshot.model.upstreams import HIGHEST_WEIGHT, MOST_TARGETS
from kernel.errors import FieldProblem
from kernel.forms.bounds import Bounds, bound_problem

_BOUNDS = Bounds(depth=30, values=50_000, characters=2 * 1024 * 1024)
_STAGE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_APP = re.compile(r"[a-z][a-z0-9_-]{1,31}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,49}")
_MAX_STAGES = 20
_MAX_TEXT = 4_000
_LONGEST_TIMEOUT = 3600
_BALANCES: Final = {
    "roundrobin": "round-robin",
    "weighted-roundrobin": "round-robin",
    "least_conn": "least-connections",
    "ewma": "least-connections",
    "chash": "consistent-hash",
}


@dataclass(frozen=True, slots=True)
class StageDefinition:
    """Attributes:
    upstreams: by name, as `gateway.snapshot.model.upstreams` has them.
    policies: `{"kind", "config"}` each.
    """

    name: str
    description: str
    variables: Mapping[str, str]
    upstreams: Mapping[str, Mapping[str, Any]]
    policies: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class GrantDefinition:
    """Components, or none for the whole system."""

    app_code: str
    components: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class GatewayDefinition:
    """Attributes:
    problems: when there is one, nothing of the document may be used.
    notes: what it asks for that is not done here.
    """

    version: str | None = None
    comment: str = ""
    description: str = ""
    description_en: str = ""
    is_public: bool = True
    maintainers: tuple[str, ...] = ()
    stages: tuple[StageDefinition, ...] = ()
    grants: tuple[GrantDefinition, ...] = ()
    related_apps: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    notes: tuple[FieldProblem, ...] = ()


def read_definition(document: Any) -> GatewayDefinition:
    """What a definition file says, after `read_template`; or what is wrong with it, each at its JSON pointer."""
    past = bound_problem(document, _BOUNDS, "/")
    if past is not None:
        return GatewayDefinition(problems=(past,))
    reader = _Reader()
    if not isinstance(document, dict):
        reader.problems.add((), "is no object", "Give spec_version, apigateway and stages")
        return GatewayDefinition(problems=tuple(reader.problems.found))
    definition = reader.read(document)
    if reader.problems.found:
        return GatewayDefinition(problems=tuple(reader.problems.found))
    return definition


class _Reader:
    def __init__(self) -> None:
        self.problems = Problems()
        self.notes = Problems()

    def read(self, document: Mapping[str, Any]) -> GatewayDefinition:
        release = self._object(document, "release", ())
        about = self._object(document, "apigateway", ())
        version = release.get("version")
        stages = document.get("stages")
        if stages is None:  # how the first version of the format wrote its only stage
            stages = [document["stage"]] if "stage" in document else []
        return GatewayDefinition(
            version=str(version) if version is not None else None,
            comment=_text(release.get("comment")),
            description=_text(about.get("description")),
            description_en=_text(about.get("description_en")),
            is_public=about.get("is_public") is not False,
            maintainers=tuple(self._names(about.get("maintainers"), ("apigateway", "maintainers"), None)),
            stages=tuple(self._stages(stages)),
            grants=tuple(self._grants(document.get("grant_permissions"))),
            related_apps=tuple(self._names(document.get("related_apps"), ("related_apps",), _APP)),
            notes=tuple(self.notes.found),
        )

    def _object(self, document: Mapping[str, Any], name: str, place: Place) -> Mapping[str, Any]:
        value = document.get(name)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.problems.add((*place, name), "is no object", "Give an object, or leave it out")
        return {}

    def _list(self, value: Any, place: Place) -> list[Any]:
        if isinstance(value, list):
            return value
        if value is not None:
            self.problems.add(place, "is no list", "Give a list, or leave it out")
        return []

    def _names(self, value: Any, place: Place, pattern: re.Pattern[str] | None) -> Iterator[str]:
        for index, name in enumerate(self._list(value, place)):
            if isinstance(name, str) and (pattern is None or pattern.fullmatch(name)):
                yield name
            else:
                self.problems.add((*place, index), "is no name", "Use small letters, digits, _ and -")

    def _stages(self, value: Any) -> Iterator[StageDefinition]:
        given = self._list(value, ("stages",))
        if len(given) > _MAX_STAGES:
            self.problems.add(("stages",), f"has {len(given)} stages, at most {_MAX_STAGES} are taken", "Split it")
            return
        seen: set[str] = set()
        for index, stage in enumerate(given):
            place: Place = ("stages", index)
            name = stage.get("name") if isinstance(stage, dict) else None
            if not isinstance(name, str) or not _STAGE.fullmatch(name) or name in seen:
                self.problems.add((*place, "name"), "is no name, or another stage's", "Write prod, test or the like")
                continue
            seen.add(name)
            yield self._stage(stage, name, place)

    def _stage(self, stage: Mapping[str, Any], name: str, place: Place) -> StageDefinition:
        if stage.get("mcp_servers"):
            self.notes.add((*place, "mcp_servers"), "are not made by an import", "Make them where they are managed")
        plugins = (*place, "plugin_configs")
        policies = read_plugins(stage.get("plugin_configs"), plugins, self.problems, self.notes)
        return StageDefinition(
            name=name,
            description=_text(stage.get("description")),
            variables=dict(self._variables(self._object(stage, "vars", place), (*place, "vars"))),
            upstreams=dict(self._upstreams(stage, place)),
            policies=tuple(policy.to_document() for policy in policies),
        )

    def _variables(self, given: Mapping[str, Any], place: Place) -> Iterator[tuple[str, str]]:
        for name, value in given.items():
            if not _VARIABLE.fullmatch(name) or isinstance(value, dict | list) or value is None:
                self.problems.add((*place, name), "is no variable", "Give a name of letters, digits and _, and a text")
            else:
                yield name, str(value)

    def _upstreams(self, stage: Mapping[str, Any], place: Place) -> Iterator[tuple[str, dict[str, Any]]]:
        for index, backend in enumerate(self._list(stage.get("backends"), (*place, "backends"))):
            at: Place = (*place, "backends", index)
            if not isinstance(backend, dict):
                self.problems.add(at, "is no object", "Give name and config")
                continue
            name = str(backend.get("name") or DEFAULT_UPSTREAM).lower()
            if not _NAME.fullmatch(name):
                self.problems.add((*at, "name"), "can't be the name of an upstream", "Use letters, digits, _ and -")
                continue
            yield name, self._upstream(self._object(backend, "config", at), (*at, "config"))
        proxy = self._object(stage, "proxy_http", place)
        if proxy:
            inner = self._object(proxy, "upstreams", (*place, "proxy_http"))
            merged = {"timeout": proxy.get("timeout"), **inner}
            yield DEFAULT_UPSTREAM, self._upstream(merged, (*place, "proxy_http", "upstreams"))

    def _upstream(self, config: Mapping[str, Any], place: Place) -> dict[str, Any]:
        targets: list[dict[str, Any]] = []
        hosts = self._list(config.get("hosts"), (*place, "hosts"))
        for index, host in enumerate(hosts):
            address = host.get("host") if isinstance(host, dict) else None
            weight = host.get("weight", 100) if isinstance(host, dict) else 100
            if not isinstance(address, str) or not address.startswith(("http://", "https://")):
                self.problems.add(
                    (*place, "hosts", index, "host"), "is no http address", "Write http://api.example.com"
                )
            elif isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= HIGHEST_WEIGHT:
                self.problems.add(
                    (*place, "hosts", index, "weight"), f"is none of 0 to {HIGHEST_WEIGHT}", "Write a whole number"
                )
            else:
                targets.append({"url": address.rstrip("/"), "weight": weight})
        if not 0 < len(hosts) <= MOST_TARGETS:
            self.problems.add((*place, "hosts"), f"has not 1 to {MOST_TARGETS} hosts", "Give one at least")
        balance = _BALANCES.get(str(config.get("loadbalance", "roundrobin")))
        if balance is None:
            self.problems.add((*place, "loadbalance"), f"is none of {', '.join(_BALANCES)}", "Write roundrobin")
        document: dict[str, Any] = {"targets": targets, "balance": balance}
        timeout = config.get("timeout")
        if isinstance(timeout, dict):  # {connect, read, send}, as an older console sent it
            timeout = timeout.get("read")
        if timeout is not None:
            if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= _LONGEST_TIMEOUT:
                self.problems.add((*place, "timeout"), "is no number of seconds up to 3600", "Write 60")
            else:
                document["timeout"] = float(timeout)
        return document

    def _grants(self, value: Any) -> Iterator[GrantDefinition]:
        place: Place = ("grant_permissions",)
        for index, grant in enumerate(self._list(value, place)):
            app = grant.get("bk_app_code") if isinstance(grant, dict) else None
            dimension = grant.get("grant_dimension", "gateway") if isinstance(grant, dict) else None
            if not isinstance(app, str) or not _APP.fullmatch(app):
                self.problems.add((*place, index, "bk_app_code"), "is no code of an app", "Write the app's code")
            elif dimension in ("gateway", "api"):
                yield GrantDefinition(app, None)
            elif dimension == "resource":
                names = (*place, index, "resource_names")
                yield GrantDefinition(app, tuple(self._names(grant.get("resource_names"), names, None)))
            else:
                self.problems.add(
                    (*place, index, "grant_dimension"), "is neither gateway nor resource", "Write gateway"
                )


def _text(value: Any) -> str:
    return value.strip()[:_MAX_TEXT] if isinstance(value, str) else ""
