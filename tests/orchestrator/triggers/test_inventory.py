from typing import Any

from kernel.contracts.component_caller import ComponentAway, ComponentRefused
from orchestrator.launch.absent import MOST_REFUSALS
from tests.orchestrator.triggers.conftest import ON_HOSTS, Tripwire, answer, happened
from tests.support.killing import Killed, killed_at
from tests.support.orchestrator import PROJECT, as_user

CREATED_AT = "@1767323045"
"""The moment at which the tests' clock stands, as a cursor."""


async def test_a_change_of_the_inventory_starts_a_task_with_what_changed(tripwire: Tripwire) -> None:
    made = await tripwire.make(ON_HOSTS)
    assert await tripwire.look(answer(happened(7)))
    (task,) = await tripwire.tasks()
    assert (task.inputs, task.created_by, task.name) == ({"host": 70, "why": "create 7"}, "dev", "new hosts")
    (call,) = tripwire.house.components.calls
    assert (call.component, call.project_id) == ("cmdb.resource_watch", PROJECT.id)
    assert call.inputs == {"bk_resource": "host", "wait_seconds": 3, "bk_start_from": int(CREATED_AT[1:])}
    seen = await tripwire.seen(made["id"])
    assert (seen["last_run"]["key"], seen["last_run"]["task_id"]) == ("7", task.id)
    assert tripwire.house.grants.applied == [(PROJECT.id, "cmdb.resource_watch")]


async def test_only_what_the_trigger_asks_for_starts_one(tripwire: Tripwire) -> None:
    await tripwire.make(ON_HOSTS)
    await tripwire.look(answer(happened(7, "update"), happened(8, cloud=3), happened(9)))
    assert [task.inputs["host"] for task in await tripwire.tasks()] == [90]


async def test_a_change_that_comes_again_starts_nothing_new(tripwire: Tripwire) -> None:
    """Whether its cursor was lost, or two processes heard of it at once."""
    await tripwire.make(ON_HOSTS)
    await tripwire.look(answer(happened(7)))
    await tripwire.look(answer(happened(7), happened(8)))
    assert tripwire.house.components.calls[-1].inputs["bk_cursor"] == "7"
    assert [task.inputs["host"] for task in await tripwire.tasks()] == [70, 80]


async def test_a_process_killed_at_any_moment_neither_loses_nor_doubles_a_task(tripwire: Tripwire) -> None:
    await tripwire.make(ON_HOSTS)
    for statement in range(200):
        number = statement + 1
        try:
            with killed_at(tripwire.house.database, statement):
                await tripwire.look(answer(happened(number)))
        except Killed:
            # Whoever comes next is told again of all that his cursor does not cover.
            tripwire.house.components.answers.clear()
            await tripwire.look(answer(happened(number)))
            assert len(await tripwire.tasks()) == number
        else:
            break
    assert 8 < statement < 100


async def test_one_process_looks_at_a_time(tripwire: Tripwire) -> None:
    await tripwire.make(ON_HOSTS)
    assert await tripwire.look(answer(happened(7, "")))
    assert not await tripwire.look(answer(happened(8)), watcher="2" * 32)
    assert await tripwire.feeds() == [("7", "")]
    tripwire.clock.advance(minutes=2)
    assert await tripwire.look(watcher="2" * 32)
    assert len(await tripwire.tasks()) == 1


async def test_what_keeps_from_looking_is_told_and_forgotten_when_it_is_over(tripwire: Tripwire) -> None:
    made = await tripwire.make(ON_HOSTS)
    for trouble in (ComponentAway("no gateway"), ComponentRefused("no grant", 1306403), {"bk_events": "none"}):
        assert not await tripwire.look(trouble)
        assert (await tripwire.seen(made["id"]))["problem"]
    assert await tripwire.look(answer(happened(7, "")))
    assert (await tripwire.seen(made["id"]))["problem"] == ""
    tripwire.clock.advance(days=8)
    assert not await tripwire.look(ComponentRefused("too old", 1103007))
    ((cursor, problem),) = await tripwire.feeds()
    assert (cursor.startswith("@"), "missed" in problem) == (True, True)


