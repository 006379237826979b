from collections.abc import AsyncGenerator

from gateway.dataplane.followed_exchange import FollowedExchange


async def answer_pieces(exchange: FollowedExchange) -> AsyncGenerator[bytes, None]:
    """The body as it arrives. What is not asked for holds the upstream back; closing this gives it up."""
    try:
        while piece := await exchange.next_piece():
            yield piece
            exchange.take_more()
    finally:
        if not exchange.over.is_set():
            exchange.give_up()
