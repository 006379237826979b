"""How runs of plugins end, counted where they are run and written now and then."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final

import structlog

from kernel.background import Repeating
from kernel.clock import Clock
from kernel.contracts.plugin_invoker import CancelResult, PluginCall, PluginInvoker, PluginResult, PluginState
from kernel.db.database import Database
from marketplace.runs.repository import Runs, add_runs, forget_runs_before

_log = structlog.get_logger()

KEPT_DAYS: Final = 30
_SECONDS: Final = 10.0


class RunTally:
    """Counts of this process. What is not written when it dies is lost: it is a statistic."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counts: Counter[tuple[str, str, PluginState]] = Counter()
        self._writing = Repeating("plugin runs", _SECONDS, self.write)

    def note(self, plugin: str, version: str, state: PluginState) -> None:
        """Of an invocation; only those that end a run count."""
        if state in {PluginState.SUCCESS, PluginState.FAIL}:
            self._counts[plugin, version, state] += 1

    async def write(self) -> bool:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return False
        runs = {
            (plugin, version): Runs(
                counts[plugin, version, PluginState.SUCCESS], counts[plugin, version, PluginState.FAIL]
            )
            for plugin, version, _ in counts
        }
        today = self._clock.now().date()
        try:
            async with self._database.unit_of_work() as session:
                await add_runs(session, today, runs)
                await forget_runs_before(session, today - timedelta(days=KEPT_DAYS))
        except Exception:
            self._counts.update(counts)
            raise
        return False

    def start(self) -> None:
        self._writing.start()

    async def stop(self) -> None:
        """Writes what was counted last."""
        await self._writing.stop()
        try:
            await self.write()
        except Exception as error:  # noqa: BLE001  whatever the database raises: the process ends all the same
            _log.error("plugin_runs_not_recorded", reason=str(error))


class CountedInvoker:
    """An invoker whose ends are counted. Implements `PluginInvoker`."""

    def __init__(self, invoker: PluginInvoker, tally: RunTally) -> None:
        self._invoker = invoker
        self._tally = tally

    async def execute(self, call: PluginCall) -> PluginResult:
        return self._noted(call, await self._invoker.execute(call))

    async def poll(self, call: PluginCall) -> PluginResult:
        return self._noted(call, await self._invoker.poll(call))

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        return self._noted(call, await self._invoker.callback(call, data))

    async def cancel(self, call: PluginCall) -> CancelResult:
        return await self._invoker.cancel(call)

    def _noted(self, call: PluginCall, result: PluginResult) -> PluginResult:
        if not call.reads_only:
            self._tally.note(call.plugin, call.version, result.state)
        return result
