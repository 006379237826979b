"""The servers of one upstream together: who gets a call, and what becomes of one that fails."""

from collections.abc import Callable, Mapping

from gateway.dataplane.call import Call
from gateway.dataplane.upstream.balancing import BALANCERS
from gateway.dataplane.upstream.servers import Server, servers_of
from gateway.snapshot.model.upstreams import Upstream
from kernel.transport.origin import Origin


class Fleet:
    """Belongs to one event loop. ``known`` are servers of the upstream as it was before."""

    __slots__ = ("_balancer", "_key_of", "servers", "upstream")

    def __init__(self, upstream: Upstream, known: Mapping[Origin, Server]) -> None:
        self.upstream = upstream
        self.servers = servers_of(upstream.targets, known)
        self._balancer = BALANCERS[upstream.balance](self.servers)
        self._key_of = _key_reader(upstream.hash_on) if upstream.balance == "consistent-hash" else _no_key

    def take(self, call: Call, avoid: Server | None = None) -> Server:
        """The server for a call; it is to be given back."""
        server = self._balancer.choose(call.now, self._key_of(call), avoid)
        server.in_flight += 1
        return server

    def give_back(self, server: Server) -> None:
        server.in_flight -= 1

    def failed(self, server: Server, now: float) -> None:
        server.failed(self.upstream.passive, now)


def _no_key(_call: Call) -> str:
    return ""


def _app(call: Call) -> str:
    return call.identity.app_code if call.identity is not None else call.peer


def _user(call: Call) -> str:
    user = call.identity.user if call.identity is not None else None
    return user if user is not None else _app(call)


def _address(call: Call) -> str:
    return call.peer


def _key_reader(hash_on: str) -> Callable[[Call], str]:
    """What is not there is replaced by what is known besides: the user by the app, that and a header by the address."""
    if hash_on == "app":
        return _app
    if hash_on == "user":
        return _user
    if not hash_on.startswith("header:"):
        return _address
    wanted = hash_on.removeprefix("header:").encode()

    def header(call: Call) -> str:
        passed = call.headers.passed
        for at in range(0, len(passed), 4):
            if passed[at] == wanted:
                return passed[at + 2].decode("latin-1")
        return call.peer

    return header
