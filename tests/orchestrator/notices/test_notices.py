import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kernel.clock import ManualClock
from kernel.contracts.component_caller import ComponentRefused
from kernel.ids import new_id
from kernel.services import KernelServices
from kernel.signing.standard_webhooks import verify
from orchestrator.notices import service, telling
from orchestrator.notices.groups import ProjectGroups
from orchestrator.notices.sending import PAUSES
from orchestrator.runtime.models import NodeRun, Task
from tests.support.contracts import plugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, build_house, flow_of, plugin_node
from tests.support.receiver import Receiver, receiving

FLOW = flow_of(plugin_node("find", "find"))


@dataclass(slots=True)
class Post:
    """A house whose notices are found and sent when a test says so."""

    house: OrchestratorHouse
    clock: ManualClock
    receiver: Receiver
    flow: str

    async def settings(self, **wanted: Any) -> dict[str, Any]:
        kept = await self.house.client.put(f"/flows/{self.flow}/notices", json=wanted, headers=as_user("dev"))
        assert kept.status_code == 200, kept.text
        view: dict[str, Any] = kept.json()
        return view

    async def secret(self) -> str:
        made = await self.house.client.post(f"/flows/{self.flow}/notices:rotate-secret", headers=as_user("dev"))
        secret: str = made.json()["secret"]
        return secret

    async def launch(self, by: str = "dev", **body: Any) -> str:
        launched = await self.house.client.post(f"/flows/{self.flow}/tasks", json=body, headers=as_user(by))
        assert launched.status_code == 201, launched.text
        task: str = launched.json()["id"]
        return task

    async def become(self, task_id: str, state: str) -> None:
        async with self.house.database.unit_of_work() as session:
            task = (await session.execute(select(Task).where(col(Task.id) == task_id))).scalar_one()
            task.state, task.sequence = state, task.sequence + 1

    async def tell(self) -> None:
        await self.house.unit.automatic.teller.tell()
        await self.house.unit.automatic.sender.send_due()

    async def deliveries(self) -> list[dict[str, Any]]:
        """The oldest first."""
        items = (await self.house.client.get(f"/flows/{self.flow}/notices/deliveries")).json()["items"]
        return list(reversed(items))


@pytest.fixture
async def post(kernel: KernelServices, clock: ManualClock) -> AsyncIterator[Post]:
    async with receiving() as receiver:
        origin = receiver.url.removesuffix("/hook")
        listed = kernel.settings.model_copy(update={"allowed_upstream_origins": (origin,)})
        house = build_house(replace(kernel, settings=listed))
        house.plugins.by_project[PROJECT.id] = [plugin("find")]
        async with house.client:
            yield Post(house, clock, receiver, await house.publish(FLOW))


async def test_of_a_flow_whose_notices_nobody_has_set_nobody_is_told_to_have(post: Post) -> None:
    nothing = (await post.house.client.get(f"/flows/{post.flow}/notices")).json()
    assert (nothing.pop("updated_by"), nothing.pop("updated_at")) == (None, None)
    assert not any(nothing.values())
    await post.settings(launcher=True, events=["finished"])
    assert (await post.house.client.get(f"/flows/{post.flow}/notices")).json()["updated_by"] == "dev"


