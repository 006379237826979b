"""Rounds of sending: a message that goes wrong spoils no other, and what people ask for is not lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.ids import new_id
from kernel.transport.addresses import AddressPolicy
from kernel.webhooks.posting import Outcome
from kernel.webhooks.sending import Pace, SendingRounds
from marketplace.webhooks.models import CatalogueDeliveryRow

TAKEN, FAILED = Outcome(200), Outcome(None, "away")
Rounds = SendingRounds[CatalogueDeliveryRow]


@pytest.fixture
async def rounds(database: Database, clock: ManualClock) -> Rounds:
    """With three messages: two of one lane, one of another."""
    async with database.unit_of_work() as session:
        ids = sorted(new_id() for _ in "aab")  # those of one millisecond are in no order
        for number, webhook in enumerate("aab"):
            given = {"type": "plugin.yanked", "message": {"n": number}, "next_attempt_at": clock.now()}
            session.add(CatalogueDeliveryRow(id=ids[number], webhook_id=webhook * 32, created_at=clock.now(), **given))
    pace: Pace[CatalogueDeliveryRow] = Pace(
        10, timedelta(seconds=60), lambda each, now: now + timedelta(seconds=5) if each.attempts < 3 else None
    )
    return SendingRounds(
        CatalogueDeliveryRow, database, AddressPolicy(), clock, pace, lane=lambda each: each.webhook_id
    )


async def _states(database: Database) -> list[tuple[str, int]]:
    async with database.reading() as session:
        statement = select(CatalogueDeliveryRow).order_by(col(CatalogueDeliveryRow.id))
        return [(each.state, each.attempts) for each in (await session.execute(statement)).scalars()]


def _sender(answer: Callable[[int], Awaitable[Outcome]]) -> Any:
    async def send(_client: object, delivery: CatalogueDeliveryRow) -> Outcome:
        return await answer(delivery.message["n"])

    return send


async def test_what_breaks_stops_its_own_lane_and_no_other(rounds: Rounds, database: Database) -> None:
    other_may_go = asyncio.Event()

    async def answer(number: int) -> Outcome:
        if number == 0:
            other_may_go.set()
            raise RuntimeError("a fault of ours")
        await other_may_go.wait()
        await asyncio.sleep(0)
        return TAKEN

    with pytest.raises(RuntimeError, match="a fault of ours"):
        await rounds.send_due(_sender(answer))
    assert await _states(database) == [("waiting", 1), ("waiting", 1), ("delivered", 1)]


async def test_messages_of_a_lane_go_in_order_until_they_are_taken_or_given_up(
    rounds: Rounds, database: Database, clock: ManualClock
) -> None:
    sent: list[int] = []

    async def answer(number: int) -> Outcome:
        sent.append(number)
        return FAILED if number == 0 else TAKEN

    while await rounds.send_due(_sender(answer)):
        clock.advance(seconds=5)
    assert [number for number in sent if number != 2] == [0, 1, 0, 0]
    assert await _states(database) == [("failed", 3), ("delivered", 1), ("delivered", 1)]


async def test_one_that_is_asked_for_again_while_it_fails_is_sent_again_at_once(
    rounds: Rounds, database: Database, clock: ManualClock
) -> None:
    async def asked_for_again(_number: int) -> Outcome:
        async with database.unit_of_work() as session:
            for row in (await session.execute(select(CatalogueDeliveryRow))).scalars():
                row.repeat(clock.now())
        return FAILED

    async def taken(_number: int) -> Outcome:
        return TAKEN

    assert await rounds.send_due(_sender(asked_for_again))
    assert await rounds.send_due(_sender(taken)), "it waits for nothing"
    assert await _states(database) == [("delivered", 1)] * 3


async def test_two_rounds_at_once_send_each_message_once(rounds: Rounds) -> None:
    sent: list[int] = []

    async def answer(number: int) -> Outcome:
        sent.append(number)
        return TAKEN

    await asyncio.gather(rounds.send_due(_sender(answer)), rounds.send_due(_sender(answer)))
    assert sorted(sent) == [0, 1, 2]
