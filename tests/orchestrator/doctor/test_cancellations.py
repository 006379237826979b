"""Plugins that nobody tells that they are wanted no more are found, and told; so are those of what mending ends."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from kernel.audit.models import AuditRecord
from orchestrator.engine.invariants import Invariant
from orchestrator.runtime.models import NodeCancellation, RuntimeWorker
from tests.support.cancelling import House, Plugins
from tests.support.patience import patience, until
from tests.support.runtime import send, task_of
from tests.support.ward import NOW, WHO, Ward

LONG_AGO = NOW - timedelta(seconds=31)
LATER = NOW + timedelta(seconds=60)


async def asked(ward: Ward, node: str = "a", number: int = 2, **given: Any) -> None:
    """A node run of a task that has ended, whose plugin is to be told."""
    if not ward.task:
        await ward.admit("REVOKED", finished_at=NOW)
    row: dict[str, Any] = {"state": "waiting", "asked_at": LONG_AGO, "due_at": LONG_AGO, **given}
    async with ward.database.unit_of_work() as session:
        session.add(NodeCancellation(run_id=f"{ward.task}.{number}", task_id=ward.task, node_id=node, **row))


async def living(ward: Ward) -> None:
    async with ward.database.unit_of_work() as session:
        session.add(RuntimeWorker(id="one", host="h", lock_file="", started_at=NOW, alive_until=LATER))


async def row(ward: Ward, number: int = 2) -> NodeCancellation:
    async with ward.database.reading() as session:
        found = await session.get(NodeCancellation, f"{ward.task}.{number}")
    assert found is not None
    return found


@pytest.mark.parametrize(
    "given",
    [
        {"due_at": NOW - timedelta(seconds=29)},
        {"due_at": LATER},
        {"due_at": None, "state": "cancelled", "attempts": 101},
        {"taken_by": "one", "taken_until": LATER},
        {"taken_by": "one", "taken_until": NOW - timedelta(seconds=29)},
    ],
)
async def test_what_is_told_in_time_breaks_nothing(ward: Ward, given: dict[str, Any]) -> None:
    await living(ward)
    await asked(ward, **given)
    assert await ward.broken() == []


async def test_what_stands_in_line_for_one_who_tells_breaks_nothing(ward: Ward) -> None:
    await living(ward)
    await asked(ward, taken_by="one", taken_until=LATER)
    await asked(ward, number=3)
    await asked(ward, number=4, taken_by="gone", taken_until=LONG_AGO)
    assert await ward.broken() == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "its plugin was to be told at 2026-01-02 03:03:34 UTC that it is wanted no more"),
        ({"taken_by": "one", "taken_until": LONG_AGO}, f"one tells its plugin; that was to be over at {LONG_AGO}"),
        (
            {"taken_by": "gone", "taken_until": LATER},
            "gone told its plugin that it is wanted no more, and",
        ),
    ],
)
async def test_what_nobody_tells_or_takes_too_long_is_told_at_once(ward: Ward, given: dict[str, Any], why: str) -> None:
    await living(ward)
    await asked(ward, **given)
    (finding,) = await ward.findings()
    assert (finding.invariant, finding.task_id, finding.node_id) == (Invariant.CANCELLATION_TAKEN, ward.task, "a")
    assert (finding.why.startswith(why), finding.project_id) == (True, "0" * 32)
    assert await ward.mend() == ["cancellation_taken"]
    mended = await row(ward)
    assert (mended.state, mended.due_at, mended.taken_by, mended.taken_until) == ("waiting", NOW, None, None)
    assert (ward.rung, ward.woken, (await task_of(ward.database, ward.task)).fence) == (1, [], 0)
    async with ward.database.reading() as session:
        (entry,) = (await session.execute(select(AuditRecord))).scalars()
    assert (entry.action, entry.resource_id, entry.actor) == ("node_cancellation.mended", ward.task, "doctor")
    assert await ward.broken() == []


async def test_who_examines_waits_for_nobody_who_changes(ward: Ward) -> None:
    await asked(ward)
    async with patience(), ward.database.unit_of_work() as session:
        assert await session.get(NodeCancellation, f"{ward.task}.2", with_for_update=True) is not None
        assert await ward.broken() == [("cancellation_taken", "a")]


async def test_what_was_told_far_too_often_is_given_up(ward: Ward) -> None:
    await asked(ward, attempts=101, due_at=LATER)
    await asked(ward, "b", number=3, attempts=100, due_at=LATER)
    assert await ward.broken() == [("cancellation_taken", "a")]
    await ward.mend()
    given_up, other = await row(ward), await row(ward, 3)
    assert (given_up.state, given_up.due_at, given_up.reason) == ("not_reached", None, "given up after 101 attempts")
    assert (other.state, other.due_at) == ("waiting", LATER)


async def test_only_what_was_told_is_mended(ward: Ward) -> None:
    await asked(ward)
    told = await ward.findings()
    await asked(ward, "b", number=3)
    async with ward.database.unit_of_work() as session:
        assert await ward.mender.mend(session, WHO, told) == told
    assert ((await row(ward)).due_at, (await row(ward, 3)).due_at) == (NOW, LONG_AGO)


async def test_plugins_of_a_task_that_mending_ends_are_told(ward: Ward) -> None:
    await ward.admit()
    kept: dict[str, Any] = {"due_at": NOW + timedelta(seconds=9), "storage": {"job": 7}}
    await ward.node("a", "POLLING", 2, **kept)
    await ward.node("b", "WAITING_LOCK", 3, step=0)
    await ward.node("gone", "WAITING_CALLBACK", 4)
    assert ("node_in_flow", "gone") in await ward.broken()
    await ward.mend()
    assert (await task_of(ward.database, ward.task)).state == "REVOKED"
    async with ward.database.reading() as session:
        rows = (await session.execute(select(NodeCancellation).order_by(NodeCancellation.run_id))).scalars().all()
    assert [(each.node_id, each.state, each.due_at, each.storage) for each in rows] == [
        ("a", "waiting", NOW, {"job": 7}),
        ("gone", "waiting", NOW, None),
    ]
    assert ward.rung > 0
    assert await ward.broken() == []


async def test_what_was_told_before_is_not_told_again_by_mending(ward: Ward) -> None:
    await ward.admit("FINISHED", finished_at=NOW)
    await ward.node("a", due_at=NOW)
    await asked(ward, state="cancelled", due_at=None)
    assert await ward.broken() == [("state_fits_nodes", None)]
    await ward.mend()
    assert ((await row(ward)).state, ward.rung) == ("cancelled", 0)


async def test_what_is_sent_to_a_task_that_nobody_can_read_ends_with_it(ward: Ward) -> None:
    await ward.admit()
    await ward.node(due_at=NOW)
    await ward.node("around", "RUNNING", 3, step=0)
    await ward.lose_definition()
    await send(ward.database, ward.task, "pause")
    await ward.mend()
    async with ward.database.reading() as session:
        assert (await session.execute(select(NodeCancellation.node_id))).scalars().all() == ["a"]
    (message,) = await ward.messages()
    assert (message.settled_at, message.reason) == (NOW, "the task was ended: it could not go on")


async def test_the_plugin_of_a_revoked_task_is_told_for_the_doctor_too(
    ward: Ward, plugins: Plugins, tmp_path: Path
) -> None:
    """What can't be told which way it went on, a worker revokes as a person would have it revoked."""
    house = House(ward.database, plugins, tmp_path)
    branch = {"progress": {"forks": {"x.1": [None, 2, 0]}}}
    await ward.admit(**branch)
    await ward.node("b", "WAITING_CALLBACK", 2, fork="x.1", storage={"job": 7})
    assert ("token_kept", None) in await ward.broken()
    await ward.mend()
    async with house.canceller() as canceller, house.worker(canceller.ring):
        await until(house.settled(f"{ward.task}.2"))
    assert [call.storage for call in plugins.cancels] == [{"job": 7}]
