"""The ESB's shape ``/api/c/compapi/[v2/]{system}/{component}/``: parameters, envelope, HTTP 200 for most."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from gateway.dataplane.address import normalised, parse_esb
from gateway.dataplane.answer import Answer, Answered
from gateway.dataplane.call import Call
from gateway.dataplane.esb import EsbParameters
from gateway.dataplane.exchange import Headers, body_too_long
from gateway.dataplane.gateway_door import target_of
from gateway.dataplane.governing import cors_of
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.journey import Journey
from gateway.dataplane.logins import has_bk_token
from gateway.dataplane.lookup import stage_of, takes
from gateway.dataplane.request_ids import request_id_of
from gateway.dataplane.road import Road
from gateway.dataplane.steps.app_credentials import SignedRequest
from gateway.snapshot.model.canary import Canary
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot
from gateway.snapshot.model.systems import Stage
from gateway.wire.codes import API_NOT_FOUND, CREDENTIALS_INVALID, ESB_UNKNOWN_PATH, INVALID_ARGS
from gateway.wire.credentials import Credentials, CredentialsMalformed
from gateway.wire.refusal import Refusal, esb_error

_UNKNOWN = b'{"result":false,"data":null,"message":"%b"}' % ESB_UNKNOWN_PATH.encode()
_METHODS = ("GET", "POST")
_NOT_PASSED = frozenset({b"accept-encoding", b"content-encoding", b"range", b"if-none-match", b"if-modified-since"})


class EsbDoor:
    __slots__ = ("_road",)

    def __init__(self, road: Road) -> None:
        self._road = road

    def enter(self, journey: Journey) -> None:
        road, exchange = self._road, journey.exchange
        journey.request_id = request_id_of(None)
        headers = road.sorter.sort(exchange.headers)
        journey.request_id = request_id_of(headers.kept.get(b"x-request-id"))
        snapshot = road.snapshots.current
        if exchange.method == "OPTIONS":
            _answer_preflight(snapshot, normalised(exchange.raw_path), headers)
        found = _find(snapshot, normalised(exchange.raw_path), headers, exchange.method)
        if found is None:
            raise Answered(Answer(404, _json(), _UNKNOWN, is_final=True))
        stage, route = found
        journey.plan = road.lookup.plan_of(route)
        call = Call(snapshot, route, (), headers.without(_NOT_PASSED), road.clock())
        call.is_esb = True
        call.request_id = journey.request_id
        call.peer = call.forwarded_for = exchange.peer
        if road.trusted_proxies:
            road.believe(call)
        body = exchange.whole()
        if body is None:
            journey.wait_for(self._read(journey, call, stage))
        else:
            self._proceed(journey, call, stage, body)

    def refused(self, refusal: Refusal, request_id: str) -> Answer:
        return Answer(200, _json(), esb_error(refusal, request_id), refusal=refusal, is_final=True)

    def code_of(self, refusal: Refusal) -> int:
        return refusal.code.esb_code

    async def _read(self, journey: Journey, call: Call, stage: Stage) -> None:
        announced = call.headers.kept.get(b"content-length")
        length = int(announced) if announced is not None else None
        self._proceed(journey, call, stage, await journey.exchange.read(self._road.max_body, length))

    def _proceed(self, journey: Journey, call: Call, stage: Stage, body: bytes) -> None:
        road = self._road
        if len(body) > road.max_body:
            raise body_too_long(road.max_body)
        journey.call = call
        exchange = journey.exchange
        parameters = EsbParameters.read(exchange.method, exchange.query, body)
        go_on = partial(self._go_on, journey, call, stage, parameters)
        kept = call.headers.kept
        if b"x-bkapi-authorization" in kept:
            if has_bk_token(call.headers):
                journey.wait_for(_then(road.logins.sign_in_by_headers(call), go_on))
                return
        elif b"authorization" not in kept:
            credentials = _credentials(parameters)
            signed = SignedRequest(exchange.method, exchange.raw_path.decode("latin-1"), exchange.query, body)
            identify = partial(self._identify, call, credentials, signed, go_on)
            if credentials.bk_token and not credentials.access_token:
                journey.wait_for(_then(road.logins.sign_in(call, credentials.bk_token), identify))
            else:
                identify()
            return
        go_on()

    def _identify(self, call: Call, credentials: Credentials, signed: SignedRequest, go_on: Callable[[], None]) -> None:
        if not credentials.is_empty:
            call.identity = self._road.identify.by_credentials(call, credentials, signed)
        go_on()

    def _go_on(self, journey: Journey, call: Call, stage: Stage, parameters: EsbParameters) -> None:
        road = self._road
        if stage.canary is not None:
            call.route = _by_caller(road, call, stage, stage.canary)
        journey.plan = plan = road.lookup.plan_of(call.route)
        route = call.route
        params, query, call.body = parameters.adapted(route)
        if route.upstream_method == "ANY":
            call.method = "POST" if call.body else "GET"
        else:
            call.method = route.upstream_method
        call.target = target_of(plan, (*params, "") if route.match_subpath else params, query)
        call.headers.kept.pop(b"content-type", None)
        if call.body:
            call.headers.kept[b"content-type"] = b"application/json"
        journey.proceed(call, plan)


async def _then(waiting: Coroutine[Any, Any, None], go_on: Callable[[], None]) -> None:
    await waiting
    go_on()


def _credentials(parameters: EsbParameters) -> Credentials:
    try:
        return parameters.credentials()
    except CredentialsMalformed as problem:
        raise Refusal(CREDENTIALS_INVALID, str(problem)) from problem


def _by_caller(road: Road, call: Call, stage: Stage, canary: Canary) -> Route:
    """While a release is tried, who calls decides which release answers; that may be told in the parameters only."""
    try:
        road.identify(call)
    except Refusal:
        return call.route  # its own steps refuse the call
    name = call.route.component
    route = (canary.components if takes(canary, call.identity) else stage.components).get(name)
    if route is None:
        raise Refusal(API_NOT_FOUND, f"the release that serves this caller has no component {name}")
    return route


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


def _answer_preflight(snapshot: Snapshot, path: str, headers: InboundHeaders) -> None:
    """Raises Answered where a policy of the component allows other origins."""
    if headers.value(b"access-control-request-method") is None:
        return
    found = _find(snapshot, path, headers, "POST")
    sharing = cors_of(found[1], _METHODS) if found is not None else None
    if sharing is not None:
        raise Answered(sharing.preflight(headers))


def _stage_name(kept: Mapping[bytes, bytes]) -> str:
    return "test" if kept.get(b"x-use-test-env", b"").lower() == b"true" else "prod"


def _json() -> Headers:
    return [(b"content-type", b"application/json")]
