"""Keeps this process's snapshot at the newest revision, and says so."""

import asyncio
import contextlib
import gc
import os
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.snapshot import repository
from gateway.snapshot.compiling import Compiled, compile_page, let_go
from gateway.snapshot.disk import Copy, DiskCopy
from gateway.snapshot.model.documents import OpenSecret
from gateway.snapshot.model.snapshot import Peers, Shard, Snapshot, SnapshotHolder
from gateway.snapshot.models import Worker
from gateway.snapshot.watching import watch_of
from kernel.background import Repeating
from kernel.bell import Bell
from kernel.clock import Clock
from kernel.db.database import Database

_log = structlog.get_logger()

POLL_SECONDS = 0.2
LEASE_SECONDS = 5.0
_HEARTBEAT_SECONDS = 2.0
_COPY_SECONDS = 1.0
_FIRST_LOAD_SECONDS = 10.0
_FORGET_SECONDS = 600.0
_FORGET_DEAD = timedelta(hours=1)
_PAGE = 10


class SnapshotLoader:
    """Watches for newer shards, compiles them, swaps the snapshot and acknowledges the revision.

    A shard that doesn't compile is logged and left out: what it replaces goes on serving, everything else (above all
    a revocation) goes live, and the revision of the bad shard is not acknowledged.
    """

    def __init__(
        self,
        database: Database,
        holder: SnapshotHolder,
        open_secret: OpenSecret,
        clock: Clock,
        copy: DiskCopy,
        secret_root: str,
    ) -> None:
        self.worker_id = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._database = database
        self._holder = holder
        self._open_secret = open_secret
        self._clock = clock
        self._copy = copy
        self._secret_root = secret_root
        self._started_at = clock.now()
        self._lineage = ""
        self._bad: dict[str, int] = {}
        self._changed = Bell()
        self._watch = watch_of(database, self._changed.ring)
        self._loading = asyncio.Lock()
        self._copied: Snapshot | None = None
        self._away = False
        self._poll: asyncio.Task[None] | None = None
        self._background = (
            Repeating("gateway heartbeat", _HEARTBEAT_SECONDS, self._heartbeat),
            Repeating("dead gateways", _FORGET_SECONDS, self._forget_dead, at_once=False),
            Repeating("gateway configuration copy", _COPY_SECONDS, self._copy_to_disk, at_once=False),
        )

    @property
    def acknowledged(self) -> int:
        """The revision up to which everything is served."""
        return min(self._bad.values()) - 1 if self._bad else self._holder.current.revision

    async def start(self) -> None:
        """Serves the copy on disk first, then what the database says; the database may be away."""
        copy = await asyncio.to_thread(self._copy.read)
        if copy is not None:
            self._holder.swap(copy.snapshot)
            self._lineage, self._copied = copy.lineage, copy.snapshot
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._load_or_report(), _FIRST_LOAD_SECONDS)
        self._poll = asyncio.create_task(self._run(), name="gateway configuration")
        for part in self._background:
            part.start()

    async def stop(self) -> None:
        """Gives the lease back and leaves a current copy on disk."""
        if self._poll is not None:
            self._poll.cancel()
            await asyncio.gather(self._poll, return_exceptions=True)
            self._poll = None
        await self._watch.close()
        for part in self._background:
            await part.stop()
        try:
            await self._copy_to_disk()
        except OSError as error:
            _log.error("snapshot_copy_not_written", reason=str(error))
        with contextlib.suppress(Exception):  # the lease runs out by itself
            async with self._database.unit_of_work() as session:
                await repository.remove_worker(session, self.worker_id)

    def notify(self) -> None:
        """Has the next poll happen now; called in the event loop after a commit of this process."""
        self._changed.ring()

    async def load(self) -> None:
        """Brings the snapshot to the newest revision and acknowledges it."""
        async with self._loading:
            is_new, left_behind = await self._load_newest()
        if is_new:
            await self._acknowledge()
        if left_behind:
            await asyncio.to_thread(let_go, left_behind)

    async def _load_newest(self) -> tuple[bool, list[Shard]]:
        """Whether there was something to load, and the shards of a configuration that was replaced as a whole."""
        before = self._holder.current
        async with self._database.reading() as session:
            newest = await repository.current_revision(session)
            if newest.lineage == self._lineage and newest.value == before.revision:
                return False, []
            # Another database, or this one restored from a backup: nothing we hold is worth keeping.
            afresh = newest.lineage != self._lineage or newest.value < before.revision
            base = Snapshot() if afresh else before
            read = [page async for page in self._read_after(session, base.revision, afresh=afresh)]
        shards = [shard for page in read for shard in page.shards]
        revisions = {key: revision for page in read for key, revision in page.revisions.items()}
        bad = {key: revision for page in read for key, revision in page.bad.items()}
        kept = {} if afresh else {key: since for key, since in self._bad.items() if key not in revisions}
        self._bad = kept | bad
        self._lineage = newest.lineage
        self._holder.swap(base.with_shards(max([newest.value, *revisions.values()]), shards))
        return True, list(before.shards()) if afresh else []

    async def _read_after(self, session: AsyncSession, revision: int, *, afresh: bool) -> AsyncIterator[Compiled]:
        """In pages, each compiled in a thread, so that the loop is never held for a large configuration."""
        while rows := await repository.shards_after(session, revision, _PAGE):
            yield await asyncio.to_thread(compile_page, rows, self._open_secret)
            if afresh:
                gc.freeze()  # a whole configuration stays; the collector need not walk through it again and again
            revision = rows[-1].revision

    async def _run(self) -> None:
        while True:
            await self._changed.wait(POLL_SECONDS)
            if self._changed.is_rung() or self._away or await self._watch.may_have_changed():
                self._changed.clear()
                await self._load_or_report()

    async def _load_or_report(self) -> None:
        try:
            await self.load()
        except Exception as error:  # noqa: BLE001  whatever the database raises: the last snapshot goes on serving
            if not self._away:
                _log.warning("snapshot_database_away", reason=str(error), revision=self._holder.current.revision)
            self._away = True
        else:
            self._away = False

    async def _heartbeat(self) -> bool:
        if not self._away:
            await self._acknowledge()
        return False

    async def _acknowledge(self) -> None:
        now = self._clock.now()
        worker = Worker(
            id=self.worker_id,
            revision=self.acknowledged,
            secret_root=self._secret_root,
            lease_expires_at=now + timedelta(seconds=LEASE_SECONDS),
            started_at=self._started_at,
        )
        async with self._database.unit_of_work(quiet=True) as session:
            await repository.put_worker(session, worker)
            live = await repository.live_ids(session, now)
            # Before it is told: whoever sees that we serve a revision finds its limits shared out among all.
            if self.worker_id in live:
                self._holder.peers = Peers(live.index(self.worker_id), len(live))

    async def _forget_dead(self) -> bool:
        async with self._database.unit_of_work(quiet=True) as session:
            await repository.remove_dead_workers(session, self._clock.now() - _FORGET_DEAD)
        return False

    async def _copy_to_disk(self) -> bool:
        snapshot = self._holder.current
        if snapshot is not self._copied:
            # Whoever starts from the copy reads again what was refused, so that it isn't acknowledged then either.
            kept = replace(snapshot, revision=min(self.acknowledged, snapshot.revision))
            await asyncio.to_thread(self._copy.write, Copy(kept, self._lineage))
            self._copied = snapshot
        return False
