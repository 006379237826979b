"""What both doors share: the parts of the data plane, and what is kept of a finished call."""

import time
from collections.abc import Callable

from gateway.dataplane.access_log import AccessLog, line_of
from gateway.dataplane.answer import AnswerHeaders
from gateway.dataplane.call import Call
from gateway.dataplane.counters import Counters
from gateway.dataplane.governing import Governing
from gateway.dataplane.headers import HeaderSorter
from gateway.dataplane.journey import Journey
from gateway.dataplane.logins import Logins
from gateway.dataplane.lookup import Lookup
from gateway.dataplane.plan import Parts
from gateway.dataplane.recursion import Recursion
from gateway.dataplane.steps.authorise import Authorise
from gateway.dataplane.steps.identify import Identify
from gateway.dataplane.steps.proofs import Proofs
from gateway.dataplane.upstream.guards import Guards
from gateway.dataplane.upstream.health import HealthChecks
from gateway.dataplane.upstream.signers import Signers
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.wire.codes import INTERNAL
from kernel.transport.client import TransportClient


class Road:
    __slots__ = (
        "_access_log", "answer_headers", "checks", "client", "clock", "counters", "guards", "identify", "limits",
        "logins", "lookup", "max_body", "recursion", "snapshots", "sorter", "trusted_proxies",
    )  # fmt: skip

    def __init__(
        self,
        snapshots: SnapshotHolder,
        client: TransportClient,
        metadata: str,
        proofs: Proofs,
        max_body: int,
        trusted_proxies: frozenset[str],
        access_log: AccessLog | None,
        logins: Logins,
        recursion: Recursion,
        clock: Callable[[], float],
        governing: Governing,
    ) -> None:
        self.snapshots = snapshots
        self.client = client
        self.counters = Counters()
        self.sorter = HeaderSorter()
        self.answer_headers = AnswerHeaders()
        self.identify = Identify(metadata, proofs)
        self.limits = limits = governing.limits
        self.checks = HealthChecks(client, snapshots)
        self.guards = guards = Guards(self.checks, clock)
        signers = Signers(client, clock)
        authorise = Authorise(f"Bearer {metadata}", limits)
        parts = Parts(self.identify, authorise, governing, signers, guards, recursion.line)
        self.lookup = Lookup(self.counters, parts)
        self.recursion = recursion
        self.logins = logins
        self.max_body = max_body
        self.clock = clock
        self._access_log = access_log
        self.trusted_proxies = trusted_proxies

    def believe(self, call: Call) -> None:
        """Where a call comes from when a trusted proxy hands it over: as far as proxies that are trusted say."""
        told = call.headers.kept.get(b"x-forwarded-for")
        if told and call.peer in self.trusted_proxies:
            addresses = told.decode("latin-1")
            call.forwarded_for = f"{addresses}, {call.peer}"
            call.peer = self._first_untrusted(addresses) or call.peer

    def _first_untrusted(self, addresses: str) -> str:
        """The nearest address that is none of our proxies': what stands left of it anybody may have written."""
        for address in reversed(addresses.split(",")):
            if (bare := address.strip()) not in self.trusted_proxies:
                return bare
        return ""

    def record(self, journey: Journey, status: int) -> None:
        """Counts a finished call and logs it."""
        seconds = time.perf_counter() - journey.started
        call, plan, code = journey.call, journey.plan, journey.code
        if plan is not None:
            counters = plan.counters
            identity = call.identity if call is not None else None
            plan.usage.add(
                identity.app_code if identity is not None else "", failed=code != 0 or status >= INTERNAL.status
            )
        else:
            counters = self.counters.of("", "", "")
        counters.statuses[status] = counters.statuses.get(status, 0) + 1
        counters.seconds += seconds
        if code:
            counters.refused[code] = counters.refused.get(code, 0) + 1
        if self._access_log is not None:
            began = call.now if call is not None else self.clock() - seconds
            self._access_log.write(line_of(journey, began, status, seconds))
