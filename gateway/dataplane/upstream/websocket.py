"""WebSocket: the client's offer to switch protocols is taken to the upstream, and then bytes pass both ways unread."""

import asyncio
from typing import TYPE_CHECKING

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.dataplane.plan import RoutePlan
from gateway.dataplane.upstream.failures import failure
from gateway.dataplane.upstream.sending import head_of, origin_of
from gateway.dataplane.websocket_tunnel import Tunnel
from kernel.transport.errors import TransportError
from kernel.transport.response import Response

if TYPE_CHECKING:
    from gateway.dataplane.journey import Journey

WEBSOCKET = b"websocket"
SWITCHED = 101

_OFFER = b"connection: Upgrade\r\nupgrade: websocket\r\n\r\n"


async def switch(journey: "Journey", call: Call, plan: RoutePlan) -> None:
    """Connects the two sides; an upstream that answers instead of switching is answered with. Raises Refusal."""
    head = head_of(call, plan, b"")[:-2] + _OFFER
    try:
        response = await journey.road.client.open_switch(origin_of(call, plan), head, plan.timeouts)
    except TransportError as problem:
        raise failure(problem, plan) from problem
    if response.status != SWITCHED:
        journey.take_answer(response)
        return
    _connect(journey, call, plan, response)


def _connect(journey: "Journey", call: Call, plan: RoutePlan, response: Response) -> None:
    answer = Answer(SWITCHED, journey.road.answer_headers.pass_on(response), b"")
    for hook in plan.answers:
        hook(call, answer)
    upstream, sent = response.detach()
    tunnel = Tunnel(asyncio.get_running_loop(), idle=plan.tunnel_idle, total=plan.timeouts.total)
    given = journey.exchange.switch(answer.headers, WEBSOCKET, tunnel)
    if given is None:
        upstream.abort()
        return
    client, early = given
    tunnel.begin(client, upstream, (early, sent), lambda: journey.switched_back(tunnel))
