import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from kernel.db.database import Database
from orchestrator.runtime.models import NodeRun
from orchestrator.tasks import stream
from tests.orchestrator.tasks.rows import AT, Script, created_task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user
from tests.support.patience import patience

Event = tuple[str, int, dict[str, Any]]


@pytest.fixture(autouse=True)
def installed(house: OrchestratorHouse) -> None:
    house.plugins.by_project[PROJECT.id] = [plugin("echo")]


def parsed(chunk: str) -> list[Event]:
    events = []
    for block in chunk.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            events.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
    return events


async def opened(house: OrchestratorHouse, task: str, last_seen: int | None = None) -> AsyncGenerator[bytes, None]:
    events = await house.unit.feeds.open(task, last_seen)
    assert events is not None
    return events


async def following(events: AsyncIterator[bytes]) -> Event:
    async with patience():
        async for chunk in events:
            if found := parsed(chunk.decode()):
                return found[0]
    raise AssertionError("the stream ended")


async def test_a_new_stream_begins_with_the_task_as_it_is(house: OrchestratorHouse, database: Database) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("RUNNING")
    await script.node("find", "FINISHED", 1)
    async with aclosing(await opened(house, task)) as events:
        name, sequence, data = await following(events)
    assert (name, sequence, data["state"]) == ("task", 2, "RUNNING")
    assert "definition" not in data
    assert {node: view["state"] for node, view in data["nodes"].items()} == {
        "start": "PENDING",
        "find": "FINISHED",
        "df": "PENDING",
        "end": "PENDING",
    }


async def test_entries_that_node_runs_tell_are_followed_as_the_others_are(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    await Script(database, task).task("RUNNING")
    async with database.unit_of_work() as session:
        row = {"id": f"{task}.1", "task_id": task, "node_id": "find", "number": 1, "attempt": 1, "started_at": AT}
        session.add(NodeRun(**row, state="RUNNING", begun_entry=2))
    async with aclosing(await opened(house, task)) as events:
        name, sequence, _ = await following(events)
    assert (name, sequence) == ("task", 2), "the task as it is, which the entry is part of"
    async with aclosing(await opened(house, task, 1)) as events:
        name, sequence, data = await following(events)
    assert (name, sequence, data["node_id"], data["state"]) == ("node", 2, "find", "RUNNING")


async def test_what_the_runtime_tells_of_is_sent_without_waiting_for_the_next_look(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.tasks.stream.LOOK_SECONDS", 3600)
    task = await created_task(house)
    script = Script(database, task)
    async with aclosing(await opened(house, task)) as events:
        await following(events)
        reading = asyncio.create_task(following(events))
        await asyncio.sleep(0.05)
        await script.node("find", "RUNNING", 1)
        house.unit.changes.tell(task)
        name, sequence, data = await reading
    assert (name, sequence, data["node_id"], data["state"]) == ("node", 1, "find", "RUNNING")


async def test_what_another_process_did_is_found_by_looking(house: OrchestratorHouse, database: Database) -> None:
    task = await created_task(house)
    script = Script(database, task)
    async with aclosing(await opened(house, task)) as events:
        await following(events)
        await script.node("find", "RUNNING", 1)
        assert (await following(events))[1] == 1


async def test_a_stream_ends_with_the_task_as_it_was_left(house: OrchestratorHouse, database: Database) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("RUNNING")
    await script.node("find", "FINISHED", 1)
    await script.operation("pause", "dev")
    await script.task("FINISHED", {"highest": 97})
    answer = await house.client.get(f"/tasks/{task}/events", headers=as_user("dev") | {"Last-Event-ID": "0"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    events = parsed(answer.text)
    assert [(name, sequence, data["state"]) for name, sequence, data in events] == [
        ("task", 1, "RUNNING"),
        ("node", 2, "FINISHED"),
        ("task", 4, "FINISHED"),
        ("task", 4, "FINISHED"),
    ]
    assert events[-1][2]["outputs"] == {"highest": 97}
    assert events[-1][2]["nodes"]["find"]["state"] == "FINISHED"


async def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("RUNNING")
    for number, node in enumerate(("start", "find"), start=1):
        await script.node(node, "FINISHED", number)
    async with aclosing(await opened(house, task, last_seen=2)) as events:
        assert (await following(events))[:2] == ("node", 3)
        await script.node("df", "RUNNING", 3)
        assert (await following(events))[:2] == ("node", 4)


async def test_a_client_that_has_seen_the_end_is_told_not_to_come_back(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.task("REVOKED")
    seen = await house.client.get(f"/tasks/{task}/events", headers={"Last-Event-ID": "1"})
    assert (seen.status_code, seen.content) == (204, b"")


async def test_after_a_revocation_the_stream_waits_for_nodes_under_way(
    house: OrchestratorHouse, database: Database
) -> None:
    task = await created_task(house)
    script = Script(database, task)
    await script.node("find", "RUNNING", 1)
    await script.task("REVOKED")
    async with aclosing(await opened(house, task, last_seen=0)) as events:
        assert [(await following(events))[2]["state"] for _ in range(2)] == ["RUNNING", "REVOKED"]
        await script.node("find", "FINISHED", 1)
        assert [(await following(events))[:2] for _ in range(2)] == [("node", 3), ("task", 3)]
        with pytest.raises(AssertionError, match="ended"):
            await following(events)


async def test_a_long_history_comes_whole_and_in_order(
    house: OrchestratorHouse, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.tasks.feed._AT_ONCE", 3)
    task = await created_task(house)
    script = Script(database, task)
    for number in range(1, 9):
        await script.node("find", "FINISHED", number)
    await script.task("FINISHED")
    answer = await house.client.get(f"/tasks/{task}/events", headers={"Last-Event-ID": "0"})
    assert [sequence for _, sequence, _ in parsed(answer.text)] == [*range(1, 10), 9]


async def test_a_quiet_stream_beats(house: OrchestratorHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.01)
    task = await created_task(house)
    async with aclosing(await opened(house, task)) as events:
        await following(events)
        async with patience():
            assert await anext(events) == b": ping\n\n"


async def test_streams_end_when_the_process_stops(house: OrchestratorHouse) -> None:
    task = await created_task(house)
    async with aclosing(await opened(house, task)) as events:
        await following(events)
        house.unit.changes.close()
        with pytest.raises(StopAsyncIteration):
            async with patience():
                await anext(events)


async def test_nobody_else_may_follow(house: OrchestratorHouse) -> None:
    task = await created_task(house)
    assert (await house.client.get(f"/tasks/{task}/events", headers=as_user("nobody"))).status_code == 403
    assert (await house.client.get(f"/tasks/{'0' * 32}/events")).status_code == 404
    wrong = await house.client.get(f"/tasks/{task}/events", headers={"Last-Event-ID": "x"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "last-event-id")
