"""What is told belongs to one process while that is seen to live, to no project alone, and is kept whatever it says."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from kernel.clock import utc_now
from kernel.contracts.plugin_invoker import CallRecord, CancelResult, CancelState, PluginUnavailable
from orchestrator.cancelling import repository
from orchestrator.cancelling.pace import CancelPace
from orchestrator.runtime.models import NodeCall, NodeCancellation, NodeLog
from tests.support.cancelling import QUICK, TOLD, House, Plugins
from tests.support.patience import until

PATIENT = replace(QUICK, longest=3600.0, first=3600.0)
"""What was tried once is not tried again while a test lasts."""


async def test_what_a_living_process_tells_is_left_to_it(house: House, plugins: Plugins) -> None:
    plugins.answers = [asyncio.Event()]
    run = await house.asked()
    async with house.canceller(), house.canceller():
        await until(plugins.told(1))
        owner = (await house.row_of(run)).taken_by
        other = await house.asked()
        await until(plugins.told(2))  # so both have looked since
        assert (await house.row_of(run)).taken_by == owner
        assert [(await house.row_of(each)).attempts for each in (run, other)] == [1, 1]


async def test_a_process_that_nobody_sees_living_breaks_off_before_another_begins(
    house: House, plugins: Plugins
) -> None:
    plugins.answers = [asyncio.Event(), TOLD]
    run = await house.asked()
    cut_off = await house.process(seconds=0.5)
    async with house.canceller(process=cut_off):
        await until(plugins.told(1))
        async with house.canceller():
            await until(house.settled(run))
            await asyncio.sleep(0)
    assert (plugins.most, plugins.under_way, len(plugins.cancels)) == (1, 0, 2)


async def test_a_process_that_nobody_sees_living_takes_nothing(house: House, plugins: Plugins) -> None:
    run = await house.asked()
    process = await house.process(seconds=-1)
    async with house.canceller(process=process):
        await asyncio.sleep(5 * QUICK.look)
        assert (await house.row_of(run)).attempts == 0
        process.alive_until += timedelta(hours=1)
        await until(house.settled(run))
    assert len(plugins.cancels) == 1


async def test_what_is_learnt_while_a_plugin_is_told_is_told_after_it(house: House, plugins: Plugins) -> None:
    first = asyncio.Event()
    plugins.answers = [first, TOLD]
    run = await house.asked()
    async with house.canceller() as canceller:
        await until(plugins.told(1))
        await house.learnt(run, {"job": 8})
        canceller.ring()
        first.set()
        await until(house.settled(run))
    row = await house.row_of(run)
    assert [call.storage for call in plugins.cancels] == [{"job": 7}, {"job": 8}]
    assert (plugins.most, row.attempts, row.due_at, row.taken_by) == (1, 1, None, None)


async def test_one_project_s_flood_holds_up_no_other(house: House, plugins: Plugins) -> None:
    plugins.answers = [asyncio.Event()]
    for _ in range(9):
        await house.asked("a" * 32)
    async with house.canceller(replace(PATIENT, at_once=4)):
        await until(plugins.told(3))
        late = await house.asked("b" * 32)
        await until(plugins.told(4))
        await asyncio.sleep(5 * QUICK.look)
    assert [call.project_id[0] for call in plugins.cancels] == ["a", "a", "a", "b"]
    assert plugins.cancels[-1].node_run_id == late


async def test_what_a_plugin_says_is_kept_whatever_it_says(house: House, plugins: Plugins) -> None:
    call = CallRecord("job.\x00stop", 200, "r\x00", "k\ud800")
    plugins.answers = [CancelResult(CancelState.NOT_REACHED, "no\x00\ud800", (call,), ("log\x00",))]
    run = await house.asked()
    async with house.canceller():
        await until(house.settled(run, "not_reached"))
    assert (await house.row_of(run)).reason == "no\ufffd?"
    async with house.database.reading() as session:
        (made,) = (await session.execute(select(NodeCall))).scalars()
        (line,) = (await session.execute(select(NodeLog))).scalars()
    assert (made.component, made.idempotency_key, line.message) == ("job.\ufffdstop", "k?", "log\ufffd")


async def test_what_could_not_be_written_is_told_again(
    house: House, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, failures = repository.settle, [OperationalError("UPDATE", None, Exception("the disk is full"))]

    async def settle(*given: Any) -> None:
        if failures:
            raise failures.pop()
        await written(*given)

    monkeypatch.setattr(repository, "settle", settle)
    run = await house.asked()
    async with house.canceller():
        await until(house.settled(run))
    assert ((await house.row_of(run)).attempts, len(plugins.cancels)) == (2, 2)


async def test_a_plugin_is_told_several_times_however_long_nobody_could(house: House, plugins: Plugins) -> None:
    plugins.answers = [PluginUnavailable("the gateway restarts")] * 3 + [TOLD]
    run = await house.asked(at=utc_now() - timedelta(hours=5))
    async with house.canceller(CancelPace(look=0.02, first=0.01, longest=0.02)):
        await until(house.settled(run))
    assert len(plugins.cancels) == 4


async def test_what_is_asked_for_of_a_task_that_is_not_there_is_settled(house: House, plugins: Plugins) -> None:
    run = await house.asked()
    async with house.database.unit_of_work() as session:
        await session.execute(update(NodeCancellation).values(run_id="gone.1", task_id="gone"))
    async with house.canceller():
        await until(house.settled("gone.1", "not_reached"))
    assert (run != "gone.1", plugins.cancels) == (True, [])
