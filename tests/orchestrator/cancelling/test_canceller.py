"""Plugins are told that node runs are wanted no more: by what they kept, until they have it, whoever dies meanwhile."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from kernel.contracts.plugin_invoker import (
    CancelResult,
    CancelState,
    PluginUnavailable,
)
from orchestrator.cancelling.pace import CancelPace
from orchestrator.runtime.models import NodeCall, NodeCancellation, TaskDefinition
from tests.orchestrator.runtime.test_crash import FragileStore, World
from tests.support.cancelling import NODE, QUICK, TOLD, House, Plugins
from tests.support.orchestrator import OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.patience import until
from tests.support.runtime import create_task, kill, until_state


@pytest.mark.parametrize("kind", ["revoke", "force_fail"])
async def test_a_plugin_is_told_by_what_it_kept_and_the_task_waits_for_none_of_it(
    house: House, plugins: Plugins, kind: str
) -> None:
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await house.waiting(worker)
        await house.ask(worker, task, kind)
        await until_state(house.database, task, "REVOKED" if kind == "revoke" else "FAILED")
        row = await house.until_row("cancelled")
    (call,) = plugins.cancels
    assert (call.node_run_id, call.storage, call.inputs) == (row.run_id, {"job": 7}, {"host": "h"})
    assert (call.scopes, call.on_behalf_of, call.ending) == (frozenset({"cmdb:read"}), "ann", True)
    assert (row.node_id, row.attempts, row.due_at) == ("a", 1, None)
    async with house.database.reading() as session:
        (made,) = (await session.execute(select(NodeCall))).scalars()
    assert (made.run_id, made.component, made.idempotency_key) == (row.run_id, "job.stop", "k")


@pytest.mark.parametrize(("kind", "lost"), [("revoke", False), ("force_fail", False), ("force_fail", True)])
async def test_an_answer_under_way_is_waited_for_since_it_says_what_was_begun(
    house: House, plugins: Plugins, kind: str, *, lost: bool
) -> None:
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await create_task(house.database, NODE)
        worker.wake(task)
        await plugins.begun.wait()
        await house.ask(worker, task, kind)
        await house.until_row("waiting")
        assert plugins.cancels == []
        plugins.away = lost
        plugins.release.set()
        await house.until_row("cancelled")
    assert [call.storage for call in plugins.cancels] == [{} if lost else {"job": 7}]


async def test_a_call_whose_turn_comes_after_the_end_is_not_made(house: House, plugins: Plugins) -> None:
    plugins.away = True
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await create_task(house.database, NODE)
        worker.wake(task)
        await plugins.begun.wait()
        await house.ask(worker, task, "force_fail")
        await house.until_row("ended")
        made = len(plugins.calls)
        plugins.away = False
        plugins.release.set()
        await until_state(house.database, task, "FAILED")
        assert worker._calls._pauses == set()
    assert (len(plugins.calls), plugins.cancels) == (made, [])


async def test_a_plugin_that_cannot_be_reached_is_told_again_and_given_up_at_last(
    house: House, plugins: Plugins
) -> None:
    away, broken = PluginUnavailable("the gateway restarts"), RuntimeError("a fault of the way")
    plugins.answers = [away, broken, TOLD]
    async with house.worker() as worker:
        task = await house.waiting(worker)
        await house.ask(worker, task, "force_fail")
        await house.until_row("waiting")
        async with house.canceller():
            row = await house.until_row("cancelled")
        assert (row.attempts, row.reason) == (3, "")
        plugins.answers = [away]
        plugins.release.clear()
        await house.ask(worker, task, "retry")
        await until_state(house.database, task, "RUNNING")
        plugins.release.set()
        async with house.canceller(CancelPace(look=0.02, give_up=0, least=1)):
            await house.ask(worker, task, "force_fail")

            async def given_up() -> bool:
                async with house.database.reading() as session:
                    rows = (await session.execute(select(NodeCancellation))).scalars().all()
                return [(row.state, row.reason) for row in rows if row.run_id.endswith(".3")] == [
                    ("not_reached", "the gateway restarts")
                ]

            await until(given_up)


async def test_what_was_asked_for_survives_the_worker_and_whoever_was_telling(house: House, plugins: Plugins) -> None:
    worker = await house.started()
    task = await house.waiting(worker)
    await house.ask(worker, task, "force_fail")
    await house.until_row("waiting")
    await kill(worker)
    plugins.answers = [asyncio.Event(), TOLD]
    process = await house.process()
    async with house.canceller(process=process):
        await until(plugins.told(1))
    row = await house.until_row("waiting")
    assert (row.attempts, row.taken_by) == (1, process.id)
    async with house.canceller():
        await house.end(process)
        row = await house.until_row("cancelled")
    assert (row.attempts, row.taken_by, row.taken_until) == (2, None, None)
    first, again = plugins.cancels
    assert (first.node_run_id, first.storage) == (again.node_run_id, again.storage) == (row.run_id, {"job": 7})


async def test_what_a_killed_process_was_telling_its_successor_tells(house: House, plugins: Plugins) -> None:
    worker = await house.started()
    run = await house.asked()
    plugins.answers = [asyncio.Event(), TOLD]
    async with house.canceller(process=worker):
        await until(plugins.told(1))
        await kill(worker)
    assert (await house.row_of(run)).taken_by == worker.id
    async with house.worker() as successor, house.canceller(process=successor):
        await until(house.settled(run))
    assert (plugins.most, len(plugins.cancels)) == (1, 2)


async def test_a_plugin_that_never_answers_is_told_one_at_a_time_and_given_up_at_last(
    house: House, plugins: Plugins
) -> None:
    plugins.answers = [asyncio.Event()]
    async with (
        house.canceller(replace(QUICK, attempt=0.2, give_up=0, least=3)) as canceller,
        house.worker(canceller.ring) as worker,
    ):
        task = await house.waiting(worker)
        await house.ask(worker, task, "force_fail")
        row = await house.until_row("not_reached")
    assert (plugins.most, plugins.under_way) == (1, 0)
    assert row.attempts == len(plugins.cancels) == 3
    assert (row.due_at, "did not answer in time" in row.reason) == (None, True)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"nodes": "none"}, "nodes"),
        (flow_of(plugin_node("b")), "'a'"),
        (flow_of({"id": "a", "kind": "timer", "seconds": 30}), "a calls nothing"),
    ],
)
async def test_what_can_no_longer_be_read_is_given_up(
    house: House, plugins: Plugins, document: dict[str, Any], said: str
) -> None:
    async with house.worker() as worker:
        task = await house.waiting(worker)
        await house.ask(worker, task, "force_fail")
        await house.until_row("waiting")
    async with house.database.unit_of_work() as session:
        (await session.execute(select(TaskDefinition))).scalar_one().document = document
    async with house.canceller():
        row = await house.until_row("not_reached")
    assert (row.due_at, said in row.reason, plugins.cancels) == (None, True, [])


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_revocation_and_what_it_asks_for_are_durable_together_or_not_at_all(
    house: House, plugins: Plugins, moment: str
) -> None:
    world = World(house.database)
    store = FragileStore(house.database.url, world)
    worker = await house.started(store=store)
    task = await house.waiting(worker)
    store.die(moment, store.commits + 1)
    await house.ask(worker, task, "revoke")
    await world.dying.wait()
    await kill(worker)
    assert (await house.row() is not None) is (moment == "after")
    async with house.canceller() as canceller, house.worker(canceller.ring):
        await until_state(house.database, task, "REVOKED")
        row = await house.until_row("cancelled")
    assert [(call.node_run_id, call.storage) for call in plugins.cancels] == [(row.run_id, {"job": 7})]


async def test_a_consent_that_was_withdrawn_is_told(house: House, plugins: Plugins) -> None:
    async with house.canceller() as canceller, house.worker(canceller.ring) as worker:
        task = await house.waiting(worker, flow_of(plugin_node("a", executor="bea")))
        house.consents.withdrawn = True
        await house.ask(worker, task, "revoke")
        row = await house.until_row("not_reached")
    assert (row.reason, plugins.cancels) == ("bea has withdrawn the consent", [])


async def test_a_task_that_is_revoked_after_a_crash_waits_for_the_answer_that_comes_again(
    house: House, plugins: Plugins
) -> None:
    worker = await house.started()
    task = await create_task(house.database, NODE)
    worker.wake(task)
    await plugins.begun.wait()
    await house.ask(worker, task, "revoke")
    await house.until_row("waiting")
    await kill(worker)
    plugins.release.set()
    async with house.canceller() as canceller, house.worker(canceller.ring):
        await house.until_row("cancelled")
    assert [call.storage for call in plugins.cancels] == [{"job": 7}]


async def test_a_node_shows_what_became_of_telling_its_plugin(running_house: OrchestratorHouse) -> None:
    running_house.invoker.cancelled = CancelResult(CancelState.NOT_REACHED, "it would not stop")
    task = await running_house.launch(flow_of(plugin_node("a", "wait")))
    await running_house.until(task, "WAITING_CALLBACK", "a")
    assert await shown(running_house, task) is None
    revoked = await running_house.client.post(f"/tasks/{task}:revoke")
    assert revoked.status_code == 200, revoked.text

    async def told() -> bool:
        return (await shown(running_house, task))["state"] != "waiting"

    await until(told)
    found = await shown(running_house, task)
    assert (found["state"], found["reason"]) == ("not_reached", "it would not stop")
    assert [call.storage for call in running_house.invoker.cancels] == [{"asked": True}]
    listed = await running_house.client.get(f"/tasks/{task}/cancellations")
    assert [(told["node_id"], told["state"]) for told in listed.json()["items"]] == [("a", "not_reached")]
    other = await running_house.client.get(f"/tasks/{task}/cancellations", headers=as_user("stranger"))
    assert other.status_code == 403


async def shown(house: OrchestratorHouse, task: str) -> Any:
    """What the node's only attempt says of its cancellation."""
    (run,) = (await house.client.get(f"/tasks/{task}/nodes/a")).json()["runs"]
    return run["cancellation"]
