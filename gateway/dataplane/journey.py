"""The way of one call: in at its door, through the steps of its route, to the upstream and back.

It goes as far as it can without waiting, in the very callback that brought the request or the upstream's answer. Where
it has to wait (a body that comes later, a step that waits, a connection to be opened) a task takes it to the next
place from where it can go on. There is one road, and each part of it is written once.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.dataplane.answer import Answer, Answered, Tap
from gateway.dataplane.call import Call
from gateway.dataplane.debugging import debug_line
from gateway.dataplane.exchange import ClientGone, Exchange, Successor, body_too_long
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.request_ids import request_id_of
from gateway.dataplane.steps.body_limit import bounded
from gateway.dataplane.strict_head import MalformedHead
from gateway.dataplane.upstream.failures import failure
from gateway.dataplane.upstream.sending import send_at_once, send_upstream
from gateway.dataplane.upstream.websocket import SWITCHED, WEBSOCKET, switch
from gateway.wire.codes import INTERNAL, INVALID_ARGS
from gateway.wire.envelope import enveloped
from gateway.wire.refusal import Refusal
from kernel.transport.errors import BodyTooLarge, TransportError
from kernel.transport.request import SAFE_METHODS, StreamedBody
from kernel.transport.response import Response

if TYPE_CHECKING:
    from gateway.dataplane.road import Road

GONE: Final = 499
"""Recorded, never sent: the client went away before it was answered."""

_LOG = logging.getLogger(__name__)
_FRAMING: Final = frozenset({b"content-type", b"content-encoding"})


class Door(Protocol):
    """The shape of a call and of its errors."""

    def enter(self, journey: "Journey") -> None:
        """Finds the route, makes the call, and has the journey ``proceed``, now or later. Raises Refusal, Answered."""

    def refused(self, refusal: Refusal, journey: "Journey") -> Answer: ...

    def code_of(self, refusal: Refusal) -> int: ...


class Journey:
    """``plan`` is known once the route is, ``call`` once it is ready for its steps; ``code`` is a refusal's.

    ``explains``: the client asked where its call went.
    """

    __slots__ = (
        "_response", "_taps", "_task", "call", "code", "door", "exchange", "explains", "id_lines", "is_over", "plan",
        "request_id", "road", "started",
    )  # fmt: skip

    def __init__(self, road: "Road", door: Door, exchange: Exchange) -> None:
        self.road = road
        self.door = door
        self.exchange = exchange
        self.started = time.perf_counter()
        self.call: Call | None = None
        self.plan: RoutePlan | None = None
        self.request_id = ""
        self.id_lines = b""
        self.code = 0
        self.is_over = self.explains = False
        self._response: Response | None = None
        self._task: asyncio.Task[None] | None = None
        self._taps: tuple[Tap, ...] = ()
        exchange.owner = self

    def take_id(self, given: bytes | None) -> str:
        """The id of the call from here on: the one the client gave, where it is harmless."""
        taken = request_id_of(given)
        self.request_id = taken.text
        self.id_lines = taken.lines
        return taken.text

    def wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        """Has the journey go on in a task."""
        self._task = self.exchange.run(self._guarded(work))

    # The way there

    def proceed(self, call: Call, plan: RoutePlan) -> None:
        """Takes a call through its steps. ``call.body`` is set when the door has read it already."""
        for step in plan.first:
            step(call)
        if call.body is None:
            call.body = self.exchange.whole()
        if call.body is None or plan.waits or (call.admission is not None and call.admission.pending):
            self.wait_for(self._wait(call, plan))
        else:
            self._depart(call, plan, call.body)

    async def _wait(self, call: Call, plan: RoutePlan) -> None:
        if call.admission is not None and call.admission.pending:
            await self.road.limits.settle(call, call.admission)
        for wait in plan.waits:
            await wait(call)
        self._depart(call, plan, await self._body(call, plan) if call.body is None else call.body)

    async def _body(self, call: Call, plan: RoutePlan) -> bytes | StreamedBody:
        announced = call.headers.kept.get(b"content-length")
        length = int(announced) if announced is not None else None
        if plan.needs_body:
            most = self.road.max_body if plan.body_limit is None else min(self.road.max_body, plan.body_limit)
            return await self.exchange.read(most, length)
        await self.exchange.arrival()
        whole = self.exchange.whole()
        if whole is not None:
            return whole
        pieces = self.exchange.pieces()
        return StreamedBody(pieces if plan.body_limit is None else bounded(pieces, plan.body_limit), length)

    def _depart(self, call: Call, plan: RoutePlan, body: bytes | StreamedBody) -> None:
        if isinstance(body, bytes):
            call.body = body
            if plan.needs_body and len(body) > self.road.max_body:
                raise body_too_long(self.road.max_body)
        for step in plan.last:
            step(call)
        if self.exchange.upgrade and plan.takes_websocket and self.exchange.upgrade == WEBSOCKET:
            self.wait_for(switch(self, call, plan))
            return
        if call.body is not None:
            body = call.body  # a step may have written another
            self._response = send_at_once(self.road.client, call, plan, body, self._arrived)
        if self._response is None:
            self.wait_for(self._send(call, plan, body))

    async def _send(self, call: Call, plan: RoutePlan, body: bytes | StreamedBody, *, fresh: bool = False) -> None:
        try:
            self._response = response = await send_upstream(self.road.client, call, plan, body, fresh=fresh)
        except TransportError as problem:
            if not self._repeats(call, plan, problem):
                raise failure(problem, plan) from problem
        else:
            if not self._repeats(call, plan, response.status):
                self._answer(call, plan, response)
                return
            self._let_go()
        await self._send_again(call, plan)

    async def _send_again(self, call: Call, plan: RoutePlan) -> None:
        if plan.guard is not None and call.body is not None:
            await plan.guard.again(call)
            await self._send(call, plan, call.body)

    def _repeats(self, call: Call, plan: RoutePlan, outcome: TransportError | int) -> bool:
        return plan.guard is not None and plan.guard.repeats(call, outcome)

    # The way back

    def _arrived(self, response: Response) -> None:
        """The head of the upstream's answer is here, or a failure."""
        if self.is_over:
            return
        call, plan = self.call, self.plan
        if call is None or plan is None:
            return
        try:
            if response.status:
                if plan.guard is not None and plan.guard.repeats(call, response.status):
                    self._let_go()
                    self.wait_for(self._send_again(call, plan))
                else:
                    self._answer(call, plan, response)
            elif response.was_stale and call.method in SAFE_METHODS and call.body is not None:
                self.wait_for(self._send(call, plan, call.body, fresh=True))
            elif isinstance(response.failure, TransportError):
                if not self._repeats(call, plan, response.failure):
                    raise failure(response.failure, plan)  # noqa: TRY301 - one way out for all refusals
                self.wait_for(self._send_again(call, plan))
        except Exception as problem:  # noqa: BLE001 - as in DataPlane.serve
            self.fail(problem)

    def _answer(self, call: Call, plan: RoutePlan, response: Response) -> None:
        answer = Answer(
            response.status,
            self.road.answer_headers.pass_on(response),
            response.take_if_complete(),
            length=response.content_length,
        )
        if answer.body is None and (call.is_esb or plan.answer_is_read):
            self.wait_for(self._collect(plan, response, answer))
        else:
            self._give(answer)

    async def _collect(self, plan: RoutePlan, response: Response, answer: Answer) -> None:
        try:
            answer.body = await response.read(self.road.max_body)
        except BodyTooLarge as problem:
            raise Refusal(INVALID_ARGS, "the backend's answer is too long to be read as a whole") from problem
        except TransportError as problem:
            raise failure(problem, plan) from problem
        self._give(answer)

    def _give(self, answer: Answer) -> None:
        """Hands the answer to the client; what has not arrived yet follows as it comes."""
        call, plan = self.call, self.plan
        lines = self.id_lines
        if plan is not None and call is not None:
            for hook in plan.answers:
                hook(call, answer)
            if call.admission is not None:
                call.admission.answer(answer)  # after the hooks: what is kept for others tells nothing of this caller
            if not answer.is_final and (call.is_esb or call.route.settings.envelope):
                _envelop(answer, call, plan)
            if answer.refusal is None:
                lines += plan.answer_lines
            if self.explains:
                lines += debug_line(self, call)
        if answer.body is not None:
            self.exchange.answer(answer.status, answer.headers, lines, answer.body, answer.length)
            self._end(answer.status)
        elif self._response is not None:
            self._taps = answer.taps
            self.exchange.start(answer.status, answer.headers, lines, answer.length)
            self._response.watcher = self._moved
            self._moved(self._response)

    def _moved(self, response: Response) -> None:
        """More of the answer's body is here, or its end."""
        if self.is_over or not self.exchange.is_writable:
            return
        piece = response.take()
        if piece:
            self.exchange.write(piece)
            for tap in self._taps:
                tap.take(piece)
        if response.complete:
            self._finish(response, whole=True)
        elif response.failure is not None:
            self._finish(response, whole=False)

    def _finish(self, response: Response, *, whole: bool) -> None:
        self._end_taps(whole=whole)
        if whole:
            self.exchange.finish()
        else:
            self.exchange.abort()  # what is missing must be seen to be missing
        self._end(response.status)

    def _end_taps(self, *, whole: bool) -> None:
        taps, self._taps = self._taps, ()
        for tap in taps:
            tap.end(whole=whole)

    # Its end

    def client_writable(self) -> None:
        if self.exchange.started and self._response is not None and not self.is_over:
            self._moved(self._response)

    def take_answer(self, response: Response) -> None:
        """The upstream answered instead of switching protocols."""
        self._response = response
        if self.call is not None and self.plan is not None:
            self._answer(self.call, self.plan, response)

    def switched_back(self, successor: Successor) -> None:
        """The connection that was switched to another protocol is gone: the call is over."""
        self.exchange.left(successor)
        self._end(SWITCHED)

    def _let_go(self) -> None:
        """Gives up the upstream's answer."""
        response, self._response = self._response, None
        if response is not None:
            response.watcher = None
            response.close()

    def client_gone(self) -> None:
        self._let_go()
        if self._task is not None:
            self._task.cancel()
        self._end_taps(whole=False)
        self._end(GONE)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            self.exchange.abort()
            self._end(GONE)
            raise
        except Exception as problem:  # noqa: BLE001 - as in DataPlane.serve
            self.fail(problem)

    def fail(self, problem: Exception) -> None:
        """Tells the client, as its door does. What goes wrong in that ends the connection."""
        try:
            if self.is_over or isinstance(problem, ClientGone):
                return
            if isinstance(problem, MalformedHead):
                self.exchange.refuse_malformed()
                self._end(INVALID_ARGS.status)
                return
            if isinstance(problem, Answered):
                self._give(problem.answer)
                return
            if not isinstance(problem, Refusal):
                _LOG.error("a call failed inside the gateway", exc_info=problem)
                problem = Refusal(INTERNAL)
            self._refuse(problem)
        except Exception:  # noqa: BLE001 - as in DataPlane.serve
            _LOG.exception("a call could not be answered")
            self.exchange.abort()
            self._end(INTERNAL.status)

    def _refuse(self, refusal: Refusal) -> None:
        self.code = self.door.code_of(refusal)
        if not self.request_id:
            self.take_id(None)
        answer = self.door.refused(refusal, self)
        self._let_go()
        if self.exchange.started:
            self.exchange.abort()
            self._end(answer.status)
        else:
            self._give(answer)

    def _end(self, status: int) -> None:
        if self.is_over:
            return
        self.is_over = True
        # What points back here is let go: a call leaves nothing for the cycle collector.
        self.exchange.owner = None
        if self._response is not None:
            self._response.watcher = None
            self._response = None
        self.road.record(self, status)
        if self.plan is not None and self.call is not None:
            if self.call.admission is not None:
                self.call.admission.end()
            for end in self.plan.ends:
                end(self.call, status)


def _envelop(answer: Answer, call: Call, plan: RoutePlan) -> None:
    backend = f"system={plan.key[0]}, component={plan.key[2]}"
    answer.body = enveloped(answer.status, answer.body or b"", call.request_id, backend)
    answer.status = 200
    answer.headers = [pair for pair in answer.headers if pair[0] not in _FRAMING]
    answer.headers.append((b"content-type", b"application/json"))
