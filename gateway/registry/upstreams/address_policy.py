"""Which upstream addresses a system may be registered with."""

from collections.abc import Iterable

from kernel.errors import Invalid
from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.errors import AddressDenied, InvalidRequest, ResolveFailed
from kernel.transport.origin import parse_url

_EXAMPLE = "Send an address like https://cmdb.example.com/api"


class UpstreamPolicy:
    """Loopback, private and other special addresses are refused unless an operator listed the exact origin.

    The data plane checks again whenever it dials; here the mistake is told while somebody is looking.
    """

    def __init__(self, allowed_origins: Iterable[str]) -> None:
        self._policy = AddressPolicy.allowing(allowed_origins)

    async def check(self, url: str, field: str = "upstream_url") -> str:
        """The address without a slash at its end.

        Raises:
            Invalid: naming `field`, with what to send instead.
        """
        try:
            origin, target = parse_url(url)
        except InvalidRequest as error:
            raise Invalid.field(field, str(error), _EXAMPLE) from error
        if "?" in target or "#" in url:
            raise Invalid.field(field, "has a query or a fragment", _EXAMPLE)
        try:
            await resolve(origin, self._policy)
        except AddressDenied as error:
            raise Invalid.field(
                field,
                f"{origin} leads to an address inside the machine or its network",
                f"Have the operator add {origin} to TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS",
            ) from error
        except ResolveFailed as error:
            raise Invalid.field(field, str(error), "Send a host name that resolves here, or an address") from error
        return url.rstrip("/")
