"""The servers of an upstream as this process knows them: how busy they are, and whether they can be had."""

from collections.abc import Mapping

from gateway.snapshot.model.upstreams import ActiveCheck, PassiveCheck, Target
from kernel.transport.origin import Origin


class Server:
    """One target. It outlives snapshots, so that a publication makes nobody forget who is down.

    Attributes:
        origin_text: what a signature covers of its address. head_end: the end of a request's first line, and its host.
        in_flight: calls under way. credit: what smooth weighted turns have left it.
        is_healthy: as the active checks see it. ejected_until: as failed calls do; in the time of calls.
    """

    __slots__ = (
        "_checks", "_failures", "credit", "ejected_until", "head_end", "in_flight", "is_healthy", "origin",
        "origin_text", "weight",
    )  # fmt: skip

    def __init__(self, target: Target) -> None:
        self.origin = target.origin
        self.weight = target.weight
        self.origin_text = str(target.origin)
        self.head_end = f" HTTP/1.1\r\nhost: {target.origin.authority}\r\n"
        self.in_flight = 0
        self.credit = 0
        self.is_healthy = True
        self.ejected_until = 0.0
        self._failures = 0
        self._checks = 0

    def is_up(self, now: float) -> bool:
        return self.is_healthy and self.ejected_until <= now

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, check: PassiveCheck | None, now: float) -> None:
        """A call failed; after too many in a row it gets none for a while."""
        if check is None:
            return
        self._failures += 1
        if self._failures >= check.failures:
            self._failures = 0
            self.ejected_until = now + check.eject_seconds

    def checked(self, check: ActiveCheck, *, is_well: bool) -> None:
        """The outcome of an active check; so many alike in a row change what it is taken for."""
        if is_well == self.is_healthy:
            self._checks = 0
            return
        self._checks += 1
        if self._checks >= (check.healthy_after if is_well else check.unhealthy_after):
            self._checks = 0
            self.is_healthy = is_well


def servers_of(targets: tuple[Target, ...], known: Mapping[Origin, Server]) -> tuple[Server, ...]:
    """One for each target that gets calls; those that are known already stay who they are."""
    servers: list[Server] = []
    for target in targets:
        if target.weight:
            server = known.get(target.origin) or Server(target)
            server.weight = target.weight
            servers.append(server)
    return tuple(servers)
