"""Runs sources whose time has come: one at a time in each process, in parts that stand each by itself.

A process that dies leaves whole parts behind; its lease ends, and the next run does the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import Missing
from adapters.cmdb.service.events.order import one_after_another
from adapters.cmdb.service.imports.applying import ImportApplier, Provenance
from adapters.cmdb.service.imports.models import RUNNING, ImportRun
from adapters.cmdb.service.imports.planning import ImportPlanner
from adapters.cmdb.service.imports.repository import ImportRepository, in_parts
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.reading import SourceFailed, SourceReader, SourceRows
from adapters.cmdb.service.imports.sources.repository import SourceRepository
from adapters.cmdb.service.imports.sources.service import opened
from adapters.cmdb.service.imports.sources.vanished import VanishedHosts
from adapters.cmdb.service.imports.values import known_attributes
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.envelope import ComponentError
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id
from kernel.secrets import SecretBox, SecretUnreadable

_LEASE: Final = timedelta(minutes=2)
_RENEW_SECONDS: Final = 30.0
_SHOWN_PROBLEMS: Final = 100
_IMPORT_FROM: Final = {"netbox": "3", "ssh": "2"}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What a run is made of."""

    database: Database
    secrets: SecretBox
    clock: Clock
    sources: SourceRepository
    imports: ImportRepository
    attributes: AttributeRepository
    planner: ImportPlanner
    applier: ImportApplier
    vanished: VanishedHosts


class SourceRunner:
    """Args:
    readers: by kind of source.
    """

    def __init__(self, parts: ImportParts, readers: Mapping[str, SourceReader]) -> None:
        self._parts = parts
        self._readers = readers

    async def run_due(self) -> bool:
        """Runs one source; answers whether one was due."""
        parts, now = self._parts, self._parts.clock.now()
        async with parts.database.reading() as session:
            if not await parts.sources.any_due(session, now):
                return False
        claimed = await self._claim()
        if claimed is None:
            return False
        source, run = claimed
        caller = SignedCaller(app="cmdb", user=source.run_by, project="", task="", request_id=new_id())
        async with self._kept(source):
            try:
                problem = await self._import(caller, source, run)
                state = "finished"
            except (SourceFailed, SecretUnreadable, ComponentError) as error:
                problem, state = str(error), "failed"
            except Exception as error:  # noqa: BLE001  a fault of ours ends this run, not the schedule
                _log.error("import_failed", source=source.name, exc_info=error)
                problem, state = "Something went wrong inside the inventory; its log has it", "failed"
        await self._end(source, run, state, problem)
        return True

    async def read(self, source: ImportSource, *, sample: bool) -> SourceRows:
        """Raises SourceFailed, SecretUnreadable."""
        async with self._parts.database.reading() as session:
            custom = await self._parts.attributes.custom(session, "host")
        secret = opened(self._parts.secrets, source)
        return await self._readers[source.kind].read(source, secret, known_attributes(custom), sample=sample)

    async def _claim(self) -> tuple[ImportSource, ImportRun] | None:
        parts, now = self._parts, self._parts.clock.now()
        async with parts.database.unit_of_work() as session:
            source = await parts.sources.next_due(session, now)
            if source is None:
                return None
            await parts.imports.break_off(session, source.id, now)
            source.lease_until = now + _LEASE
            every = source.every_minutes
            source.next_run_at = now + timedelta(minutes=every) if every is not None else None
            run = ImportRun(
                source_id=source.id,
                source_name=source.name,
                kind=source.kind,
                bk_biz_id=source.bk_biz_id,
                state=RUNNING,
                started_by=source.run_by or "schedule",
                started_at=now,
            )
            session.add(run)
            return source, run

    async def _import(self, caller: SignedCaller, source: ImportSource, run: ImportRun) -> str:
        """Answers what is to be told of it, though it went to its end."""
        parts = self._parts
        read = await self.read(source, sample=False)
        origin = Provenance(source.id, source.name, run.id, _IMPORT_FROM[source.kind])
        refused = [problem.shown for problem in read.problems]
        unread = len({problem.number for problem in read.problems})
        counts = {"created": 0, "changed": 0, "same": 0, "refused": unread}
        for some in in_parts(read.rows):
            async with parts.database.unit_of_work() as session:
                await one_after_another(session)
                await self._require_ours(session, source, run)
                plan = await parts.planner.plan(session, source.bk_biz_id, some)
                await parts.applier.apply(session, caller, plan, origin)
            refused += [problem.shown for problem in plan.refused]
            counts = {name: counts[name] + number for name, number in plan.counts.items()}
        run.counts, run.problems = counts, refused[:_SHOWN_PROBLEMS]
        async with parts.database.unit_of_work() as session:
            await one_after_another(session)
            await self._require_ours(session, source, run)
            return await parts.vanished.follow(session, caller, source, run)

    async def _require_ours(self, session: AsyncSession, source: ImportSource, run: ImportRun) -> None:
        """A source that was deleted, or taken over by another process, is not imported on."""
        try:
            await self._parts.sources.source(session, source.id)
        except Missing:
            raise SourceFailed("The source was deleted meanwhile") from None
        kept = await session.get(ImportRun, run.id)
        if kept is None or kept.state != RUNNING:
            raise SourceFailed("Another process has taken the source over")

    async def _end(self, source: ImportSource, run: ImportRun, state: str, problem: str) -> None:
        async with self._parts.database.unit_of_work() as session:
            kept = await session.get(ImportRun, run.id)
            if kept is None or kept.state != RUNNING:
                return
            kept.state, kept.counts, kept.problems, kept.problem = state, run.counts, run.problems, problem[:1000]
            kept.finished_at = self._parts.clock.now()
            held = await session.get(ImportSource, source.id, with_for_update=True)
            if held is not None:
                held.lease_until, held.run_by = None, ""

    @asynccontextmanager
    async def _kept(self, source: ImportSource) -> AsyncIterator[None]:
        """Renews the lease as long as the block lasts."""
        renewing = asyncio.create_task(self._renew(source.id))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, source_id: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            async with self._parts.database.unit_of_work() as session:
                source = await session.get(ImportSource, source_id, with_for_update=True)
                if source is not None and source.lease_until is not None:
                    source.lease_until = self._parts.clock.now() + _LEASE
