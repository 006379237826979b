"""What the data plane is told about a system."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.policies.kinds.policy import Level
from gateway.policies.repository import policies_at, stage_place
from gateway.registry.component_checks import MOCK
from gateway.registry.component_definition import ComponentDefinition, ParameterDefinition
from gateway.registry.models import Stage
from gateway.registry.repository import components_of, current_key, find_system, stages_of
from gateway.registry.secrets.repository import find_secret
from gateway.registry.signing.models import StageSigning
from gateway.registry.signing.profiles import JWT, KEYED, SECRET_NAME
from gateway.registry.signing.repository import find_signing
from gateway.registry.upstreams.models import StageUpstream
from gateway.registry.upstreams.repository import upstream_document, upstreams_of
from gateway.snapshot.model.parameters import LOCATIONS
from gateway.wire.credentials import CREDENTIAL_PARAMETERS
from gateway.wire.request_headers import is_own
from kernel.errors import Conflict, NotFound
from kernel.signing.jwt import ESB_KEY_ID


async def system_document(session: AsyncSession, name: str) -> dict[str, Any]:
    """The system's shard: every stage with its release's components; its signing key stays sealed."""
    system = await find_system(session, name)
    if system is None:
        raise NotFound(f"There is no system {name}")
    stages = {stage.name: await _stage(session, stage) for stage in await stages_of(session, [name])}
    return {
        "kind": "system",
        "name": name,
        "aliases": system.aliases,
        "self_service": system.self_service,
        "parameter_credentials": system.parameter_credentials,
        "policies": await policies_at(session, Level.SYSTEM, name),
        "stages": stages,
    }


async def _stage(session: AsyncSession, stage: Stage) -> dict[str, Any]:
    document: dict[str, Any] = {
        "release": stage.release,
        "upstreams": {
            upstream.name: await _upstream(session, upstream) for upstream in await upstreams_of(session, stage)
        },
        "signing": await _signing(session, stage),
        "envelope": stage.envelope,
        "validate_requests": stage.validate_requests,
        "variables": stage.variables,
        "policies": await policies_at(session, Level.STAGE, stage_place(stage.system, stage.name)),
        "components": await _components(session, stage.release_id),
    }
    if stage.canary is not None and stage.canary_release_id is not None:
        served = {name: stage.canary[name] for name in ("release", "share", "apps", "salt")}
        document["canary"] = served | {"components": await _components(session, stage.canary_release_id)}
    return document


async def _upstream(session: AsyncSession, upstream: StageUpstream) -> dict[str, Any]:
    sealed_key = upstream.sealed_key
    if upstream.secret_name is not None:
        named = await find_secret(session, upstream.system, upstream.secret_name)
        sealed_key = named.sealed if named is not None else None
        if sealed_key is None:
            raise Conflict(f"{upstream.system} has no secret {upstream.secret_name} for its upstream {upstream.name}")
    return upstream_document(upstream, sealed_key)


async def _components(session: AsyncSession, release_id: str) -> list[dict[str, Any]]:
    rows = await components_of(session, release_id)
    return [served_component(ComponentDefinition.from_columns(row)) for row in rows]


async def _signing(session: AsyncSession, stage: Stage) -> dict[str, Any]:
    profile = stage.signing
    if profile == "none":
        return {"profile": profile}
    found = await find_signing(session, stage.system, stage.name)
    settings = found if found is not None and found.profile == profile else None
    parameters = settings.parameters if settings is not None else {}
    if profile in KEYED:
        key = await current_key(session, stage.system, profile)
        if key is None:
            raise Conflict(f"{stage.system} has no key for {profile}; set the stage's signing again to make one")
        key_id = key.key_id if profile != JWT or parameters.get("kid") == "key" else stage.system
        issuer = parameters.get("issuer", "APIGW")
        document: dict[str, Any] = {"profile": profile, "key_id": key_id, "secret": key.sealed, "issuer": issuer}
        told = {name: parameters[name] for name in _TOLD if name in parameters}
        if told:
            document["parameters"] = told
        esb = await current_key(session, ESB_KEY_ID, JWT) if profile == JWT else None
        if esb is not None:
            document["esb_secret"] = esb.sealed
            document["esb_key_id"] = esb.key_id if parameters.get("kid") == "key" else ESB_KEY_ID
        return document
    sealed = await _sealed_secret(session, stage.system, settings) if settings is not None else None
    if sealed is None:
        raise Conflict(f"Stage {stage.name} of {stage.system} has no secret for {profile}; set its signing first")
    served = {name: value for name, value in parameters.items() if name != SECRET_NAME}
    return {"profile": profile, "parameters": served, "secret": sealed}


async def _sealed_secret(session: AsyncSession, system: str, settings: StageSigning) -> str | None:
    name = settings.parameters.get(SECRET_NAME)
    if name is None:
        return settings.sealed
    named = await find_secret(session, system, name)
    return named.sealed if named is not None else None


def served_component(component: ComponentDefinition) -> dict[str, Any]:
    """What the data plane needs of a definition; what is usual is left out."""
    document = component.document()
    served: dict[str, Any] = {name: document[name] for name in _SERVED if name in document}
    served["query_parameters"] = [each.name for each in component.parameters if each.location == "query"]
    checked = [_served_parameter(each) for each in component.parameters if _is_checked(each)]
    if checked:
        served["parameters"] = checked
    if component.mock is not None:
        served["policies"] = [*component.policies, {"kind": MOCK, "config": dict(component.mock)}]
    return served


def _is_checked(parameter: ParameterDefinition) -> bool:
    """Whether it asks for more than any text, of something that passes the gateway."""
    name = parameter.name
    if parameter.location == "query" and name in CREDENTIAL_PARAMETERS:
        return False
    if parameter.location == "header" and not _passes(name.lower().encode()):
        return False
    says_more = {key: value for key, value in parameter.schema.items() if key not in _SAYS_NOTHING}
    is_any_text = not says_more or says_more == {"type": "string"}
    asks = parameter.required and parameter.location != "path"  # a path without it is another path
    return parameter.location in LOCATIONS and (asks or not is_any_text)


def _passes(header: bytes) -> bool:
    return header == b"idempotency-key" or not (header == b"accept" or is_own(header))


def _served_parameter(parameter: ParameterDefinition) -> dict[str, Any]:
    document = parameter.document()
    del document["description"]
    if not document["required"]:
        del document["required"]
    return document


_TOLD = ("shape", "username")
"""Of the profile `jwt`: what the data plane is told besides the key."""

_SAYS_NOTHING = frozenset(
    {
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
        "contentMediaType", "contentEncoding", "contentSchema", "$defs",
    }
)  # fmt: skip
"""Keywords of a schema that refuse nothing by themselves."""

_SERVED = (
    "name",
    "method",
    "path",
    "scopes",
    "body_schema",
    "match_subpath",
    "enable_websocket",
    "upstream",
    "upstream_method",
    "upstream_path",
    "mapping",
    "timeout",
    "policies",
    "app_required",
    "user_required",
    "grant_required",
)
