"""The ESB's shape ``/api/c/compapi/[v2/]{system}/{component}/``: parameters, envelope, HTTP 200 for most."""

import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from gateway.dataplane.address import normalised
from gateway.dataplane.answer import Answer, Answered
from gateway.dataplane.call import Call
from gateway.dataplane.debugging import DEBUG, asks
from gateway.dataplane.esb import EsbParameters
from gateway.dataplane.esb_lookup import METHODS, EsbMatch, find
from gateway.dataplane.exchange import Exchange, Headers, body_too_long
from gateway.dataplane.gateway_door import target_of
from gateway.dataplane.governing import cors_of
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.journey import Journey
from gateway.dataplane.logins import has_bk_token
from gateway.dataplane.lookup import takes
from gateway.dataplane.recursion import NAME
from gateway.dataplane.road import Road
from gateway.dataplane.steps.app_credentials import SignedRequest
from gateway.snapshot.model.canary import Canary
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot
from gateway.snapshot.model.systems import Stage
from gateway.wire.codes import API_NOT_FOUND, CREDENTIALS_INVALID, ESB_UNKNOWN_PATH
from gateway.wire.credentials import Credentials, CredentialsMalformed
from gateway.wire.languages import is_chinese, translated
from gateway.wire.refusal import Refusal, esb_error

_NOT_PASSED = frozenset({b"accept-encoding", b"content-encoding", b"range", b"if-none-match", b"if-modified-since"})


class EsbDoor:
    __slots__ = ("_road",)

    def __init__(self, road: Road) -> None:
        self._road = road

    def enter(self, journey: Journey) -> None:
        road, exchange = self._road, journey.exchange
        journey.take_id(None)
        headers = road.sorter.sort(exchange.headers)
        journey.take_id(headers.kept.get(b"x-request-id"))
        snapshot = road.snapshots.current
        if exchange.method == "OPTIONS":
            _answer_preflight(snapshot, normalised(exchange.raw_path), headers)
        if NAME in headers.kept or DEBUG in headers.kept:
            road.recursion.check(headers)
            journey.explains = asks(headers)
        found = find(snapshot, normalised(exchange.raw_path), headers.kept, exchange.method)
        if found is None:
            raise Answered(Answer(404, _json(), _unknown(exchange), is_final=True))
        journey.plan = road.lookup.plan_of(found.route)
        call = Call(snapshot, found.route, found.params or (), headers.without(_NOT_PASSED), road.clock())
        call.is_esb = True
        call.request_id = journey.request_id
        call.exchange = exchange
        call.peer = call.forwarded_for = exchange.peer
        if road.trusted_proxies:
            road.believe(call)
        body = exchange.whole()
        if body is None:
            journey.wait_for(self._read(journey, call, found))
        else:
            self._proceed(journey, call, found, body)

    def refused(self, refusal: Refusal, journey: Journey) -> Answer:
        chinese = _reads_chinese(journey.exchange)
        body = esb_error(refusal, journey.request_id, chinese=chinese)
        return Answer(200, _json(), body, refusal=refusal, is_final=True)

    def code_of(self, refusal: Refusal) -> int:
        return refusal.code.esb_code

    async def _read(self, journey: Journey, call: Call, found: EsbMatch) -> None:
        announced = call.headers.kept.get(b"content-length")
        length = int(announced) if announced is not None else None
        self._proceed(journey, call, found, await journey.exchange.read(self._road.max_body, length))

    def _proceed(self, journey: Journey, call: Call, found: EsbMatch, body: bytes) -> None:
        road = self._road
        if len(body) > road.max_body:
            raise body_too_long(road.max_body)
        journey.call = call
        exchange = journey.exchange
        parameters = EsbParameters.read(exchange.method, exchange.query, body)
        go_on = partial(self._go_on, journey, call, found, parameters)
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

    def _go_on(self, journey: Journey, call: Call, found: EsbMatch, parameters: EsbParameters) -> None:
        road = self._road
        if found.stage.canary is not None:
            call.route = _by_caller(road, call, found.stage, found.stage.canary)
            if found.params is not None and call.route.path != found.route.path:
                raise Refusal(API_NOT_FOUND, "the release that serves this caller has the component at another path")
        journey.plan = plan = road.lookup.plan_of(call.route)
        route = call.route
        params, query, call.body = parameters.adapted(route, found.params)
        call.params = params
        if route.upstream_method == "ANY":
            call.method = "POST" if call.body else "GET"
        else:
            call.method = route.upstream_method
        call.target = target_of(plan, params, query)
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


def _answer_preflight(snapshot: Snapshot, path: str, headers: InboundHeaders) -> None:
    """Raises Answered where a policy of the component allows other origins."""
    if headers.value(b"access-control-request-method") is None:
        return
    found = find(snapshot, path, headers.kept, "POST")
    sharing = cors_of(found.route, METHODS) if found is not None else None
    if sharing is not None:
        raise Answered(sharing.preflight(headers))


def _unknown(exchange: Exchange) -> bytes:
    message = translated(ESB_UNKNOWN_PATH) if _reads_chinese(exchange) else ESB_UNKNOWN_PATH
    return json.dumps({"result": False, "data": None, "message": message}, ensure_ascii=False).encode()


def _reads_chinese(exchange: Exchange) -> bool:
    return any(name.lower() == b"blueking-language" and is_chinese(value) for name, value in exchange.headers)


def _json() -> Headers:
    return [(b"content-type", b"application/json")]
