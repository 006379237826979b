"""How runs end, counted where they are run."""

from typing import Any

import pytest

from kernel.clock import ManualClock
from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState, PluginUnavailable
from kernel.db.database import Database
from marketplace.runs.repository import Runs, runs_of, together
from marketplace.runs.tally import CountedInvoker, RunTally
from tests.support.marketplace import call_of
from tests.support.runtime import Uncancelled

RUN = call_of("find_host", [])


class Answering(Uncancelled):
    """Answers every invocation with the next of these."""

    def __init__(self, *answers: PluginState | Exception) -> None:
        self._answers = list(answers)

    async def execute(self, call: PluginCall) -> PluginResult:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return PluginResult(answer)

    poll = execute

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        return await self.execute(call)


async def _kept(database: Database) -> Runs:
    async with database.reading() as session:
        return together((await runs_of(session, ["find_host"])).get("find_host", {}).values())


async def test_only_what_ends_a_run_counts_and_each_run_once(database: Database, clock: ManualClock) -> None:
    tally = RunTally(database, clock)
    answers = (PluginState.POLL, PluginState.CALLBACK, PluginState.SUCCESS, PluginState.FAIL, PluginUnavailable())
    invoker = CountedInvoker(Answering(*answers), tally)
    await invoker.execute(RUN)
    await invoker.poll(RUN)
    assert (await invoker.callback(RUN, {})).state is PluginState.SUCCESS
    await invoker.execute(RUN)
    with pytest.raises(PluginUnavailable):
        await invoker.execute(RUN)
    for _ in range(2):
        await tally.write()
        assert await _kept(database) == Runs(succeeded=1, failed=1)


async def test_runs_of_long_ago_are_forgotten(database: Database, clock: ManualClock) -> None:
    tally = RunTally(database, clock)
    tally.note("find_host", "1.0.0", PluginState.FAIL)
    await tally.write()
    clock.advance(days=40)
    tally.note("find_host", "1.0.0", PluginState.SUCCESS)
    await tally.write()
    assert await _kept(database) == Runs(succeeded=1)


async def test_versions_are_told_apart(database: Database, clock: ManualClock) -> None:
    tally = RunTally(database, clock)
    for version, state in (("1.0.0", PluginState.FAIL), ("1.1.0", PluginState.SUCCESS), ("1.1.0", PluginState.SUCCESS)):
        tally.note("find_host", version, state)
        await tally.write()
    async with database.reading() as session:
        found = await runs_of(session, ["find_host", "other"])
    assert found == {"find_host": {"1.0.0": Runs(failed=1), "1.1.0": Runs(succeeded=2)}}
