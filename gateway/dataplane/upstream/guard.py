"""What stands between a route and an upstream that may fail: several servers, tries again, a circuit breaker.

A route with one server and neither policy has no guard, and pays nothing for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.dataplane.upstream.failures import FAILURES, kind_of
from gateway.dataplane.upstream.fleet import Fleet
from gateway.dataplane.upstream.servers import Server
from gateway.dataplane.upstream.signers import Signer
from gateway.policies.kinds.retry import Retry
from gateway.policies.states.breaker import Breaker, CircuitOpen
from gateway.wire.codes import UNAVAILABLE
from gateway.wire.refusal import Refusal
from kernel.transport.errors import TransportError

FAIL_OVER = Retry(attempts=2, on=("connect",), statuses=())
"""Without a policy: a call that never reached its server goes to another one."""

_GATEWAY_STATUSES = frozenset({502, 503, 504})
_NOTE = "upstream"


@dataclass(slots=True)
class Attempt:
    """What a call remembers of its way to the upstream."""

    number: int = 1
    ticket: int | None = None
    is_told: bool = False


class Guard:
    """``enter`` is a step before the signer, ``seen`` a hook on the answer, ``end`` what follows a call.

    ``clock`` answers seconds since 1970, as calls have them.
    """

    __slots__ = ("_breaker", "_clock", "_fleet", "_retry", "_signer")

    def __init__(
        self,
        fleet: Fleet | None,
        retry: Retry | None,
        breaker: Breaker | None,
        signer: Signer | None,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._fleet = fleet
        self._retry = retry or (FAIL_OVER if fleet is not None else None)
        self._breaker = breaker
        self._signer = signer

    def enter(self, call: Call) -> None:
        """Raises Refusal while the circuit is open."""
        attempt = Attempt()
        if self._breaker is not None:
            try:
                attempt.ticket = self._breaker.admit(call.now)
            except CircuitOpen as problem:
                seconds = b"%d" % max(1, round(problem.retry_after))
                reason = "the backend has failed too often and is left alone for a while"
                raise Refusal(UNAVAILABLE, reason, ((b"retry-after", seconds),)) from problem
        if call.notes is None:
            call.notes = {}
        call.notes[_NOTE] = attempt
        if self._fleet is not None:
            call.server = self._fleet.take(call)

    def repeats(self, call: Call, outcome: TransportError | int) -> bool:
        """Whether a call that failed, or was answered with this status, is to be tried again. Raises nothing."""
        retry, attempt = self._retry, self._attempt(call)
        if retry is None or attempt is None or call.body is None or attempt.number >= retry.attempts:
            return False
        if isinstance(outcome, int):
            if outcome not in retry.statuses:
                return False
            kind = ""
        else:
            kind = kind_of(outcome)
            if kind not in retry.on:
                return False
        has_key = b"idempotency-key" in call.headers.kept
        if kind != "connect" and not retry.repeats(call.method, has_key=has_key):
            return False
        self._blame(call.server)
        return True

    async def again(self, call: Call) -> None:
        """Makes the call ready for its next try: after a pause, for another server where there is one, signed anew."""
        attempt = self._attempt(call)
        if attempt is None or self._retry is None:
            return
        attempt.number += 1
        await asyncio.sleep(self._retry.pause_before(attempt.number))
        if self._fleet is not None:
            left, call.server = call.server, None
            if left is not None:
                self._fleet.give_back(left)
            call.server = self._fleet.take(call, avoid=left)
        if self._signer is not None:
            self._signer(call)

    def seen(self, call: Call, answer: Answer) -> None:
        """A hook: tells the server and the breaker how the call went."""
        attempt = self._attempt(call)
        if attempt is None or attempt.is_told:
            return
        attempt.is_told = True
        if answer.refusal is not None:
            if answer.refusal.code in FAILURES:
                self._blame(call.server)
                self._tell(attempt, failed=True)
            else:
                self._abandon(attempt)
            return
        if answer.status in _GATEWAY_STATUSES:
            self._blame(call.server)
        elif call.server is not None:
            call.server.succeeded()
        breaker = self._breaker
        self._tell(attempt, failed=breaker is not None and answer.status in breaker.config.statuses)

    def end(self, call: Call, _status: int) -> None:
        attempt = self._attempt(call)
        if attempt is None:
            return
        if not attempt.is_told:
            self._abandon(attempt)
        if call.server is not None and self._fleet is not None:
            self._fleet.give_back(call.server)
            call.server = None

    def _blame(self, server: Server | None) -> None:
        if server is not None and self._fleet is not None:
            self._fleet.failed(server, self._clock())

    def _tell(self, attempt: Attempt, *, failed: bool) -> None:
        if self._breaker is None or attempt.ticket is None:
            return
        if failed:
            self._breaker.failed(attempt.ticket, self._clock())
        else:
            self._breaker.succeeded(attempt.ticket, self._clock())

    def _abandon(self, attempt: Attempt) -> None:
        attempt.is_told = True
        if self._breaker is not None and attempt.ticket is not None:
            self._breaker.abandoned(attempt.ticket)

    @staticmethod
    def _attempt(call: Call) -> Attempt | None:
        found = call.notes.get(_NOTE) if call.notes is not None else None
        return found if isinstance(found, Attempt) else None
