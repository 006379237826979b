"""Looks at every task that could be stuck, page by page."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.db.database import Database
from orchestrator.doctor import repository
from orchestrator.doctor.cancellations import overdue
from orchestrator.doctor.findings import Finding, Moment, Report, Seen
from orchestrator.doctor.judging import judge
from orchestrator.engine.invariants import Invariant
from orchestrator.flow.graph import Graph

_PAGE: Final = 200
_GRAPHS: Final = 200
_MOST: Final = 1000
"""Findings of one examination; what is left comes with the next."""
_SETTLE_SECONDS: Final = 2.0
_PASSING: Final = frozenset({Invariant.OWNER_ALIVE, Invariant.CANCELLATION_TAKEN})
"""What is so for a moment whenever a worker ends."""


class Examiner:
    """Reads only."""

    def __init__(self, database: Database, clock: Clock, settle_seconds: float = _SETTLE_SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._settle_seconds = settle_seconds

    async def examine(self) -> Report:
        """All tasks. What may pass by itself is told only when it is still so two seconds later."""
        async with self._database.reading() as session:
            report = await self._look(session)
        passing = {finding.task_id for finding in report.findings if finding.invariant in _PASSING}
        if not passing:
            return report
        await asyncio.sleep(self._settle_seconds)
        async with self._database.reading() as session:
            at = await self.moment(session)
            still = [*await self.look_at(session, passing), *await _overdue(session, at, passing)]
        again = {_identity(finding) for finding in still}
        kept = [
            finding for finding in report.findings if finding.invariant not in _PASSING or _identity(finding) in again
        ]
        return Report(kept, report.tasks, report.workers)

    async def look_at(self, session: AsyncSession, task_ids: Collection[str]) -> list[Finding]:
        """What is broken in these tasks now, but for what their plugins are to be told."""
        at = await self.moment(session)
        return await self._judged(session, await repository.these(session, task_ids), at, {})

    async def _look(self, session: AsyncSession) -> Report:
        at = await self.moment(session)
        graphs: dict[str, Graph | None] = {}
        findings = [_lost(message.task_id, message.kind) for message in await repository.lost_messages(session, _MOST)]
        findings += await _overdue(session, at)
        ended = await repository.these(session, await repository.odd_ended(session, _MOST))
        findings += await self._judged(session, ended, at, graphs)
        looked, after = len(ended), ""
        while len(findings) < _MOST and (page := await repository.unended_after(session, after, _PAGE)):
            findings += await self._judged(session, page, at, graphs)
            looked, after = looked + len(page), page[-1].task.id
        living = [name for name in at.workers if at.is_alive(name)]
        return Report(findings[:_MOST], looked, living)

    async def moment(self, session: AsyncSession) -> Moment:
        """Now, with those who live."""
        return Moment(self._clock.now(), await repository.workers(session))

    async def _judged(
        self, session: AsyncSession, page: Iterable[Seen], at: Moment, graphs: dict[str, Graph | None]
    ) -> list[Finding]:
        found = []
        for seen in page:
            name = seen.task.definition_id
            if name not in graphs:
                if len(graphs) >= _GRAPHS:
                    graphs.clear()
                graphs[name] = await repository.graph(session, name)
            found += judge(seen, graphs[name], at)
        return found


async def _overdue(session: AsyncSession, at: Moment, task_ids: Collection[str] | None = None) -> list[Finding]:
    """One for each node, however many of its runs it is about."""
    return list(dict.fromkeys(finding for _, finding in await overdue(session, at, task_ids)))


def _lost(task_id: str, kind: str) -> Finding:
    return Finding(
        Invariant.MESSAGE_HAS_TASK, task_id, "", None, f"a message {kind!r} is for a task that isn't there", 0
    )


def _identity(finding: Finding) -> tuple[str, str, str | None, int]:
    return finding.invariant, finding.task_id, finding.node_id, finding.fence
