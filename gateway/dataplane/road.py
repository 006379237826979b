"""What both doors share: the parts of the data plane, and the way of a call once its route is known."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from gateway.dataplane.answer import AnswerHeaders, Send, answer_streaming, answer_whole
from gateway.dataplane.body import Receive, all_pieces, first_piece, read_body
from gateway.dataplane.call import Call
from gateway.dataplane.counters import Counters
from gateway.dataplane.headers import HeaderSorter
from gateway.dataplane.lookup import Lookup
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.request_ids import answer_headers
from gateway.dataplane.steps.authorise import Authorise
from gateway.dataplane.steps.identify import Identify
from gateway.dataplane.upstream import failure, send_upstream
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.codes import INTERNAL, INVALID_ARGS
from gateway.wire.envelope import enveloped
from gateway.wire.refusal import Refusal
from kernel.transport.client import TransportClient
from kernel.transport.errors import BodyTooLarge, TransportError
from kernel.transport.request import StreamedBody
from kernel.transport.response import Response

Scope = Mapping[str, Any]

GONE = 499
"""Recorded, never sent: the client went away before it was answered."""


class Road:
    __slots__ = (
        "_answer_headers", "_client", "_trusted_proxies", "clock", "counters", "identify", "lookup", "max_body",
        "snapshots", "sorter",
    )  # fmt: skip

    def __init__(
        self,
        snapshots: SnapshotHolder,
        client: TransportClient,
        challenge: str,
        max_body: int,
        trusted_proxies: frozenset[str],
        clock: Callable[[], float],
    ) -> None:
        self.snapshots = snapshots
        self.counters = Counters()
        self.sorter = HeaderSorter()
        self.identify = Identify(challenge)
        self.lookup = Lookup(self.counters, self.identify, Authorise(challenge))
        self.max_body = max_body
        self.clock = clock
        self._client = client
        self._answer_headers = AnswerHeaders()
        self._trusted_proxies = trusted_proxies

    async def travel(
        self, call: Call, plan: RoutePlan, scope: Scope, receive: Receive, send: Send, body: bytes | None = None
    ) -> int:
        """Takes a call through its steps to the upstream; the status it answered. Raises Refusal, ClientGone.

        ``body`` is given when the door has read it already.
        """
        for step in plan.first:
            step(call)
        outgoing: bytes | StreamedBody = b""
        if body is not None:
            outgoing = body
        else:
            kept = call.headers.kept
            announced = kept.get(b"content-length")
            if announced is not None or b"transfer-encoding" in kept:
                outgoing = await self._body(plan, receive, announced)
        if isinstance(outgoing, bytes):
            call.body = outgoing
        for step in plan.last:
            step(call)
        if call.body is not None:
            outgoing = call.body  # a step may have written another
        response = await send_upstream(self._client, call, plan, self._peer(call, scope), outgoing)
        if call.is_esb or call.route.settings.envelope:
            return await self._answer_enveloped(call, plan, response, send)
        return await self._answer(call, plan, response, receive, send, request_complete=isinstance(outgoing, bytes))

    async def _body(self, plan: RoutePlan, receive: Receive, announced: bytes | None) -> bytes | StreamedBody:
        if announced is not None and not announced.isdigit():
            raise Refusal(INVALID_ARGS, "Content-Length is not a number")
        if plan.needs_body:
            return await read_body(receive, announced, self.max_body)
        body, more = await first_piece(receive)
        if not more:
            return body
        return StreamedBody(all_pieces(body, receive), int(announced) if announced is not None else None)

    async def _answer(
        self,
        call: Call,
        plan: RoutePlan,
        response: Response,
        receive: Receive,
        send: Send,
        *,
        request_complete: bool,
    ) -> int:
        headers = self._answer_headers.pass_on(response)
        headers += plan.answer_headers
        headers += answer_headers(call.request_id)
        body = response.take_if_complete()
        if body is not None:
            await answer_whole(send, response.status, headers, body)
        else:
            await answer_streaming(send, receive, response, headers, request_complete=request_complete)
        return response.status

    async def _answer_enveloped(self, call: Call, plan: RoutePlan, response: Response, send: Send) -> int:
        try:
            body = await response.read(self.max_body)
        except BodyTooLarge as problem:
            raise Refusal(INVALID_ARGS, "the backend's answer is too long for an envelope") from problem
        except TransportError as problem:
            raise failure(problem, plan) from problem
        backend = f"system={plan.key[0]}, component={plan.key[2]}"
        body = enveloped(response.status, body, call.request_id, backend)
        headers = [
            pair
            for pair in self._answer_headers.pass_on(response)
            if pair[0] not in (b"content-length", b"content-type", b"content-encoding")
        ]
        headers += plan.answer_headers
        headers += answer_headers(call.request_id)
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await answer_whole(send, 200, headers, body)
        return 200

    def _peer(self, call: Call, scope: Scope) -> str:
        """The value of ``X-Forwarded-For``: what a trusted proxy said, and who is at the other end."""
        client = scope.get("client")
        peer: str = client[0] if client else "unknown"
        if peer in self._trusted_proxies:
            told = call.headers.kept.get(b"x-forwarded-for")
            if told:
                return f"{told.decode('latin-1')}, {peer}"
        return peer

    def record(
        self,
        call: Call | None,
        plan: RoutePlan | None,
        request_id: str,
        method: str,
        status: int,
        code: int,
        started: float,
    ) -> None:
        """Counts a finished call and keeps it in the ring."""
        seconds = time.perf_counter() - started
        if plan is not None:
            counters, key = plan.counters, plan.key
        else:
            key = ("", "", "")
            counters = self.counters.of(*key)
        counters.statuses[status] = counters.statuses.get(status, 0) + 1
        counters.seconds += seconds
        if code:
            counters.refused[code] = counters.refused.get(code, 0) + 1
        identity = call.identity if call is not None else None
        app, user = (identity.app_code, identity.user or "") if identity is not None else ("", "")
        if plan is not None:
            plan.usage.add(app, failed=code != 0 or status >= INTERNAL.status)
        self.counters.record(self.clock(), request_id, app, user, key, method, status, code, seconds)
