"""Which server gets the next call. Those that are down get none, unless all are: then all are tried."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Protocol

from gateway.dataplane.upstream.servers import Server
from gateway.snapshot.model.upstreams import Balance

_POINTS = 160
"""Of the heaviest server on the ring of a consistent hash; with 64 servers the ring has at most 10,240."""


class Balancer(Protocol):
    def choose(self, now: float, key: str, avoid: Server | None) -> Server:
        """``key`` is what a consistent hash goes by; ``avoid`` has just failed this very call."""
        ...


def candidates(servers: Sequence[Server], now: float, avoid: Server | None) -> Sequence[Server]:
    """Those that are up, but for the one to avoid; when there is none of them, at least another one than that."""
    up = [server for server in servers if server.is_up(now) and server is not avoid]
    if up:
        return up
    return [server for server in servers if server is not avoid] or servers


class RoundRobin:
    """By turns, in proportion to the weights and evenly mixed: in each cycle everybody gets exactly its share."""

    __slots__ = ("_servers",)

    def __init__(self, servers: tuple[Server, ...]) -> None:
        self._servers = servers

    def choose(self, now: float, key: str, avoid: Server | None) -> Server:  # noqa: ARG002 - the protocol's signature
        turn = candidates(self._servers, now, avoid)
        best = turn[0]
        total = 0
        for server in turn:
            server.credit += server.weight
            total += server.weight
            if server.credit > best.credit:
                best = server
        best.credit -= total
        return best


class LeastConnections:
    """Whoever has the fewest calls under way for its weight; of several alike each in its turn."""

    __slots__ = ("_servers", "_turn")

    def __init__(self, servers: tuple[Server, ...]) -> None:
        self._servers = servers
        self._turn = 0

    def choose(self, now: float, key: str, avoid: Server | None) -> Server:  # noqa: ARG002 - the protocol's signature
        able = candidates(self._servers, now, avoid)
        self._turn += 1
        start = self._turn % len(able)
        return min((*able[start:], *able[:start]), key=lambda server: (server.in_flight + 1) / server.weight)


class ConsistentHash:
    """The same key goes to the same server; when one is down only its keys move, each to the next on the ring."""

    __slots__ = ("_at", "_points", "_servers")

    def __init__(self, servers: tuple[Server, ...]) -> None:
        self._servers = servers
        heaviest = max(server.weight for server in servers)
        ring = sorted(
            (_hash(f"{server.origin_text}#{number}"), place)
            for place, server in enumerate(servers)
            for number in range(max(1, round(_POINTS * server.weight / heaviest)))
        )
        self._points = [point for point, _ in ring]
        self._at = [servers[place] for _, place in ring]

    def choose(self, now: float, key: str, avoid: Server | None) -> Server:
        able = candidates(self._servers, now, avoid)
        start = bisect_right(self._points, _hash(key))
        count = len(self._at)
        if len(able) < len(self._servers):
            for step in range(count):
                server = self._at[(start + step) % count]
                if server in able:
                    return server
        return self._at[start % count]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big")


BALANCERS: dict[Balance, Callable[[tuple[Server, ...]], Balancer]] = {
    "round-robin": RoundRobin,
    "least-connections": LeastConnections,
    "consistent-hash": ConsistentHash,
}
