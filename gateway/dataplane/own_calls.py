"""Calls that the product makes of the gateway in its own process: the same road, without a connection to it.

`kernel.contracts.gateway_calls.GatewayCalls`. Tokens, grants, limits, signatures and the access log are those of a call
from outside; what is left out is writing the request and the answer to a socket and parsing both again.
"""

from collections.abc import Sequence
from typing import Final

from gateway.dataplane.kept_exchange import KeptExchange
from gateway.dataplane.server import ServesExchanges
from kernel.contracts.gateway_calls import GatewayAnswer, GatewayCalls
from kernel.transport.errors import BodyTooLarge, TotalTimeout, UpstreamClosed
from kernel.transport.request import check_head

SECONDS: Final = 180.0
_HOST: Final = (b"host", b"inside")
_FAILED: Final = 500
_OF_GATEWAY: Final = b"x-bkapi-error-code"


class OwnCalls:
    """Args:
    otherwise: makes the calls while this process does not listen: before it does, and when it stops, the systems
        embedded in it can't be reached either, and whoever calls must learn that the gateway is away.
    seconds: from the request to the end of its answer; the stage's own timeout is usually shorter.
    """

    def __init__(self, data_plane: ServesExchanges, otherwise: GatewayCalls, seconds: float = SECONDS) -> None:
        self._data_plane = data_plane
        self._otherwise = otherwise
        self._seconds = seconds

    async def call(
        self, method: str, target: str, headers: Sequence[tuple[bytes, bytes]], body: bytes, most_bytes: int
    ) -> GatewayAnswer:
        if not self._data_plane.listens:
            return await self._otherwise.call(method, target, headers, body, most_bytes)
        check_head(method, target, headers)
        path, _, query = target.partition("?")
        framing = [(b"content-length", b"%d" % len(body))] if body else []
        exchange = KeptExchange(
            method,
            path.encode("ascii"),
            query.encode("ascii"),
            [*headers, _HOST, *framing],
            body,
            most_bytes=most_bytes,
        )
        await self._served(exchange)
        if exchange.is_too_long:
            raise BodyTooLarge(f"the answer's body is longer than {most_bytes} bytes")
        answer = GatewayAnswer(exchange.status, exchange.answer_headers, b"".join(exchange.body))
        if exchange.truncated or (_is_own_failure(answer) and not self._data_plane.listens):
            raise UpstreamClosed("the gateway ended the call")
        return answer

    async def _served(self, exchange: KeptExchange) -> None:
        self._data_plane.own_calls.add(exchange)
        self._data_plane.serve(exchange)
        try:
            await exchange.wait(self._seconds)
        except TimeoutError as problem:
            raise TotalTimeout(f"no answer within {self._seconds:g} s") from problem
        finally:
            self._data_plane.own_calls.discard(exchange)


def _is_own_failure(answer: GatewayAnswer) -> bool:
    """Whether the gateway failed; what a system answers is its answer whenever it comes."""
    return answer.status >= _FAILED and answer.header(_OF_GATEWAY) is not None
