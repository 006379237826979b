"""Which runs under way must end before they do by themselves: past their time, or terminated by somebody."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.job.service.models import JobHostRun, JobStep
from adapters.job.service.outcomes import Outcome
from adapters.job.service.repository import JobRepository
from adapters.job.service.states import HostError, HostStatus
from kernel.background import Repeating
from kernel.services import KernelServices

_LOOK_SECONDS = 0.5
_SEEN_SECONDS = 10.0
_TERMINATED = Outcome(HostStatus.KILLED, error=HostError.TERMINATED, reason="terminated on request")

Ending = asyncio.Future[Outcome]


class Endings:
    """Asks the database for all runs of this process together, however many they are."""

    def __init__(self, kernel: KernelServices, repository: JobRepository) -> None:
        self._database = kernel.database
        self._clock = kernel.clock
        self._repository = repository
        self._watched: dict[int, tuple[int, Ending]] = {}
        self._seen = time.monotonic()
        self._looking = Repeating("job-endings", _LOOK_SECONDS, self._look)

    def start(self) -> None:
        self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    @contextmanager
    def of(self, run: JobHostRun, step: JobStep) -> Iterator[Ending]:
        """Gets the outcome of a run that must end, as soon as it must."""
        loop = asyncio.get_running_loop()
        ending: Ending = loop.create_future()
        left = (run.start_ms or 0) / 1000 + step.timeout_seconds - self._clock.now().timestamp()
        timer = loop.call_later(left, end, ending, _timed_out(step))
        self._watched[run.id] = run.job_instance_id, ending
        try:
            yield ending
        finally:
            timer.cancel()
            del self._watched[run.id]

    async def _look(self) -> bool:
        """Ends what somebody terminated, and says from time to time that we watch the others."""
        if not self._watched:
            return False
        async with self._database.reading() as session:
            asked = await self._repository.terminating(session)
        for instance_id, ending in self._watched.values():
            if instance_id in asked:
                end(ending, _TERMINATED)
        if time.monotonic() - self._seen > _SEEN_SECONDS:
            self._seen = time.monotonic()
            async with self._database.unit_of_work() as session:
                await self._repository.seen(session, list(self._watched), self._clock.now())
        return False


def end(ending: Ending, outcome: Outcome) -> None:
    """The first reason to end a run counts."""
    if not ending.done():
        ending.set_result(outcome)


async def first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


def _timed_out(step: JobStep) -> Outcome:
    reason = f"ended after its timeout of {step.timeout_seconds} s"
    return Outcome(HostStatus.FAILED, error=HostError.TIMEOUT, reason=reason)