async def test_people_are_told_of_what_the_flow_says(post: Post) -> None:
    group = await post.house.client.put("/projects/shop/notice-groups/on-call", json={"people": ["kim", "lee"]})
    assert group.status_code == 200
    async with post.house.database.reading() as session:
        known = await ProjectGroups().people_of(session, PROJECT.id, {"on-call", "gone"})
    assert known == {"on-call": ["kim", "lee"]}
    await post.settings(events=["finished", "failed"], launcher=True, people=["lee"], groups=["on-call"])
    task = await post.launch(name="Nightly")
    for state in ("RUNNING", "FAILED", "RUNNING", "FINISHED"):
        await post.become(task, state)
        post.house.components.answers.append({"message_id": "m"})
        await post.tell()
    first, second = post.house.components.calls
    assert (first.component, first.project_id, first.on_behalf_of) == ("notify.notify_users", PROJECT.id, "dev")
    assert first.inputs["receiver__username"] == ["dev", "lee", "kim"]
    assert first.inputs["title"] == "Nightly has failed and waits for you"
    assert f"/tasks/{task}" in first.inputs["content"]
    assert second.inputs["title"] == "Nightly has finished"
    assert [each["state"] for each in await post.deliveries()] == ["delivered", "delivered"]
    assert first.idempotency_key == (await post.deliveries())[0]["id"]
    assert ("0" * 31 + "1", "notify.notify_users") in post.house.grants.applied
    await post.tell()
    assert len(post.house.components.calls) == 2


async def test_a_webhook_is_signed_and_sent_again_until_it_is_taken(post: Post) -> None:
    secret = await post.secret()
    await post.settings(events=["finished"], url=post.receiver.url)
    task = await post.launch()
    await post.become(task, "FINISHED")
    post.receiver.statuses += [500, 302]
    for _ in range(3):
        await post.tell()
        post.clock.advance(seconds=61)
    assert len({headers["webhook-id"] for headers, _ in post.receiver.got}) == 1
    headers, body = post.receiver.got[-1]
    sent_at = float(headers["webhook-timestamp"])
    verify(secret, headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"], body, sent_at)
    told = json.loads(body)
    assert (told["type"], told["data"]["task_id"], told["data"]["project"]) == ("task.finished", task, "shop")
    assert "inputs" not in told["data"]
    (delivery,) = await post.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("delivered", 3, 204)


async def test_what_nobody_takes_is_given_up_and_may_be_sent_again(post: Post) -> None:
    await post.settings(events=["revoked"], people=["kim"])
    task = await post.launch()
    await post.become(task, "REVOKED")
    for pause in (*PAUSES, 0):
        post.house.components.answers.append(ComponentRefused("not granted"))
        await post.tell()
        post.clock.advance(seconds=pause)
    (delivery,) = await post.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["problem"]) == ("failed", 6, "not granted")
    again = f"/flows/{post.flow}/notices/deliveries/{delivery['id']}:send-again"
    assert (await post.house.client.post(again, headers=as_user("viewer"))).status_code == 403
    assert (await post.house.client.post(again.replace(delivery["id"], "%00"))).status_code == 404
    assert (await post.house.client.post(again, headers=as_user("dev"))).json()["state"] == "waiting"
    post.house.components.answers.append({})
    await post.tell()
    assert (await post.deliveries())[0]["state"] == "delivered"


async def test_a_task_may_have_an_address_of_its_own(post: Post) -> None:
    refused = await post.house.client.post(f"/flows/{post.flow}/tasks", json={"callback_url": post.receiver.url})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "callback_url")
    await post.secret()
    for inside in ("http://127.0.0.1:1/x", "http://169.254.169.254/", "ftp://example.com/"):
        refused = await post.house.client.post(f"/flows/{post.flow}/tasks", json={"callback_url": inside})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "callback_url")
    told, other = await post.launch(callback_url=post.receiver.url), await post.launch()
    for task in (told, other):
        await post.become(task, "FINISHED")
    await post.tell()
    assert [json.loads(body)["data"]["task_id"] for _, body in post.receiver.got] == [told]


async def test_a_node_that_waits_for_a_person_is_told_once(post: Post) -> None:
    await post.settings(events=["waiting"], people=["kim"])
    task, other = await post.launch(), await post.launch()
    for each in (task, other):
        await post.become(each, "RUNNING")
    async with post.house.database.unit_of_work() as session:
        for number, state in enumerate(("WAITING_DECISION", "WAITING_TIMER")):
            session.add(
                NodeRun(
                    id=new_id(), task_id=task, node_id=f"n{number}", number=number, attempt=1, state=state,
                    started_at=post.clock.now(),
                )
            )  # fmt: skip
    for _ in range(2):
        post.house.components.answers.append({})
        await post.tell()
        post.house.unit.automatic.teller.hear(task)
    (call,) = post.house.components.calls
    assert "waits for a person" in call.inputs["title"]


