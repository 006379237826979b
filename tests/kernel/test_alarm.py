import asyncio

from kernel.alarm import Alarm
from kernel.audit.log import record
from kernel.db.database import Database
from kernel.looks import Stillness
from kernel.principal import system_principal
from tests.support.patience import patience

_FAR = 3600.0


async def test_it_calls_at_once_and_when_rung_and_when_the_answer_says() -> None:
    called: asyncio.Queue[float] = asyncio.Queue()
    answers = iter([_FAR, 0.0, _FAR])

    async def action() -> float:
        called.put_nowait(0.0)
        return next(answers)  # the fourth call breaks

    alarm = Alarm("test", action, longest=_FAR)
    alarm.start()
    await called.get()
    assert called.empty()
    alarm.ring()
    await called.get()
    await called.get()
    alarm.ring()
    await called.get()
    alarm.ring()
    await called.get()
    await alarm.stop()


async def test_stopping_lets_a_call_finish() -> None:
    begun, finish, finished = asyncio.Event(), asyncio.Event(), []

    async def action() -> float:
        begun.set()
        await finish.wait()
        finished.append(True)
        return _FAR

    alarm = Alarm("test", action, longest=_FAR)
    alarm.start()
    await begun.wait()
    stopping = asyncio.create_task(alarm.stop())
    await asyncio.sleep(0)
    finish.set()
    await stopping
    assert finished == [True]


async def test_stopping_does_not_wait_for_the_pause_between_two_calls() -> None:
    called = asyncio.Event()

    async def action() -> float:
        called.set()
        return _FAR

    alarm = Alarm("test", action, shortest=_FAR, longest=_FAR)
    alarm.start()
    await called.wait()
    running = alarm._task
    await alarm.stop()
    assert running is not None
    assert not running.cancelled()


class LongStill(Stillness):
    """Nothing has changed for an hour, by its own account."""

    def look(self) -> float:
        super().look()
        return 3600.0


async def test_a_change_ends_a_wait_that_stillness_has_made_longer(database: Database) -> None:
    called: asyncio.Queue[None] = asyncio.Queue()

    async def action() -> float:
        called.put_nowait(None)
        return _FAR

    alarm = Alarm("test", action, longest=0.01, stillness=LongStill(database))
    alarm.start()
    await called.get()
    await asyncio.sleep(0.1)
    assert called.empty(), "ten times as long as it waits where there is no stillness"
    async with database.unit_of_work() as session:
        record(session, system_principal("test"), "thing.made", "thing", "1")
    async with patience():
        await called.get()
    await alarm.stop()
