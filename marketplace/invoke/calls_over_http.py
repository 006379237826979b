"""Calls to a gateway at an address: `kernel.contracts.gateway_calls.GatewayCalls`."""

from collections.abc import Sequence
from typing import Final

from kernel.contracts.gateway_calls import GatewayAnswer
from kernel.transport.client import TransportClient
from kernel.transport.errors import BodyTooLarge
from kernel.transport.limits import Timeouts

_TIMEOUTS: Final = Timeouts(connect=5, read=120, total=180)


class CallsOverHttp:
    """Args:
    client: its owner closes it.
    """

    def __init__(self, client: TransportClient, gateway_url: str) -> None:
        self._client = client
        self._base = gateway_url.rstrip("/")

    async def call(
        self, method: str, target: str, headers: Sequence[tuple[bytes, bytes]], body: bytes, most_bytes: int
    ) -> GatewayAnswer:
        response = await self._client.request(
            method, self._base + target, headers=headers, body=body, timeouts=_TIMEOUTS
        )
        received = response.take_if_complete()
        if received is None:
            received = await response.read(most_bytes)
        elif len(received) > most_bytes:
            raise BodyTooLarge
        return GatewayAnswer(response.status, response.headers, received)
