"""Answers that are read inside the process while they come."""

import asyncio
from contextlib import aclosing

from gateway.dataplane.answer_pieces import answer_pieces
from gateway.dataplane.exchange import HELD_BACK
from gateway.dataplane.followed_exchange import FollowedExchange
from tests.gateway.dataplane.conftest import token
from tests.gateway.dataplane.test_server_sent_events import events, in_flight
from tests.support.patience import PATIENCE_SECONDS

__all__ = ["events"]


async def _followed(gateway):
    headers = [(b"authorization", b"Bearer " + token().encode()), (b"host", b"inside")]
    exchange = FollowedExchange("GET", b"/api/cmdb/prod/watch", b"", headers, b"")
    gateway.plane.serve(exchange)
    await asyncio.wait_for(exchange.begun.wait(), PATIENCE_SECONDS)
    return exchange


async def test_each_piece_is_there_before_the_next_is_sent(gateway, events):
    exchange = await _followed(gateway)
    async with aclosing(answer_pieces(exchange)) as pieces:
        assert (b"content-type", b"text/event-stream") in exchange.answer_headers
        for number in range(3):
            events.send(b"data: %d\n\n" % number)
            assert await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS) == b"data: %d\n\n" % number
        events.writers[0].write(b"0\r\n\r\n")
        assert [piece async for piece in pieces] == []
    assert in_flight(gateway) == 0


async def test_who_reads_no_more_lets_the_upstream_go(gateway, events):
    exchange = await _followed(gateway)
    async with aclosing(answer_pieces(exchange)) as pieces:
        events.send(b"data: 1\n\n")
        await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS)
    await asyncio.wait_for(events.gone.wait(), PATIENCE_SECONDS)
    assert in_flight(gateway) == 0


async def test_who_reads_slowly_holds_the_upstream_back(gateway, events):
    exchange = await _followed(gateway)
    async with aclosing(answer_pieces(exchange)) as pieces:
        for _ in range(64):
            events.send(b"x" * HELD_BACK)
        first = await asyncio.wait_for(anext(pieces), PATIENCE_SECONDS)
        for _ in range(50):
            await asyncio.sleep(0)
        assert sum(map(len, exchange.body)) < 8 * HELD_BACK
        events.writers[0].write(b"0\r\n\r\n")
        rest = [len(piece) async for piece in pieces]
    assert len(first) + sum(rest) == 64 * HELD_BACK
