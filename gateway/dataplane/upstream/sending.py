"""The call as the upstream gets it."""

from collections.abc import Callable

from gateway.dataplane.call import Call
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.upstream.failures import failure
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.request import SAFE_METHODS, StreamedBody
from kernel.transport.response import Response


def head_of(call: Call, plan: RoutePlan, body: bytes | StreamedBody) -> bytes:
    """The request's head. Every value in it was checked or made by us; none can end its line."""
    kept = call.headers.kept
    content_type = kept.get(b"content-type")
    key = kept.get(b"idempotency-key")
    identity = call.identity
    lines = identity.lines if identity is not None else ""
    if content_type is not None:
        lines = f"{lines}content-type: {content_type.decode('latin-1')}\r\n"
    if key is not None:
        lines = f"{lines}idempotency-key: {key.decode('latin-1')}\r\n"
    if isinstance(body, bytes):
        if body or call.method not in SAFE_METHODS:
            lines = f"{lines}content-length: {len(body)}\r\n"
    elif body.length is None:
        lines = f"{lines}transfer-encoding: chunked\r\n"
    else:
        lines = f"{lines}content-length: {body.length}\r\n"
    server = call.server
    head_end = plan.head_end if server is None else server.head_end
    start = f"{call.method} {call.target}{head_end}".encode("latin-1")
    lines = f"{lines}x-forwarded-for: {call.forwarded_for}\r\nx-request-id: {call.request_id}\r\n"
    end = f"{lines}{call.signature}\r\n".encode("latin-1")
    return start + b"".join(call.headers.passed) + end


def send_at_once(
    client: TransportClient, call: Call, plan: RoutePlan, body: bytes, watcher: Callable[[Response], None]
) -> Response | None:
    """Sends without waiting, over a connection that is free now; None where there is none: then ``send_upstream``.

    ``watcher`` is called when the head of the answer is here, or a failure. Raises Refusal.
    """
    server = call.server
    origin = plan.origin if server is None else server.origin
    try:
        return client.send_at_once(origin, call.method, head_of(call, plan, body), body, plan.timeouts, watcher)
    except TransportError as problem:
        raise failure(problem, plan) from problem


async def send_upstream(
    client: TransportClient, call: Call, plan: RoutePlan, body: bytes | StreamedBody, *, fresh: bool = False
) -> Response:
    """The upstream's answer, its head complete; raises a TransportError.

    ``fresh`` avoids connections that were used before.
    """
    server = call.server
    origin = plan.origin if server is None else server.origin
    return await client.send(origin, call.method, head_of(call, plan, body), body, plan.timeouts, fresh=fresh)
