"""Documents by address: fetched as carefully as calls are forwarded."""

from collections.abc import Iterable
from typing import Final

from kernel.errors import Invalid
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import AddressDenied, BodyTooLarge, TransportError
from kernel.transport.limits import Timeouts

LONGEST: Final = 10 * 1024 * 1024
"""Bytes."""

_TIMEOUTS = Timeouts(connect=5.0, read=10.0, total=30.0)
_HEADERS = ((b"accept", b"application/json, application/yaml, text/yaml, */*"), (b"accept-encoding", b"identity"))


class DocumentFetcher:
    """Addresses inside the machine or its network are refused unless an operator listed the exact origin."""

    def __init__(self, allowed_origins: Iterable[str], longest: int = LONGEST) -> None:
        self._policy = AddressPolicy.allowing(allowed_origins)
        self._longest = longest

    async def fetch(self, url: str, field: str) -> str:
        """The text at `url`; redirects are not followed.

        Raises:
            Invalid: naming `field`, with what to do.
        """
        client = TransportClient(self._policy)
        try:
            response = await client.request("GET", url, headers=_HEADERS, timeouts=_TIMEOUTS)
            if response.status != 200:  # noqa: PLR2004 - any other answer is no document
                response.close()
                remedy = "Send the address where the document itself is answered, without a redirect"
                raise Invalid.field(field, f"answers {response.status}", remedy)
            body = await response.read(self._longest)
        except AddressDenied as error:
            remedy = (
                "Have the operator add its origin to TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS, or send the document itself"
            )
            raise Invalid.field(field, "leads to an address inside the machine or its network", remedy) from error
        except BodyTooLarge as error:
            raise Invalid.field(field, f"answers more than {self._longest} bytes", "Split the document") from error
        except TransportError as error:
            raise Invalid.field(field, str(error), "Send an http or https address that answers here") from error
        finally:
            await client.aclose()
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise Invalid.field(field, "answers no UTF-8 text", "Serve the document as UTF-8") from error
