"""The log of a host as it grows, as server-sent events.

Each reader has a place in the log and gets the next part once the last one is on its way to him. So a slow reader holds
one part in memory, what he misses meanwhile is read from the log, and one who is gone costs nothing.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any, Final

from adapters.job.service.errors import NotNow
from adapters.job.service.logs.places import LogPlace, rest_of
from adapters.job.service.logs.schemas import OfHostRun
from adapters.job.service.logs.service import run_asked_for
from adapters.job.service.models import JobHostRun
from adapters.job.service.repository import JobRepository
from adapters.job.service.runner import JobRunner
from adapters.job.service.states import HostStatus
from adapters.job.service.workspace import Log
from kernel.db.database import Database
from kernel.http.component_app import Call
from kernel.http.event_streams import Events, ServerSentEvent

MOST_READERS: Final = 200
"""Of a process."""
LONGEST_SECONDS: Final = 900.0
"""Then a reader comes back, and it is looked anew whether he may."""
_LOOK_SECONDS: Final = 0.2
_ASK_SECONDS: Final = 1.0
_SILENT_SECONDS: Final = 10.0
_MOVING: Final = frozenset({HostStatus.WAITING, HostStatus.RUNNING})


class LogFollower:
    def __init__(self, database: Database, repository: JobRepository, runner: JobRunner) -> None:
        self._database = database
        self._repository = repository
        self._runner = runner
        self._readers = 0
        self._is_closing = False

    def close(self) -> None:
        """Ends every stream; the readers come back to another process."""
        self._is_closing = True

    async def follow(self, call: Call[OfHostRun]) -> Events | None:
        """The events from the reader's place on; none for one who has come to the end.

        Raises:
            Missing: no such host in the step.
            NotNow: too many are reading.
        """
        async with self._database.reading() as session:
            run = await run_asked_for(session, self._repository, call.params)
        place = LogPlace.parse(call.last_event_id)
        if place is None or place.attempt != run.attempt:
            place = LogPlace(run.attempt, 0)
        elif place.ended and run.status not in _MOVING:
            return None
        if self._readers >= MOST_READERS:
            raise NotNow(f"{MOST_READERS} logs are followed already; ask get_job_instance_ip_log with log_offset")
        return self._events(run, place.offset)

    async def _events(self, run: JobHostRun, sent: int) -> AsyncGenerator[ServerSentEvent | None, None]:
        self._readers += 1
        try:
            began = asked = told = time.monotonic()
            while time.monotonic() - began < LONGEST_SECONDS and not self._is_closing:
                if run.status not in _MOVING:
                    rest = rest_of(run.log, sent)
                    if rest.text:
                        yield _grown(run, rest)
                    yield _ended(run, rest.end)
                    return
                part = await self._next_part(run, sent)
                if part.text:
                    sent, told = part.end, time.monotonic()
                    yield _grown(run, part)
                    continue
                if time.monotonic() - told > _SILENT_SECONDS:
                    told = time.monotonic()
                    yield None
                await asyncio.sleep(_LOOK_SECONDS)
                if time.monotonic() - asked > _ASK_SECONDS or self._is_taken_away(run, sent):
                    asked, attempt = time.monotonic(), run.attempt
                    run = await self._anew(run)
                    sent = sent if run.attempt == attempt else 0
        finally:
            self._readers -= 1

    async def _next_part(self, run: JobHostRun, sent: int) -> Log:
        if run.status != HostStatus.RUNNING or self._runner.log_size(run) <= sent:
            return Log("", sent, sent)
        return await asyncio.to_thread(self._runner.next_part, run, sent)

    def _is_taken_away(self, run: JobHostRun, sent: int) -> bool:
        """Whether the log has gone to the database, as it does when the script has ended."""
        return run.status == HostStatus.RUNNING and self._runner.log_size(run) < sent

    async def _anew(self, run: JobHostRun) -> JobHostRun:
        async with self._database.reading() as session:
            return await self._repository.run(session, run.id)


def _grown(run: JobHostRun, part: Log) -> ServerSentEvent:
    data = {"log_content": part.text, "log_offset": part.start, "log_size": part.end}
    return ServerSentEvent("log", str(LogPlace(run.attempt, part.end)), data)


def _ended(run: JobHostRun, size: int) -> ServerSentEvent:
    data: dict[str, Any] = {
        "status": run.status,
        "exit_code": run.exit_code,
        "error_code": run.error_code,
        "reason": run.reason,
        "variables": run.variables or {},
        "file_logs": run.files or [],
    }
    return ServerSentEvent("end", str(LogPlace(run.attempt, size, ended=True)), data)
