"""Which addresses may be dialled. Names are resolved once; the address that was checked is the one dialled."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kernel.transport.errors import AddressDenied, ResolveFailed
from kernel.transport.origin import Origin, parse_url

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER_PUBLIC = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""IPv4 addresses as IPv6 (RFC 4291 §2.5.5.1) and through a network's own NAT64 (RFC 8215), for which not every Python
answers alike."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Denies every address that is not public: loopback, private, link-local (with it the metadata services),
    shared, reserved, multicast; also when wrapped into IPv6.

    ``origins`` lists exact origins an operator allowed; ``networks`` lists networks any origin may resolve into.
    """

    origins: frozenset[Origin] = field(default_factory=frozenset)
    networks: tuple[Network, ...] = ()

    @classmethod
    def allowing(cls, origins: Iterable[str] = (), networks: Iterable[str] = ()) -> "AddressPolicy":
        """From text: ``http://127.0.0.1:8080`` and ``10.0.0.0/8``; raises InvalidRequest or ValueError."""
        return cls(
            frozenset(parse_url(origin)[0] for origin in origins),
            tuple(ipaddress.ip_network(network) for network in networks),
        )

    def permits(self, origin: Origin, address: Address) -> bool:
        if replace(origin, tls=None) in self.origins:
            return True
        if any(address.version == network.version and address in network for network in self.networks):
            return True
        return all(_is_public(part) for part in (address, *_wrapped(address)))


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _NEVER_PUBLIC):
        return False
    return address.is_global and not address.is_multicast


def _wrapped(address: Address) -> list[Address]:
    """The IPv4 addresses an IPv6 address carries inside (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[Address] = [part for part in (address.ipv4_mapped, address.sixtofour) if part is not None]
    if address.teredo is not None:
        found.extend(address.teredo)
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


async def resolve(origin: Origin, policy: AddressPolicy) -> list[str]:
    """The addresses of an origin that may be dialled, in the resolver's order.

    Raises ResolveFailed when there is none, AddressDenied when there are only forbidden ones.
    """
    found = await _addresses_of(origin)
    if not found:
        raise ResolveFailed(f"{origin.host} has no address")
    allowed = [str(address) for address in found if policy.permits(origin, address)]
    if not allowed:
        raise AddressDenied(f"{origin} resolves to an address that is not allowed; an operator can list this origin")
    return allowed


async def _addresses_of(origin: Origin) -> list[Address]:
    try:
        return [ipaddress.ip_address(origin.host)]
    except ValueError:
        pass
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise ResolveFailed(f"{origin.host} cannot be resolved") from problem
    return list(dict.fromkeys(ipaddress.ip_address(info[4][0]) for info in infos))
