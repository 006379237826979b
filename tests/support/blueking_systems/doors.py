"""The ways to BlueKing's systems: which request means which call, how its sender is believed, how an answer is told."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kernel.signing.jwt import verify_jwt
from kernel.signing.keys import VerifyingKey
from tests.support.backend import BackendRequest
from tests.support.blueking_systems import cc_calls, cmsi_calls, job_calls, sops_calls
from tests.support.blueking_systems.documented import Call, Undocumented, pattern_of
from tests.support.blueking_systems.refusal import Refused

APP_CODE: Final = "trunkline"
APP_SECRET: Final = "the app's secret"
UNBELIEVED: Final = 1640100
SYSTEMS: Final = {"cc": "cmdb", "jobv3": "job", "cmsi": "notify", "sops": "sops"}

_ESB = re.compile(r"/api/c/compapi/v2/(cc|jobv3|cmsi|sops)/(\w+)/")
_CALLS: Final = {
    "cmdb": cc_calls.CALLS,
    "job": job_calls.CALLS,
    "notify": cmsi_calls.CALLS,
    "sops": sops_calls.CALLS,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that was understood. Attributes:
    door: esb, apigw or direct. system: by our name.
    """

    door: str
    system: str
    component: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Route:
    """Attributes:
    path: with names in braces, below the door's own part.
    """

    method: str
    path: re.Pattern[str]
    component: str
    call: Call


def _routes(prefix: str, calls: Mapping[str, Call], *, short: bool = False) -> tuple[_Route, ...]:
    """`short`: the last part of the path alone, as JOB's gateway has it."""
    found = []
    for component, call in calls.items():
        if call.api is not None:
            method, path = call.api.split(" ")
            path = path.rsplit("/", 1)[-1] if short else path
            found.append(_Route(method, pattern_of(f"{prefix}{path}"), component, call))
    return tuple(found)


_GATEWAYS: Final = {
    "/api/bk-cmdb/prod": ("cmdb", _routes("", cc_calls.CALLS)),
    "/api/bk-job/prod": ("job", _routes("/api/v3/", job_calls.CALLS, short=True)),
    "/api/bk-cmsi/prod": ("notify", _routes("", cmsi_calls.CALLS)),
    "/api/bk-sops/prod": ("sops", _routes("", sops_calls.CALLS)),
}
_DIRECT: Final = {
    "/direct/cmdb": ("cmdb", _routes("", {**cc_calls.CALLS, **cc_calls.DIRECT})),
    "/direct/job": ("job", _routes("/api/job/v3/", job_calls.CALLS)),
}


def understand(request: BackendRequest) -> Asked:
    """Raises Undocumented."""
    parts = urlsplit(request.target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in ("authorization", "cookie", "signature"):
        if name in request.headers:
            raise Undocumented(f"the header {name} is not for BlueKing")
    if request.body and request.headers.get("content-type") != "application/json":
        raise Undocumented("a body that is not said to be JSON")
    by_esb = _ESB.fullmatch(parts.path)
    if by_esb is not None:
        system = SYSTEMS[by_esb[1]]
        call = _CALLS[system].get(by_esb[2])
        if call is None or (request.method == "GET" and call.method != "GET"):
            raise Undocumented(f"the ESB has no {request.method} {by_esb[2]}")
        return Asked("esb", system, by_esb[2], call.by_esb(request.method, query, request.body))
    for door, places in (("apigw", _GATEWAYS), ("direct", _DIRECT)):
        for prefix, (system, routes) in places.items():
            if parts.path.startswith(f"{prefix}/"):
                return _by_route(door, system, routes, parts.path.removeprefix(prefix), query, request)
    raise Undocumented(f"nothing is at {parts.path}")


def _by_route(
    door: str, system: str, routes: tuple[_Route, ...], path: str, query: dict[str, str], request: BackendRequest
) -> Asked:
    for route in routes:
        found = route.path.fullmatch(path)
        if found is not None and route.method == request.method:
            params = route.call.by_api(found.groupdict(), request.method, query, request.body)
            return Asked(door, system, route.component, params)
    raise Undocumented(f"{door} of {system} has no {request.method} {path}")


def believed(request: BackendRequest, asked: Asked, public_keys: Mapping[str, str]) -> str:
    """Whom the call is made for; raises Refused where the sender can't be believed."""
    if asked.door == "direct":
        return _by_token(request, asked, public_keys)
    try:
        told = json.loads(request.headers.get("x-bkapi-authorization", ""))
    except ValueError as error:
        raise Refused(UNBELIEVED, "X-Bkapi-Authorization is missing") from error
    if told.get("bk_app_code") != APP_CODE or told.get("bk_app_secret") != APP_SECRET:
        raise Refused(UNBELIEVED, "app code and secret don't belong together")
    if not told.get("bk_username"):
        raise Refused(UNBELIEVED, "nobody is named")
    return str(told["bk_username"])


def _by_token(request: BackendRequest, asked: Asked, public_keys: Mapping[str, str]) -> str:
    """As BK-CMDB and BK-JOB read it: one key, whatever it is called, and the API Gateway's claims."""
    if asked.system == "cmdb" and request.headers.get("x-bkcmdb-supplier-account") != "0":
        raise Undocumented("X-Bkcmdb-Supplier-Account is missing")
    key = load_pem_public_key(public_keys[asked.system].encode())
    identity = verify_jwt(
        request.headers.get("x-bkapi-jwt", ""),
        {asked.system: VerifyingKey(asked.system, "RS512", key)},  # type: ignore[arg-type]  # an RSA key
        now=time.time(),
    )
    if identity.app_code is None or identity.username is None:
        raise Refused(UNBELIEVED, "user is not set")
    return identity.username


def told(asked: Asked | None, outcome: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of an answer, in the shape of the way it was asked by."""
    refused = outcome if isinstance(outcome, Refused) else None
    data = refused.data if refused is not None else outcome
    code, message = (refused.code, refused.message) if refused is not None else (0, "success")
    if asked is not None and asked.system == "notify" and asked.door == "apigw":
        error = {"error": {"code": "INVALID_ARGUMENT", "message": message, "data": data}}
        return (400, error) if refused is not None else (200, {"data": data})
    common = {"result": refused is None, "permission": None, "data": data}
    if asked is not None and asked.system == "cmdb" and asked.door != "esb":
        return 200, {**common, "bk_error_code": code, "bk_error_msg": message}
    return 200, {**common, "code": code, "message": message, "request_id": "0" * 32}
