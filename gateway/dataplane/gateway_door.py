"""The unified endpoint ``/api/{system}/{stage}/{path}``: bytes pass; errors are the API Gateway's."""

from gateway.dataplane.address import normalised
from gateway.dataplane.answer import Answer, Answered
from gateway.dataplane.call import Call
from gateway.dataplane.debugging import DEBUG, asks
from gateway.dataplane.journey import Journey
from gateway.dataplane.logins import has_bk_token
from gateway.dataplane.parameter_credentials import find_credentials, may_hold_credentials
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.query import clean_query
from gateway.dataplane.recursion import NAME
from gateway.dataplane.road import Road
from gateway.dataplane.steps.app_credentials import SignedRequest
from gateway.snapshot.model.matching import ANY
from gateway.wire.refusal import Refusal, gateway_error


class GatewayDoor:
    __slots__ = ("_road",)

    def __init__(self, road: Road) -> None:
        self._road = road

    def enter(self, journey: Journey) -> None:
        road, exchange = self._road, journey.exchange
        method, raw_path = exchange.method, exchange.raw_path
        headers = road.sorter.sort(exchange.headers)
        request_id = journey.take_id(headers.kept.get(b"x-request-id"))
        if NAME in headers.kept or DEBUG in headers.kept:
            road.recursion.check(headers)
            journey.explains = asks(headers)
        snapshot = road.snapshots.current
        now = road.clock()
        if method == "OPTIONS":
            preflight = road.lookup.preflight(snapshot, normalised(raw_path), headers)
            if preflight is not None:
                raise Answered(preflight)
        found = road.lookup.remembered(snapshot, method, raw_path)
        if found is None:
            found = road.lookup.by_path(snapshot, method, raw_path, normalised(raw_path), headers, now)
        route, params, plan = found
        journey.plan = plan
        journey.call = call = Call(snapshot, route, params, headers, now)
        call.request_id = request_id
        call.exchange = exchange
        call.method = method if route.upstream_method == ANY else route.upstream_method
        if plan.target is not None and not exchange.query:
            call.target = plan.target
        else:
            call.target = target_of(plan, params, clean_query(exchange.query) if exchange.query else "")
        call.peer = call.forwarded_for = exchange.peer
        if road.trusted_proxies:
            road.believe(call)
        if b"x-bkapi-authorization" in headers.kept:
            if has_bk_token(headers):
                journey.wait_for(self._sign_in(journey, call, plan))
                return
        elif route.settings.parameter_credentials and b"authorization" not in headers.kept:
            journey.wait_for(self._find_credentials(journey, call, plan))
            return
        journey.proceed(call, plan)

    async def _sign_in(self, journey: Journey, call: Call, plan: RoutePlan) -> None:
        await self._road.logins.sign_in_by_headers(call)
        journey.proceed(call, plan)

    async def _find_credentials(self, journey: Journey, call: Call, plan: RoutePlan) -> None:
        exchange, kept = journey.exchange, call.headers.kept
        content_type = kept.get(b"content-type", b"")
        announced = kept.get(b"content-length")
        has_body = b"transfer-encoding" in kept or announced not in (None, b"0")
        body = b""
        if may_hold_credentials(content_type):
            body = await exchange.read(self._road.max_body, int(announced) if announced is not None else None)
        found = find_credentials(exchange.query, body, content_type)
        credentials = found.credentials
        if may_hold_credentials(content_type):
            call.body = found.body
        if not credentials.is_empty:
            if not credentials.access_token:
                await self._road.logins.sign_in(call, credentials.bk_token)
            read = body if may_hold_credentials(content_type) or not has_body else None
            signed = SignedRequest(exchange.method, exchange.raw_path.decode("latin-1"), exchange.query, read)
            call.identity = self._road.identify.by_credentials(call, credentials, signed)
        journey.proceed(call, plan)

    def refused(self, refusal: Refusal, journey: Journey) -> Answer:  # noqa: ARG002 - the ESB's door looks at it
        body, headers = gateway_error(refusal)
        return Answer(refusal.code.status, headers, body, refusal=refusal, is_final=True)

    def code_of(self, refusal: Refusal) -> int:
        return refusal.code.code


def target_of(plan: RoutePlan, params: tuple[str, ...], query: str) -> str:
    """The upstream's path and query; parameters stand in it escaped as they came."""
    target = plan.target
    if target is None:
        target = "".join(params[piece] if isinstance(piece, int) else piece for piece in plan.pieces)
    return f"{target}?{query}" if query else target