async def test_a_flow_that_names_nobody_keeps_no_other_from_being_told(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_AT_ONCE", 1)
    dev = as_user("dev")
    for flow, people in ((post.flow, []), (await post.house.publish(FLOW, "Another"), ["kim"])):
        body = {"events": ["waiting"], "people": people}
        await post.house.client.put(f"/flows/{flow}/notices", json=body, headers=dev)
        task = (await post.house.client.post(f"/flows/{flow}/tasks", json={}, headers=dev)).json()["id"]
        async with post.house.database.unit_of_work() as session:
            run = {"node_id": "ask", "number": 1, "attempt": 1, "state": "WAITING_DECISION"}
            session.add(NodeRun(id=new_id(), task_id=task, started_at=post.clock.now(), **run))
    post.house.components.answers.append({})
    await post.tell()
    assert [call.inputs["receiver__username"] for call in post.house.components.calls] == [["kim"]]


async def test_two_processes_tell_it_once(post: Post) -> None:
    await post.settings(events=["finished"], people=["kim"])
    task = await post.launch()
    await post.become(task, "FINISHED")
    post.house.components.answers += [{}, {}]
    other = post.house.successor().automatic
    await asyncio.gather(post.house.unit.automatic.teller.tell(), other.teller.tell())
    await asyncio.gather(post.house.unit.automatic.sender.send_due(), other.sender.send_due())
    assert len(post.house.components.calls) == 1


async def test_what_could_not_be_told_is_refused_at_once(post: Post) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"events": ["born"]}, "events.0"),
        ({"groups": ["nobody"]}, "groups.0"),
        ({"people": ["a,b"]}, "people.0"),
        ({"url": "http://127.0.0.1:1/"}, "url"),
        ({"url": post.receiver.url}, "url"),
    ]
    for body, wrong in bodies:
        refused = await post.house.client.put(f"/flows/{post.flow}/notices", json=body)
        assert refused.status_code == 422, refused.text
        assert wrong in [error["field"] for error in refused.json()["errors"]]
    assert (await post.house.client.get(f"/flows/{post.flow}/notices")).json()["has_secret"] is False
    viewer = as_user("viewer")
    assert (await post.house.client.get(f"/flows/{post.flow}/notices", headers=viewer)).status_code == 200
    assert (await post.house.client.put(f"/flows/{post.flow}/notices", json={}, headers=viewer)).status_code == 403
    assert (
        await post.house.client.post(f"/flows/{post.flow}/notices:rotate-secret", headers=viewer)
    ).status_code == 403


async def test_of_two_who_set_it_first_at_once_none_fails(post: Post) -> None:
    path, dev = f"/flows/{post.flow}/notices", as_user("dev")
    made = [post.house.client.put(path, json={"people": [name]}, headers=dev) for name in ("kim", "lee")]
    made += [post.house.client.post(f"{path}:rotate-secret", headers=dev)]
    made += [
        post.house.client.put("/projects/shop/notice-groups/on-call", json={"people": [name]}) for name in ("a", "b")
    ]
    assert {answer.status_code for answer in await asyncio.gather(*made)} == {200}


async def test_a_project_has_so_many_groups_and_no_more(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_GROUPS", 1)
    place = "/projects/shop/notice-groups/{}"
    answers = [
        await post.house.client.put(place.format(name), json={"people": ["kim"]}) for name in ("one", "two", "one")
    ]
    assert [answer.status_code for answer in answers] == [200, 409, 200]
    assert [each["name"] for each in (await post.house.client.get("/projects/shop/notice-groups")).json()["items"]] == [
        "one"
    ]
