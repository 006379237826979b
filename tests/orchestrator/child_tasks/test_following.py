"""Word of child tasks: whatever happens while the tables are read is looked at again at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.alarm import NOTHING_DUE
from kernel.clock import ManualClock
from kernel.db.database import Database
from orchestrator.child_tasks import following, repository
from orchestrator.child_tasks.following import ChildFollowing
from orchestrator.child_tasks.models import ChildTask
from orchestrator.child_tasks.repository import Followed
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.models import NodeRun, Task, TaskMessage
from orchestrator.tasks.callbacks import CallbackService
from tests.support.orchestrator import flow_of
from tests.support.patience import patience, until
from tests.support.runtime import create_task

_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Gate:
    """Every look reads, and then stands still until it is let go on.

    Attributes:
        looks: how many have read.
    """

    def __init__(self) -> None:
        self.looks = 0
        self._read = repository.unsettled
        self._changed = asyncio.Condition()
        self._passed = 0

    async def unsettled(self, session: AsyncSession, after: str) -> Sequence[Followed]:
        found = await self._read(session, after)
        async with self._changed:
            self.looks += 1
            self._changed.notify_all()
            mine = self.looks
            await self._changed.wait_for(lambda: self._passed >= mine)
        return found

    async def has_read(self, looks: int) -> None:
        async with patience(), self._changed:
            await self._changed.wait_for(lambda: self.looks >= looks)

    async def let_go(self, looks: int) -> None:
        async with self._changed:
            self._passed = looks
            self._changed.notify_all()


class Family:
    """A node that waits for a child task; nothing else knows of the two yet."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.parent = self.child = ""

    async def begin(self) -> None:
        self.parent = await create_task(self.database, flow_of(), state="RUNNING")
        self.child = await create_task(self.database, flow_of(), state="RUNNING")
        run = f"{self.parent}.1"
        async with self.database.unit_of_work() as session:
            session.add(
                NodeRun(
                    id=run, task_id=self.parent, node_id="sub", number=1, attempt=1, state="WAITING_CALLBACK",
                    started_at=_AT,
                )
            )  # fmt: skip
            session.add(
                ChildTask(
                    task_id=self.child, parent_id=self.parent, root_id=self.parent, depth=1, node_id="sub", run_id=run
                )
            )

    async def end(self) -> None:
        async with self.database.unit_of_work() as session:
            await session.execute(update(Task).where(col(Task.id) == self.child).values(state="FINISHED"))

    async def told(self) -> list[tuple[str, str]]:
        async with self.database.reading() as session:
            messages = (await session.execute(select(TaskMessage))).scalars()
            return [(message.task_id, message.kind) for message in messages]


@pytest.fixture
def family(database: Database) -> Family:
    return Family(database)


@pytest.fixture
async def watch(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ChildFollowing]:
    """Looks when it is rung, without a pause, and otherwise not in the time of a test."""
    monkeypatch.setattr(following, "_LONGEST_SECONDS", 3600.0)
    monkeypatch.setattr(following, "_SHORTEST_SECONDS", 0.0)
    callbacks = CallbackService(CallbackTokens([b"a key of tests"]), clock, _nobody)
    made = ChildFollowing(database, callbacks, clock, _nobody)
    monkeypatch.setattr(following, "_SHORTEST_SECONDS", 1800.0)
    yield made
    await made.stop()


def _nobody(_task_id: str, _owner: str | None = None) -> None:
    """Nobody runs these tasks."""


async def test_a_child_that_ends_while_the_first_look_reads_is_told_of_at_once(
    watch: ChildFollowing, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr(repository, "unsettled", gate.unsettled)
    watch.start()
    await gate.has_read(1)
    # Begun after that look has read: it finds nothing of it, and must not forget it either.
    await family.begin()
    watch.follow(family.child, family.parent)
    await gate.let_go(1)
    await gate.has_read(2)
    # Ended after the next has read: that one finds a child that runs.
    await family.end()
    watch.hear(family.child)
    await gate.let_go(2)
    await gate.has_read(3)
    await gate.let_go(10)

    async def is_told() -> bool:
        return await family.told() == [(family.parent, "callback")]

    await until(is_told)


async def test_what_another_process_began_is_looked_at_once_more(watch: ChildFollowing, family: Family) -> None:
    await family.begin()
    assert await watch.look() == following._SHORTEST_SECONDS, "nothing was heard of it before"
    assert await watch.look() == NOTHING_DUE
