"""Addresses that are told of tasks, by the calls of Standard OPS's clients."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action
from kernel.services import KernelServices
from orchestrator.notices.models import FlowWebhook
from tests.orchestrator.sops.conftest import Sops, one_database, working_sops
from tests.support.orchestrator import as_user, flow_of, plugin_node
from tests.support.patience import patience
from tests.support.receiver import Receiver, receiving

FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string"}}}}
ECHO = flow_of(plugin_node("say", inputs={"ip": "${inputs.ip}"}), form=FORM, outputs={"ip": "${inputs.ip}"})
FAILS = flow_of(plugin_node("one", "check", name="Check it", inputs={"ok": False}))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def sops(kernel: KernelServices, receiver: Receiver) -> AsyncIterator[Sops]:
    origin = receiver.url.removesuffix("/hook")
    listed = kernel.settings.model_copy(update={"allowed_upstream_origins": (origin,)})
    async with working_sops(replace(kernel, settings=listed)) as made:
        yield made


async def flow_named(sops: Sops, name: str) -> str:
    flows = (await sops.house.client.get("/projects/shop/flows")).json()["items"]
    found: str = next(each["id"] for each in flows if each["name"] == name)
    return found


async def ran(sops: Sops, template: int, state: str = "FINISHED", **constants: Any) -> int:
    made = await sops.data("create_and_start_task", template_id=template, name="mine", constants=constants)
    task: int = made["task_id"]
    await sops.until(task, state)
    return task


async def history(sops: Sops, task: int, *states: bool) -> list[dict[str, Any]]:
    """Once so many messages have been sent, with these ends."""
    async with patience():
        while True:
            detail = await sops.data("get_task_detail", task_id=task, include_webhook_history=True)
            told: list[dict[str, Any]] = detail["task_webhook_history"]
            if tuple(each["is_success"] for each in told) == states:
                return told
            await asyncio.sleep(0.02)


async def settings(sops: Sops, name: str) -> dict[str, Any] | None:
    found = await sops.house.client.get(f"/flows/{await flow_named(sops, name)}/notices")
    webhook: dict[str, Any] | None = found.json()["webhook"]
    return webhook


async def test_an_address_is_told_of_what_became_of_tasks_with_what_proves_the_sender(
    sops: Sops, receiver: Receiver
) -> None:
    template = await sops.template(ECHO, "Echo")
    extra = {
        "authorization": {"type": "Bearer", "token": "t0ken-of-theirs", "username": "", "password": ""},
        "headers": [
            {"key": "X-Team", "value": "night", "doc": "who"}, {"key": "Content-Type", "value": "application/json"}
        ],
        "timeout": 5, "retry_times": 1, "interval": 1,
    }  # fmt: skip
    asked = {"endpoint": receiver.url, "events": ["*"], "extra_info": extra, "template_ids": [template]}
    assert await sops.data("apply_webhook_configs", **asked) == "success"
    task = await ran(sops, template, ip="10.0.0.1")
    (told,) = await history(sops, task, True)
    ((headers, body),) = receiver.got
    assert (headers["authorization"], headers["x-team"]) == ("Bearer t0ken-of-theirs", "night")
    assert (headers["content-type"], "webhook-signature" in headers) == ("application/json", False)
    message = json.loads(body)
    assert (message["delivery_id"], message["event"]["code"]) == (task, "task_finished")
    info = message["event"]["info"]
    assert (info["task_id"], info["task_name"], info["executor"]) == (task, "mine", "ada")
    assert (info["input_data"], info["outputs"]) == ([{"key": "${ip}", "value": "10.0.0.1"}], {"${ip}": "10.0.0.1"})
    assert info["start_time"] <= info["finish_time"]
    assert (told["event_code"], told["status_code"], told["response"]) == ("task_finished", 204, None)
    assert "task_webhook_history" not in await sops.data("get_task_detail", task_id=task)


async def test_what_proves_the_sender_is_kept_sealed_and_told_to_nobody(sops: Sops, receiver: Receiver) -> None:
    template = await sops.template(ECHO, "Echo")
    extra = {"authorization": {"type": "basic", "username": "ops", "password": "pa55word"}}
    asked = {"endpoint": receiver.url, "events": ["task_failed"], "extra_info": extra, "template_ids": [template]}
    await sops.data("apply_webhook_configs", **asked, key="once")
    proof = base64.b64encode(b"ops:pa55word").decode()
    shown = await settings(sops, "Echo")
    assert shown is not None
    assert (shown["url"], shown["events"], shown["retries"], shown["updated_by"]) == (
        receiver.url,
        ["failed"],
        2,
        "ada",
    )
    async with sops.house.database.reading() as session:
        kept = (await session.execute(select(FlowWebhook))).scalar_one()
        records = (await session.execute(select(AuditRecord))).scalars().all()
        answers = (await session.execute(text("SELECT * FROM orchestrator_sops_idempotency"))).all()
    everything = f"{kept!r} {shown} {[each.model_dump() for each in records]} {answers}"
    assert kept.sealed_headers.startswith("v2.")
    assert not any(secret in everything for secret in ("pa55word", proof))
    assert "flow_webhook.changed" in {each.action for each in records}


async def test_a_failure_is_told_and_sent_again_as_often_as_was_asked(sops: Sops, receiver: Receiver) -> None:
    template = await sops.template(FAILS, "Fails")
    asked = {"endpoint": receiver.url, "events": ["task_failed"], "template_ids": [template]}
    once = {"retry_times": 1, "interval": 1}
    await sops.data("apply_webhook_configs", **asked, extra_info=once)
    receiver.statuses += [500]
    task = await ran(sops, template, "FAILED")
    await history(sops, task, True)
    assert len(receiver.got) == 2
    extra = json.loads(receiver.got[0][1])["event"]["info"]["extra_data"]
    assert (extra["failed_node"], extra["failed_node_name"]) == ("one", "Check it")
    assert extra["failed_message"]
    await sops.data("apply_webhook_configs", **asked, extra_info={"retry_times": 0})
    receiver.statuses += [503]
    task = await ran(sops, template, "FAILED")
    await _given_up(sops, "Fails")
    (told,) = await history(sops, task, False)
    assert (told["event_code"], told["status_code"], told["response"]) == ("task_failed", 503, "answered 503")
    assert len(receiver.got) == 3


async def _given_up(sops: Sops, name: str) -> None:
    flow = await flow_named(sops, name)
    async with patience():
        while True:
            found = (await sops.house.client.get(f"/flows/{flow}/notices/deliveries")).json()["items"]
            if found and found[0]["state"] == "failed":
                assert (found[0]["kind"], found[0]["attempts"]) == ("unsigned", 1)
                return
            await asyncio.sleep(0.02)


async def test_only_the_events_that_are_named_are_told_and_none_once_it_is_switched_off(
    sops: Sops, receiver: Receiver
) -> None:
    one, two = await sops.template(ECHO, "One"), await sops.template(ECHO, "Two")
    asked = {"endpoint": receiver.url, "events": ["task_failed"], "template_ids": [two, one]}
    await sops.data("apply_webhook_configs", **asked)
    await ran(sops, one, ip="a")
    await sops.data("apply_webhook_configs", **{**asked, "events": ["task_finished"], "template_ids": [two]})
    await history(sops, await ran(sops, two, ip="b"), True)
    assert [json.loads(body)["event"]["info"]["input_data"][0]["value"] for _, body in receiver.got] == ["b"]
    for _ in range(2):
        off = {"enable_webhook": False, "template_ids": [one, two]}
        assert await sops.data("apply_webhook_configs", **off) == "success"
    assert (await settings(sops, "One"), await settings(sops, "Two")) == (None, None)


@one_database
async def test_people_take_back_what_a_client_has_set(sops: Sops, receiver: Receiver) -> None:
    template = await sops.template(ECHO, "Echo")
    path = f"/flows/{await flow_named(sops, 'Echo')}/notices/webhook"
    client = sops.house.client
    assert (await client.delete(path)).status_code == 404
    asked = {"endpoint": receiver.url, "events": ["*"], "template_ids": [template]}
    await sops.data("apply_webhook_configs", **asked)
    assert (await client.delete(path, headers=as_user("viewer"))).status_code == 403
    assert (await client.put(path.removesuffix("/webhook"), json={})).json()["webhook"]["url"] == receiver.url
    assert (await client.delete(path, headers=as_user("dev"))).status_code == 204
    assert await settings(sops, "Echo") is None


@one_database
async def test_what_cannot_be_told_or_is_not_known_is_refused_and_nothing_kept(sops: Sops, receiver: Receiver) -> None:
    template = await sops.template(ECHO, "Echo")
    right = {"endpoint": receiver.url, "events": ["*"], "template_ids": [template]}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"events": ["task_created"]}, "events.0"),
        ({"events": []}, "events: are missing"),
        ({"endpoint": ""}, "endpoint: is missing"),
        ({"endpoint": "http://169.254.169.254/x"}, "endpoint: "),
        ({"method": "GET"}, "method"),
        ({"template_ids": []}, "template_ids"),
        ({"extra_info": {"verify": False}}, "extra_info.verify"),
        ({"extra_info": {"retry_times": 6}}, "extra_info.retry_times"),
        ({"extra_info": {"interval": 601}}, "extra_info.interval"),
        ({"extra_info": {"timeout": 11}}, "extra_info.timeout"),
        ({"extra_info": {"authorization": {"type": "digest"}}}, "extra_info.authorization.type"),
        ({"extra_info": {"authorization": {"type": "basic", "username": "x"}}}, "basic needs username and password"),
        ({"extra_info": {"authorization": {"type": "bearer"}}}, "bearer needs a token"),
        ({"extra_info": {"headers": {"Host": "else.where"}}}, "leave it out"),
        ({"extra_info": {"headers": {"X-A": "b\r\nX-C: d"}}}, "extra_info.headers.0.value"),
        ({"extra_info": {"headers": {"Content-Type": "text/plain"}}}, "leave Content-Type out"),
    ]
    for params, named in wrong:
        code, message = await sops.refused("apply_webhook_configs", **{**right, **params})
        assert (code, named in message) == (3540000, True), (params, message)
    assert (await sops.refused("apply_webhook_configs", **{**right, "template_ids": [template, 777]}))[0] == 3540400
    sops.house.authorizer.rules = {rule for rule in sops.house.authorizer.rules if rule[1] != Action.FLOW_EDIT}
    assert (await sops.refused("apply_webhook_configs", **right))[0] == 3540100
    assert (await sops.refused("apply_webhook_configs", enable_webhook=False, template_ids=[template]))[0] == 3540100
    assert await settings(sops, "Echo") is None


@one_database
async def test_what_addresses_were_told_is_for_who_sees_the_flow(sops: Sops, receiver: Receiver) -> None:
    template = await sops.template(ECHO, "Echo")
    await sops.data("apply_webhook_configs", endpoint=receiver.url, events=["*"], template_ids=[template])
    task = await ran(sops, template, ip="a")
    await history(sops, task, True)
    sops.house.authorizer.rules = {rule for rule in sops.house.authorizer.rules if rule[1] != Action.FLOW_VIEW}
    assert await history(sops, task) == []
    async with sops.house.database.reading() as session:
        statement = select(AuditRecord.resource_id).where(col(AuditRecord.action) == "flow_webhook.changed")
        assert len((await session.execute(statement)).all()) == 1
