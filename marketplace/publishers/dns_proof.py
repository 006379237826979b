"""What a domain's DNS says of a publisher."""

from collections.abc import Sequence
from typing import Final, Protocol

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN

_LABEL: Final = "_trunkline-publisher"
_SECONDS: Final = 5.0


class DnsUnusable(Exception):
    """Nobody could be asked. The message is for people."""


class TextRecords(Protocol):
    async def __call__(self, name: str) -> list[str]:
        """The TXT records of a name; none where it has none. Raises DnsUnusable."""
        ...


class DnsLookup:
    """Args:
    servers: resolvers to ask, each as `(address, port)`; none asks those of this machine.
    """

    def __init__(self, servers: Sequence[tuple[str, int]]) -> None:
        self._servers = servers

    async def __call__(self, name: str) -> list[str]:
        try:
            resolver = Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = [Do53Nameserver(address, port) for address, port in self._servers]
            answer = await resolver.resolve(name, "TXT", lifetime=_SECONDS, search=False, raise_on_no_answer=False)
        except NXDOMAIN:
            return []
        except (DNSException, OSError) as error:
            raise DnsUnusable(f"{name} can't be looked up: {error}") from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def record_name(domain: str) -> str:
    """Where the record stands: a name of its own, so that it disturbs no other."""
    return f"{_LABEL}.{domain}"


def record_text(publisher: str, challenge: str) -> str:
    """What has to stand there: made for this publisher here, so that it proves nothing for another."""
    return f"publisher={publisher} challenge={challenge}"
