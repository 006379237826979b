"""A system with its stages, compiled from its shard document.

::

    {"kind": "system", "name": "cmdb", "aliases": ["cc"], "self_service": false, "parameter_credentials": false,
     "policies": [], "stages": {"prod": {
        "release": "1.0.0",
        "upstreams": {"default": {"targets": [{"url": "http://10.0.0.5/cmdb"}], "timeout": 30}},
        "signing": {"profile": "http-message-signature", "key_id": "cmdb", "secret": "<sealed>", "issuer": "APIGW"},
        "envelope": false, "validate_requests": true, "variables": {}, "policies": [],
        "components": [{"name": "search_business", "method": "POST", "path": "/search_business",
            "upstream": "default", "upstream_method": "POST", "upstream_path": "/search_business",
            "scopes": ["cmdb:read"], "query_parameters": [], "match_subpath": false, "body_schema": null,
            "parameters": [], "timeout": null, "app_required": true, "user_required": false, "grant_required": true,
            "policies": [{"kind": "body-limit", "config": {"max_bytes": 1000}}]}]}}}

Everything but names, release, the upstreams' targets and a component's name, method and path may be left out. An only
upstream may be told in short: ``"upstream": {"base_url": "http://10.0.0.5/cmdb", "timeout": 30}``; ``upstreams`` says
what else there is to tell about one. While a release is tried on a stage, the stage has ``"canary": {"release":
"1.1.0", "share": 10, "apps": ["shop"], "salt": "…", "components": […]}``. An ``upstream_path`` may hold stage
variables: ``/{env.area}/hosts``.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast, get_args

from gateway.policies.kinds.placing import NOTHING, Effective, placed
from gateway.policies.kinds.policy import Level
from gateway.snapshot.model.canary import Canary
from gateway.snapshot.model.documents import OpenSecret, have, need, objects, policies, read_source, source_of, strings
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.mapping import Assignment, read_mapping
from gateway.snapshot.model.matching import RouteTable, parameters_of
from gateway.snapshot.model.parameters import Parameter, read_parameters
from gateway.snapshot.model.routes import Route, Signing, SigningProfile, StageSettings
from gateway.snapshot.model.upstreams import DEFAULT, NOWHERE, Upstream, compile_upstream, one_target
from gateway.snapshot.model.variables import fill_path
from kernel.signing.jwt import ESB_KEY_ID, load_private_key

PROFILES: tuple[str, ...] = get_args(SigningProfile)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"})


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    settings: StageSettings
    table: RouteTable
    components: Mapping[str, Route]
    canary: Canary | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SystemShard:
    """``self_service``: its components answer by method and path at the ESB's ``/api/c/self-service-api/`` too."""

    name: str
    aliases: tuple[str, ...]
    stages: Mapping[str, Stage]
    source: str = field(repr=False)
    self_service: bool = False

    @property
    def key(self) -> str:
        return f"system:{self.name}"

    @classmethod
    def from_document(cls, document: Mapping[str, Any], open_secret: OpenSecret) -> "SystemShard":
        """Compiles the document; raises ShardError naming the field. ``open_secret`` decrypts the sealed keys."""
        name = need(document, "name", str)
        by_parameters = have(document, "parameter_credentials", False)
        governed = placed(NOTHING, Level.SYSTEM, name, policies(document, Level.SYSTEM))
        stages = {
            stage_name: _stage(name, stage_name, stage, open_secret, governed, by_parameters)
            for stage_name, stage in need(document, "stages", dict).items()
        }
        aliases, self_service = tuple(strings(document, "aliases")), have(document, "self_service", False)
        return cls(name, aliases, MappingProxyType(stages), source_of(document), self_service)

    def to_document(self) -> Mapping[str, Any]:
        """The document it was compiled from; secrets in it are still sealed."""
        return read_source(self.source)


def _stage(
    system: str,
    name: str,
    document: Mapping[str, Any],
    open_secret: OpenSecret,
    governed: Effective,
    by_parameters: bool,  # noqa: FBT001 - a member of the document
) -> Stage:
    variables: dict[str, str] = have(document, "variables", {})
    settings = StageSettings(
        system=system,
        stage=name,
        release=need(document, "release", str),
        signing=_signing(have(document, "signing", {"profile": "none"}), open_secret),
        envelope=have(document, "envelope", False),
        validate_requests=have(document, "validate_requests", True),
        variables=MappingProxyType(variables),
        upstreams=MappingProxyType(_upstreams(document, open_secret)),
        parameter_credentials=by_parameters,
        policies=placed(governed, Level.STAGE, f"{system}/{name}", policies(document, Level.STAGE)),
    )
    table, components = _routes(settings, document)
    canary = document.get("canary")
    return Stage(settings, table, components, _canary(settings, canary) if canary is not None else None)


def _routes(settings: StageSettings, document: Mapping[str, Any]) -> tuple[RouteTable, Mapping[str, Route]]:
    routes = [_route(settings, component) for component in objects(document, "components")]
    components = {route.component: route for route in routes}
    if len(components) != len(routes):
        raise ShardError("components: two components have the same name")
    return RouteTable(routes), MappingProxyType(components)


