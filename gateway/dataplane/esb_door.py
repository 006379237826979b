"""The ESB's shape ``/api/c/compapi/[v2/]{system}/{component}/``: parameters, envelope, HTTP 200 for most."""

import time
from collections.abc import Mapping

from gateway.dataplane.address import normalised, parse_esb
from gateway.dataplane.answer import Send, answer_whole
from gateway.dataplane.body import ClientGone, Receive, read_body
from gateway.dataplane.call import Call
from gateway.dataplane.esb import EsbParameters
from gateway.dataplane.gateway_door import target_of
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.lookup import stage_of, takes
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.request_ids import answer_headers, request_id_of
from gateway.dataplane.road import GONE, Road, Scope
from gateway.snapshot.model.canary import Canary
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot
from gateway.snapshot.model.systems import Stage
from gateway.wire.codes import API_NOT_FOUND, CREDENTIALS_INVALID, ESB_UNKNOWN_PATH, INVALID_ARGS
from gateway.wire.credentials import CredentialsMalformed
from gateway.wire.refusal import Refusal, esb_error

_UNKNOWN = b'{"result":false,"data":null,"message":"%b"}' % ESB_UNKNOWN_PATH.encode()
_METHODS = ("GET", "POST")
_NOT_PASSED = frozenset({b"accept-encoding", b"content-encoding", b"range", b"if-none-match", b"if-modified-since"})


async def serve_esb(road: Road, scope: Scope, raw_path: bytes, receive: Receive, send: Send) -> None:
    started = time.perf_counter()
    call: Call | None = None
    plan: RoutePlan | None = None
    request_id = request_id_of(None)
    code = 0
    method: str = scope["method"]
    try:
        headers = road.sorter.sort(scope["headers"])
        request_id = request_id_of(headers.kept.get(b"x-request-id"))
        snapshot = road.snapshots.current
        found = _find(snapshot, normalised(raw_path), headers, method)
        if found is None:
            status = await _unknown(send, request_id)
        else:
            stage, route = found
            plan = road.lookup.plan_of(route)
            announced = headers.kept.get(b"content-length")
            has_body = announced is not None or b"transfer-encoding" in headers.kept
            body = await read_body(receive, announced, road.max_body) if has_body else b""
            call = _call(road, snapshot, route, headers, request_id)
            parameters = EsbParameters.read(method, scope["query_string"], body)
            if stage.canary is not None:
                call.route = _by_caller(road, call, stage, stage.canary, parameters)
                plan = road.lookup.plan_of(call.route)
            status = await _travel(road, call, plan, parameters, scope, receive, send)
    except Refusal as refusal:
        code, status = refusal.code.esb_code, 200
        await _answer(send, 200, esb_error(refusal, request_id), request_id)
    except ClientGone:
        status = GONE
    road.record(call, plan, request_id, method, status, code, started)


async def _travel(
    road: Road, call: Call, plan: RoutePlan, parameters: EsbParameters, scope: Scope, receive: Receive, send: Send
) -> int:
    route = call.route
    if not _has_credential_headers(call.headers):
        _identify_by_parameters(road, call, parameters)
    params, query, body = parameters.adapted(route)
    if route.upstream_method == "ANY":
        call.method = "POST" if body else "GET"
    else:
        call.method = route.upstream_method
    call.target = target_of(plan, (*params, "") if route.match_subpath else params, query)
    call.headers.kept.pop(b"content-type", None)
    if body:
        call.headers.kept[b"content-type"] = b"application/json"
    return await road.travel(call, plan, scope, receive, send, body)


def _call(road: Road, snapshot: Snapshot, route: Route, headers: InboundHeaders, request_id: str) -> Call:
    call = Call(snapshot, route, (), headers.without(_NOT_PASSED), road.clock())
    call.is_esb = True
    call.request_id = request_id
    return call


def _identify_by_parameters(road: Road, call: Call, parameters: EsbParameters) -> None:
    try:
        credentials = parameters.credentials()
    except CredentialsMalformed as problem:
        raise Refusal(CREDENTIALS_INVALID, str(problem)) from problem
    if not credentials.is_empty:
        call.identity = road.identify.by_credentials(call, credentials)


def _by_caller(road: Road, call: Call, stage: Stage, canary: Canary, parameters: EsbParameters) -> Route:
    """While a release is tried, who calls decides which release answers; that may be told in the parameters only."""
    try:
        if not _has_credential_headers(call.headers):
            _identify_by_parameters(road, call, parameters)
        road.identify(call)
    except Refusal:
        return call.route  # its own steps refuse the call
    name = call.route.component
    route = (canary.components if takes(canary, call.identity) else stage.components).get(name)
    if route is None:
        raise Refusal(API_NOT_FOUND, f"the release that serves this caller has no component {name}")
    return route


def _has_credential_headers(headers: InboundHeaders) -> bool:
    return b"authorization" in headers.kept or b"x-bkapi-authorization" in headers.kept


def _find(snapshot: Snapshot, path: str, headers: InboundHeaders, method: str) -> tuple[Stage, Route] | None:
    address = parse_esb(path)
    if address is None:
        return None
    if method not in _METHODS:
        raise Refusal(INVALID_ARGS, f"components answer GET and POST, not {method}")
    stage = stage_of(snapshot, address.system, _stage_name(headers.kept))
    if stage is None:
        return None
    route = stage.components.get(address.component)
    if route is None and stage.canary is not None:
        route = stage.canary.components.get(address.component)
    return (stage, route) if route is not None else None


def _stage_name(kept: Mapping[bytes, bytes]) -> str:
    return "test" if kept.get(b"x-use-test-env", b"").lower() == b"true" else "prod"


async def _unknown(send: Send, request_id: str) -> int:
    await _answer(send, 404, _UNKNOWN, request_id)
    return 404


async def _answer(send: Send, status: int, body: bytes, request_id: str) -> None:
    headers = answer_headers(request_id)
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await answer_whole(send, status, headers, body)
