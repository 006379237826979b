"""Which addresses may call. BlueKing: `bk-ip-restriction`."""

import ipaddress
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.policies.kinds.policy import Config, Kind

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text} is no IP address and no network such as 10.0.0.0/8") from None
    return text


Network = Annotated[str, StringConstraints(min_length=2, max_length=49), AfterValidator(_network)]


class IpRestriction(Config):
    """Looked at before anything else. `deny` beats `allow`; an empty `allow` allows what isn't denied.

    An address must pass at every place where such a policy stands. It is the one that reached the gateway, or what a
    trusted proxy told.
    """

    allow: Annotated[
        tuple[Network, ...], Field(max_length=1000, description="Addresses and networks that may call")
    ] = ()
    deny: Annotated[tuple[Network, ...], Field(max_length=1000, description="Addresses and networks that may not")] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.allow and not self.deny:
            raise ValueError("restricts nothing; give allow or deny")
        return self


KIND = Kind("ip-restriction", "Which client addresses may call.", IpRestriction, is_cumulative=True)