def _canary(settings: StageSettings, document: Mapping[str, Any]) -> Canary:
    release = need(document, "release", str)
    table, components = _routes(replace(settings, release=release, canary=True), document)
    return Canary(
        release=release,
        share=need(document, "share", int),
        apps=frozenset(strings(document, "apps")),
        salt=have(document, "salt", ""),
        table=table,
        components=components,
    )


def _upstreams(document: Mapping[str, Any], open_secret: OpenSecret) -> dict[str, Upstream]:
    told: dict[str, Any] = have(document, "upstreams", {})
    if not told and "upstream" in document:
        told = {DEFAULT: one_target(need(document, "upstream", dict))}
    return {name: compile_upstream(name, need(told, name, dict), open_secret) for name in told}


def _signing(document: Mapping[str, Any], open_secret: OpenSecret) -> Signing:
    profile = need(document, "profile", str)
    if profile not in PROFILES:
        raise ShardError(f"signing.profile: {profile} is not one of {', '.join(PROFILES)}")
    if profile == "none":
        return Signing("none")
    parameters: dict[str, str] = have(document, "parameters", {})
    esb_secret = have(document, "esb_secret", "")
    secret = open_secret(need(document, "secret", str))
    if profile == "jwt":
        with suppress(ValueError):  # told to whoever calls; here it is only checked off the road, and remembered
            load_private_key(secret)
    return Signing(
        profile=cast("SigningProfile", profile),
        key_id=have(document, "key_id", ""),
        secret=secret,
        issuer=have(document, "issuer", "APIGW"),
        parameters=MappingProxyType(parameters),
        esb_secret=open_secret(esb_secret) if esb_secret else b"",
        esb_key_id=have(document, "esb_key_id", ESB_KEY_ID),
    )


def _route(settings: StageSettings, document: Mapping[str, Any]) -> Route:
    name = need(document, "name", str)
    method = need(document, "method", str).upper()
    path = need(document, "path", str)
    upstream_path = fill_path(have(document, "upstream_path", path), settings.variables)
    upstream_method = have(document, "upstream_method", method).upper()
    if method not in METHODS or upstream_method not in METHODS:
        raise ShardError(f"components.{name}.method: {method} is not an HTTP method this gateway serves")
    parameters = parameters_of(path)
    upstream_parameters = parameters_of(upstream_path)
    mapping = _mapping(settings, document, parameters, upstream_parameters)
    filled = {each.to.name for each in mapping if each.to.location == "path"}
    unknown = set(upstream_parameters) - set(parameters) - filled
    if unknown:
        raise ShardError(f"components.{name}.upstream_path: {', '.join(sorted(unknown))} is not a parameter of {path}")
    timeout = document.get("timeout")
    own_scope = f"{settings.system}.{name}"
    return Route(
        settings=settings,
        upstream=_upstream(settings, document, name),
        component=name,
        method=method,
        path=path,
        upstream_method=upstream_method,
        upstream_path=upstream_path,
        required_scopes=frozenset(strings(document, "scopes") or [own_scope]),
        own_scope=own_scope,
        path_parameters=parameters,
        query_parameters=frozenset(strings(document, "query_parameters")),
        match_subpath=have(document, "match_subpath", False),
        enable_websocket=have(document, "enable_websocket", False),
        body_schema=document.get("body_schema"),
        timeout=float(timeout) if timeout is not None else None,
        app_required=have(document, "app_required", True),
        user_required=have(document, "user_required", False),
        grant_required=have(document, "grant_required", True),
        policies=placed(
            settings.policies,
            Level.COMPONENT,
            f"{settings.system}/{settings.stage}/{name}",
            policies(document, Level.COMPONENT),
        ),
        mapping=mapping,
        parameters=_checked_parameters(document, parameters),
    )


def _upstream(settings: StageSettings, document: Mapping[str, Any], component: str) -> Upstream:
    name = have(document, "upstream", DEFAULT)
    upstream = settings.upstreams.get(name)
    if upstream is not None:
        return upstream
    if any(policy.get("kind") == "mock" for policy in objects(document, "policies")):
        return NOWHERE
    raise ShardError(f"components.{component}.upstream: stage {settings.stage} has no upstream {name}")


def _checked_parameters(document: Mapping[str, Any], path_parameters: Sequence[str]) -> tuple[Parameter, ...]:
    try:
        found = read_parameters(objects(document, "parameters"))
    except ShardError as problem:
        raise ShardError(f"components.{document['name']}.{problem}") from problem
    for each in found:
        if each.location == "path" and each.name not in path_parameters:
            raise ShardError(f"components.{document['name']}.parameters: {each.name} is not a parameter of the path")
    return found


def _mapping(
    settings: StageSettings, document: Mapping[str, Any], parameters: Sequence[str], upstream_parameters: Sequence[str]
) -> tuple[Assignment, ...]:
    try:
        return read_mapping(objects(document, "mapping"), parameters, upstream_parameters, settings.variables)
    except ShardError as problem:
        raise ShardError(f"components.{document['name']}.{problem}") from problem
