"""Triggers that tell tasks of events in place of starting some."""

from typing import Any

from sqlalchemy import select

from orchestrator.waiting.models import Event
from tests.orchestrator.triggers.conftest import HOOK, ON_HOSTS, Tripwire, answer, happened
from tests.orchestrator.triggers.test_door import call
from tests.support.orchestrator import as_user

TELLS = {
    **ON_HOSTS,
    "event": "host-made",
    "event_key": "${event.detail.bk_host_id}",
    "mapping": {"why": "${event.type}"},
}


async def _told(tripwire: Tripwire) -> list[tuple[str, Any, str]]:
    async with tripwire.house.database.reading() as session:
        found = (await session.execute(select(Event))).scalars()
        return [(event.about, event.data["data"], event.sender) for event in found]


async def test_what_happens_is_told_once_and_starts_nothing(tripwire: Tripwire) -> None:
    trigger = await tripwire.make(TELLS)
    await tripwire.look(answer(happened(1)))
    await tripwire.look(answer(happened(1)))
    assert await _told(tripwire) == [("host-made/10", {"why": "create"}, "dev")]
    assert await tripwire.tasks() == []
    assert (await tripwire.seen(trigger["id"]))["last_run"]["outcome"] == "told"


async def test_an_owner_who_may_no_longer_operate_tasks_tells_nothing(tripwire: Tripwire) -> None:
    trigger = await tripwire.make(TELLS)
    tripwire.house.authorizer.rules.clear()
    await tripwire.look(answer(happened(1)))
    assert await _told(tripwire) == []
    assert (await tripwire.seen(trigger["id"]))["last_run"]["outcome"] == "refused"


async def test_it_is_made_by_who_may_operate_tasks_with_a_key_that_can_be_read(tripwire: Tripwire) -> None:
    path = f"/flows/{tripwire.flow}/triggers"
    wrong = await tripwire.house.client.post(path, json={**TELLS, "event_key": "${task.id}"}, headers=as_user("dev"))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "event_key")


async def test_a_call_that_tells_tasks_is_taken(tripwire: Tripwire) -> None:
    made = await tripwire.make({**HOOK, "event": "alarm", "event_key": "${payload.alarm}"})
    for _ in range(2):
        taken = await call(tripwire, made, {"alarm": "disk"})
        assert (taken.status_code, taken.json()) == (202, {"task_id": None})
    assert await _told(tripwire) == [("alarm/disk", {"why": "disk"}, "dev")]


async def test_messages_whose_long_names_begin_alike_are_two(tripwire: Tripwire) -> None:
    made = await tripwire.make({**HOOK, "event": "alarm", "event_key": "${payload.alarm}"})
    for end in "ab":
        await call(tripwire, made, {"alarm": end}, "m" * 190 + end)
    assert [about for about, _, _ in await _told(tripwire)] == ["alarm/a", "alarm/b"]
