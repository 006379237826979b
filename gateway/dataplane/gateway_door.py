"""The unified endpoint ``/api/{system}/{stage}/{path}``: bytes pass; errors are the API Gateway's."""

import time

from gateway.dataplane.address import normalised
from gateway.dataplane.answer import Send, answer_whole
from gateway.dataplane.body import ClientGone, Receive
from gateway.dataplane.call import Call
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.query import clean_query
from gateway.dataplane.request_ids import answer_headers, request_id_of
from gateway.dataplane.road import GONE, Road, Scope
from gateway.snapshot.model.matching import ANY
from gateway.wire.refusal import Refusal, gateway_error


async def serve_gateway(road: Road, scope: Scope, raw_path: bytes, receive: Receive, send: Send) -> None:
    started = time.perf_counter()
    call: Call | None = None
    plan: RoutePlan | None = None
    request_id = ""
    code = 0
    method: str = scope["method"]
    try:
        headers = road.sorter.sort(scope["headers"])
        request_id = request_id_of(headers.kept.get(b"x-request-id"))
        snapshot = road.snapshots.current
        found = road.lookup.remembered(snapshot, method, raw_path)
        now = road.clock()
        if found is None:
            found = road.lookup.by_path(snapshot, method, raw_path, normalised(raw_path), headers, now)
        route, params, plan = found
        call = Call(snapshot, route, params, headers, now)
        call.request_id = request_id
        call.method = method if route.upstream_method == ANY else route.upstream_method
        call.target = target_of(plan, params, clean_query(query) if (query := scope["query_string"]) else "")
        status = await road.travel(call, plan, scope, receive, send)
    except Refusal as refusal:
        code, status = refusal.code.code, refusal.code.status
        await refuse(send, refusal, request_id or request_id_of(None))
    except ClientGone:
        status = GONE
    road.record(call, plan, request_id, method, status, code, started)


def target_of(plan: RoutePlan, params: tuple[str, ...], query: str) -> str:
    """The upstream's path and query; parameters stand in it escaped as they came."""
    target = plan.target
    if target is None:
        target = "".join(params[piece] if isinstance(piece, int) else piece for piece in plan.pieces)
    return f"{target}?{query}" if query else target


async def refuse(send: Send, refusal: Refusal, request_id: str) -> None:
    body, headers = gateway_error(refusal)
    headers += answer_headers(request_id)
    headers.append((b"content-length", b"%d" % len(body)))
    await answer_whole(send, refusal.code.status, headers, body)
