"""Calls that parts of the product make through the gateway, as any app would.

Implemented by `marketplace.invoke.calls_over_http`, and by `gateway.dataplane.own_calls` where the gateway serves in
the same process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """Attributes:
    headers: in the order in which they came.
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header, by its name in small letters."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class GatewayCalls(Protocol):
    async def call(
        self, method: str, target: str, headers: Sequence[tuple[bytes, bytes]], body: bytes, most_bytes: int
    ) -> GatewayAnswer:
        """Sends a request and reads the whole answer.

        Args:
            target: path, below ``/api/``, and query.
            headers: with names in small letters; the host and what frames the body are added.
            most_bytes: of the answer's body.

        Raises:
            kernel.transport.errors.TransportError: no answer, or a longer one.
        """
        ...
