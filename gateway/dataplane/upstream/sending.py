"""The call as the upstream gets it."""

from collections.abc import Callable
from typing import Final

from gateway.dataplane.call import Call
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.upstream.failures import failure
from gateway.wire.codes import INVALID_ARGS
from gateway.wire.refusal import Refusal
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.origin import Origin
from kernel.transport.request import SAFE_METHODS, StreamedBody
from kernel.transport.response import Response

_GRPC: Final = b"application/grpc"


def head_of(call: Call, plan: RoutePlan, body: bytes | StreamedBody) -> bytes:
    """The request's head. Every value in it was checked or made by us; none can end its line.

    Raises Refusal for gRPC, which needs HTTP/2 all the way.
    """
    kept = call.headers.kept
    identity = call.identity
    content_type, key = kept.get(b"content-type"), kept.get(b"idempotency-key")
    told = ""
    if content_type is not None:
        if content_type.startswith(_GRPC):
            raise Refusal(INVALID_ARGS, "gRPC needs HTTP/2, which the gateway does not speak; send JSON over HTTP/1.1")
        told = f"content-type: {content_type.decode('latin-1')}\r\n"
    if key is not None:
        told = f"{told}idempotency-key: {key.decode('latin-1')}\r\n"
    if isinstance(body, bytes):
        framing = f"content-length: {len(body)}\r\n" if body or call.method not in SAFE_METHODS else ""
    elif body.length is None:
        framing = "transfer-encoding: chunked\r\n"
    else:
        framing = f"content-length: {body.length}\r\n"
    server = call.server
    start = f"{call.method} {call.target}{plan.head_end if server is None else server.head_end}"
    end = (
        f"{identity.lines if identity is not None else ''}{told}{framing}"
        f"x-forwarded-for: {call.forwarded_for}\r\nx-request-id: {call.request_id}\r\n{plan.own_lines}"
        f"{call.signature}\r\n"
    )
    return b"".join((start.encode("latin-1"), *call.headers.passed, end.encode("latin-1")))


def origin_of(call: Call, plan: RoutePlan) -> Origin:
    return plan.origin if call.server is None else call.server.origin


def send_at_once(
    client: TransportClient, call: Call, plan: RoutePlan, body: bytes, watcher: Callable[[Response], None]
) -> Response | None:
    """Sends without waiting, over a connection that is free now; None where there is none: then ``send_upstream``.

    ``watcher`` is called when the head of the answer is here, or a failure. Raises Refusal.
    """
    origin = origin_of(call, plan)
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
    origin = origin_of(call, plan)
    return await client.send(origin, call.method, head_of(call, plan, body), body, plan.timeouts, fresh=fresh)
