"""What both doors share: the parts of the data plane, and what is kept of a finished call."""

import time
from collections.abc import Callable

from gateway.dataplane.access_log import AccessLog, line_of
from gateway.dataplane.answer import AnswerHeaders
from gateway.dataplane.call import Call
from gateway.dataplane.counters import Counters
from gateway.dataplane.exchange import Exchange
from gateway.dataplane.governing import Governing
from gateway.dataplane.headers import HeaderSorter
from gateway.dataplane.journey import Journey
from gateway.dataplane.logins import Logins
from gateway.dataplane.lookup import Lookup
from gateway.dataplane.plan import Parts
from gateway.dataplane.steps.authorise import Authorise
from gateway.dataplane.steps.identify import Identify
from gateway.dataplane.upstream.guards import Guards
from gateway.dataplane.upstream.health import HealthChecks
from gateway.dataplane.upstream.signers import Signers
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.codes import INTERNAL
from kernel.transport.client import TransportClient


class Road:
    __slots__ = (
        "_access_log", "_trusted_proxies", "answer_headers", "checks", "client", "clock", "counters", "identify",
        "limits", "logins", "lookup", "max_body", "snapshots", "sorter",
    )  # fmt: skip

    def __init__(
        self,
        snapshots: SnapshotHolder,
        client: TransportClient,
        challenge: str,
        max_body: int,
        trusted_proxies: frozenset[str],
        access_log: AccessLog | None,
        logins: Logins,
        clock: Callable[[], float],
        governing: Governing,
    ) -> None:
        self.snapshots = snapshots
        self.client = client
        self.counters = Counters()
        self.sorter = HeaderSorter()
        self.answer_headers = AnswerHeaders()
        self.identify = Identify(challenge)
        self.limits = limits = governing.limits
        self.checks = HealthChecks(client, snapshots)
        signers, guards = Signers(client, clock), Guards(self.checks, clock)
        self.lookup = Lookup(
            self.counters, Parts(self.identify, Authorise(challenge, limits), governing, signers, guards)
        )
        self.logins = logins
        self.max_body = max_body
        self.clock = clock
        self._access_log = access_log
        self._trusted_proxies = trusted_proxies

    def locate(self, call: Call, exchange: Exchange) -> None:
        """Where the call comes from: who is at the other end, and what a trusted proxy said."""
        peer = exchange.peer
        call.peer = call.forwarded_for = peer
        if peer in self._trusted_proxies:
            told = call.headers.kept.get(b"x-forwarded-for")
            if told:
                addresses = told.decode("latin-1")
                call.forwarded_for = f"{addresses}, {peer}"
                call.peer = self._first_untrusted(addresses) or peer

    def _first_untrusted(self, addresses: str) -> str:
        """The nearest address that is none of our proxies': what stands left of it anybody may have written."""
        for address in reversed(addresses.split(",")):
            if (bare := address.strip()) not in self._trusted_proxies:
                return bare
        return ""

    def record(self, journey: Journey, status: int) -> None:
        """Counts a finished call, keeps it in the ring, and logs it."""
        seconds = time.perf_counter() - journey.started
        call, plan, code = journey.call, journey.plan, journey.code
        identity = call.identity if call is not None else None
        app, user = (identity.app_code, identity.user or "") if identity is not None else ("", "")
        if plan is not None:
            counters, key = plan.counters, plan.key
            plan.usage.add(app, failed=code != 0 or status >= INTERNAL.status)
        else:
            key = ("", "", "")
            counters = self.counters.of(*key)
        counters.statuses[status] = counters.statuses.get(status, 0) + 1
        counters.seconds += seconds
        if code:
            counters.refused[code] = counters.refused.get(code, 0) + 1
        method = journey.exchange.method
        now = self.clock()
        self.counters.record(now, journey.request_id, app, user, key, method, status, code, seconds)
        if self._access_log is not None:
            self._access_log.write(line_of(journey, now, status, seconds))
