"""Whether the client's address may call."""

import ipaddress
from typing import Self, cast

from gateway.dataplane.call import Call
from gateway.policies.kinds.ip_restriction import IpNetwork, IpRestriction
from gateway.policies.kinds.placing import Placed
from gateway.wire.codes import IP_NOT_ALLOWED
from gateway.wire.refusal import Refusal

_REMEMBERED = 4096


class RestrictAddress:
    """What was decided for an address is remembered, up to a bound."""

    __slots__ = ("_allow", "_decided", "_deny", "_place")

    def __init__(self, placed: Placed) -> None:
        policy = cast("IpRestriction", placed.config)
        self._allow = _networks(policy.allow)
        self._deny = _networks(policy.deny)
        self._place = str(placed)
        self._decided: dict[str, bool] = {}

    @classmethod
    def of(cls, placed: Placed) -> Self:
        """One for all routes for which it holds."""
        if placed.planned.value is None:
            placed.planned.value = cls(placed)
        step: Self = placed.planned.value
        return step

    def __call__(self, call: Call) -> None:
        allowed = self._decided.get(call.peer)
        if allowed is None:
            allowed = self.decide(call.peer)
        if not allowed:
            raise Refusal(IP_NOT_ALLOWED, f"{call.peer} may not call {self._place}")

    def decide(self, peer: str) -> bool:
        """Whether this address may call."""
        try:
            address = ipaddress.ip_address(peer.split("%", 1)[0])
        except ValueError:
            return False  # what a proxy told is no address
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        denied = any(address in network for network in self._deny)
        allowed = not denied and (not self._allow or any(address in network for network in self._allow))
        if len(self._decided) >= _REMEMBERED:
            self._decided.clear()
        self._decided[peer] = allowed
        return allowed


def _networks(texts: tuple[str, ...]) -> tuple[IpNetwork, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