async def test_a_change_that_gives_no_inputs_is_refused_with_the_reason(tripwire: Tripwire) -> None:
    made = await tripwire.make({**ON_HOSTS, "mapping": {"host": "${event.detail.rack}"}})
    other = await tripwire.make({**ON_HOSTS, "condition": "event.detail.rack == 'r1'"})
    third = await tripwire.make({**ON_HOSTS, "mapping": {"host": "not a number"}})
    await tripwire.look(answer(happened(7)))
    reasons = [(await tripwire.seen(each["id"]))["last_run"]["reason"] for each in (made, other, third)]
    assert "has no 'rack'" in reasons[0]
    assert "condition can't be evaluated" in reasons[1]
    assert "/inputs/host" in reasons[2]
    assert await tripwire.tasks() == []


async def test_a_right_that_is_gone_switches_it_off(tripwire: Tripwire) -> None:
    made = await tripwire.make(ON_HOSTS)
    tripwire.house.profiles.gone.add("dev")
    await tripwire.look(answer(*(happened(number) for number in range(1, MOST_REFUSALS + 3))))
    seen = await tripwire.seen(made["id"])
    assert (seen["enabled"], seen["refusals"]) == (False, MOST_REFUSALS)
    assert "may not sign in" in seen["stopped_because"]
    assert await tripwire.feeds() == []


async def test_one_that_is_switched_on_hears_of_what_happens_then(tripwire: Tripwire) -> None:
    made = await tripwire.make(ON_HOSTS)
    await tripwire.look(answer(happened(7, "")))
    await tripwire.house.client.post(f"/triggers/{made['id']}:disable")
    assert await tripwire.feeds() == []
    assert not await tripwire.look()
    tripwire.clock.advance(hours=1)
    await tripwire.house.client.post(f"/triggers/{made['id']}:enable")
    assert await tripwire.feeds() == [("@1767326645", "")]
    assert (await tripwire.house.client.delete(f"/triggers/{made['id']}")).status_code == 204
    assert await tripwire.feeds() == []


async def test_what_could_not_start_is_refused_at_once(tripwire: Tripwire) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"resource": None}, "resource"),
        ({"resource": "rack"}, "resource"),
        ({"condition": "event."}, "condition"),
        ({"condition": "host.id == 1"}, "condition"),
        ({"mapping": {"host": "${payload.id}"}}, "mapping.host"),
        ({"mapping": {"host": "${event.detail"}}, "mapping.host"),
        ({"event_types": ["moved"]}, "event_types.0"),
        ({"revision": 0}, "revision"),
        ({"kind": "telepathy"}, "kind"),
    ]
    for body, field in bodies:
        refused = await tripwire.house.client.post(f"/flows/{tripwire.flow}/triggers", json={**ON_HOSTS, **body})
        assert refused.status_code == 422, refused.text
        assert field in [error["field"] for error in refused.json()["errors"]]


async def test_who_may_only_launch_makes_none(tripwire: Tripwire) -> None:
    await tripwire.house.client.put(f"/flows/{tripwire.flow}/launchers/lee")
    for name in ("lee", "viewer"):
        refused = await tripwire.house.client.post(
            f"/flows/{tripwire.flow}/triggers", json=ON_HOSTS, headers=as_user(name)
        )
        assert refused.status_code == 403
    made = await tripwire.make(ON_HOSTS)
    listed = await tripwire.house.client.get("/projects/shop/triggers", headers=as_user("viewer"))
    assert [each["id"] for each in listed.json()["items"]] == [made["id"]]
    change = {"name": "mine", "mapping": {}, "version": made["version"]}
    changed = await tripwire.house.client.put(f"/triggers/{made['id']}", json=change)
    assert (changed.json()["owner"], changed.json()["kind"]) == ("admin", "inventory")
    for body, status, told in (
        (change, 409, "version 2, changed by admin"),
        ({"name": "mine", "mapping": {}}, 422, "version"),
    ):
        refused = await tripwire.house.client.put(f"/triggers/{made['id']}", json=body, headers=as_user("dev"))
        assert (refused.status_code, told in refused.text) == (status, True)


async def test_cursors_of_bluekings_inventory_are_followed(tripwire: Tripwire) -> None:
    await tripwire.make(ON_HOSTS)
    cursor = "MQ0xDTVlYTZkM2Y3ZjBlY2I3MDAxNzUzMzAzNg0xNTk2NTMwNjU5DTU2NTkwMQ0wMDAwMDAwMDAwMDAwMDAw"
    event = {**happened(1), "bk_cursor": cursor}
    assert await tripwire.look(answer(event))
    assert await tripwire.feeds() == [(cursor, "")]
    assert len(await tripwire.tasks()) == 1
