"""What becomes of a message that was not taken at once: it waits, is tried again, and is neither lost nor doubled."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from adapters.notify.service.app import NotifySystem
from adapters.notify.service.delivery.retry import pause
from adapters.notify.service.models import Attempt, Delivery, Message
from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, this_process
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer, Webhook

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MAIL: dict[str, Any] = {"receiver": "ada@ops.test", "title": "Disks", "content": "<p>91 %</p>"}


async def _detail(gateway: Gateway, receiver: str = "") -> dict[str, Any]:
    page = await gateway.data("search_deliveries", {"receiver": receiver})
    detail: dict[str, Any] = await gateway.data("get_delivery", {"id": page["items"][0]["id"]})
    return detail


async def _limited(gateway: Gateway, webhook: Webhook, **limits: Any) -> None:
    address = f"json://{webhook.origin}/${{address}}"
    await gateway.data("set_channel", {"msg_type": "pager", "kind": "sms", "address": address, **limits})


async def _page(gateway: Gateway, text: str, phone: str = "13800000001") -> dict[str, Any]:
    message = {"msg_type": "pager", "receiver": phone, "title": "Disks", "content": text}
    return await gateway.call("send_msg", message)


async def test_a_server_that_comes_back_gets_the_mail(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, clock: ManualClock, database: Database
) -> None:
    mail_server.broken = "busy"
    answer = await gateway.call("send_mail", MAIL, key="run:1")
    assert (answer["result"], answer["data"]["deliveries"][0]["state"]) == (True, "waiting")
    assert answer["message"] == "Kept, and tried again later: ada@ops.test (451 come again)"
    await notify.dispatcher.send_due()
    assert mail_server.received == []
    status = {"message_id": answer["data"]["message_id"]}
    assert (await gateway.get("get_message_status", status))["data"]["is_settled"] is False
    mail_server.broken = ""
    clock.advance(seconds=10)
    await notify.dispatcher.send_due()
    ((to, mail),) = mail_server.received
    told = await gateway.call("get_message_status", status)
    assert (told["result"], told["data"]["is_settled"]) == (True, True)
    stranger = Gateway(gateway.system, gateway.clock, identity={"x-trunkline-app": "other"})
    assert (await stranger.call("get_message_status", status))["message"].startswith("message_id: is no message")
    assert (to, mail["Message-ID"]) == (["ada@ops.test"], f"<{answer['data']['message_id']}@ops.test>")
    detail = await _detail(gateway)
    assert [(one["number"], one["state"]) for one in detail["attempts"]] == [(1, "later"), (2, "sent")]
    assert (await gateway.call("send_mail", MAIL, key="run:1"))["data"]["deliveries"][0]["state"] == "sent"
    assert len(mail_server.received) == 1
    async with database.reading() as session:
        assert (await session.execute(select(Message.content_sealed))).scalars().all() == [""]
    assert notify.counts.snapshot() == {("mail", "waiting"): 1, ("mail", "sent"): 1}


@one_database
async def test_a_mail_that_never_goes_fails_after_its_last_attempt_and_can_be_sent_again(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, clock: ManualClock
) -> None:
    mail_server.broken = "busy"
    await gateway.call("send_mail", MAIL)
    for _ in range(10):
        clock.advance(minutes=16)
        await notify.dispatcher.send_due()
    detail = await _detail(gateway)
    assert (detail["state"], detail["attempt_count"], detail["can_resend"]) == ("failed", 8, True)
    mail_server.broken = ""
    await gateway.data("resend_delivery", {"id": detail["id"]})
    await notify.dispatcher.send_due()
    assert len(mail_server.received) == 1
    again = await gateway.call("resend_delivery", {"id": detail["id"]})
    assert again["message"] == "id: is sent; only what failed and has an address can be sent again"


@one_database
async def test_a_connection_that_breaks_after_the_mail_went_over_is_followed_by_the_same_mail(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, clock: ManualClock
) -> None:
    mail_server.broken = "drop"
    await gateway.call("send_mail", MAIL, key="run:1")
    mail_server.broken = ""
    clock.advance(seconds=10)
    await notify.dispatcher.send_due()
    (_, first), (_, second) = mail_server.received
    assert first.as_bytes() == second.as_bytes()
    assert [one["state"] for one in (await _detail(gateway))["attempts"]] == ["unknown", "sent"]


async def test_what_a_dead_process_left_is_sent_without_anybody_asking(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, clock: ManualClock, database: Database
) -> None:
    mail_server.broken = "busy"
    await gateway.call("send_mail", MAIL)
    me = this_process()
    dead = str(ProcessIdentity(me.host, me.pid, me.started + 1))
    async with database.unit_of_work() as session:
        await session.execute(update(Message).values(owner=dead, owned_until=clock.now() + timedelta(hours=1)))
        await session.execute(update(Delivery).values(state="handing_over", next_at=clock.now()))
        await session.execute(update(Attempt).values(finished_at=None, state="handing_over"))
    mail_server.broken = ""
    await notify.dispatcher.send_due()
    assert len(mail_server.received) == 1
    assert [one["state"] for one in (await _detail(gateway))["attempts"]] == ["unknown", "sent"]


@one_database
async def test_a_fault_inside_counts_as_an_attempt_and_holds_nothing_up(
    gateway: Gateway,
    notify: NotifySystem,
    mail_server: MailServer,
    clock: ManualClock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_server.broken = "busy"
    await gateway.call("send_mail", MAIL)
    mail_server.broken = ""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("adapters.notify.service.delivery.courier.mail_of", fail)
        clock.advance(seconds=10)
        await notify.dispatcher.send_due()
    detail = await _detail(gateway)
    assert [one["state"] for one in detail["attempts"]] == ["later", "later"]
    async with database.reading() as session:
        assert (await session.execute(select(Message.owner))).scalars().all() == [""]
    clock.advance(seconds=20)
    await notify.dispatcher.send_due()
    assert (await _detail(gateway))["state"] == "sent"


@one_database
async def test_a_message_that_another_process_sends_is_left_to_it(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, clock: ManualClock, database: Database
) -> None:
    mail_server.broken = "busy"
    await gateway.call("send_mail", MAIL)
    async with database.unit_of_work() as session:
        until = clock.now() + timedelta(minutes=5)
        await session.execute(update(Message).values(owner="another-machine/1/1", owned_until=until))
    mail_server.broken = ""
    clock.advance(minutes=4)
    await notify.dispatcher.send_due()
    assert mail_server.received == []
    clock.advance(minutes=2)
    await notify.dispatcher.send_due()
    assert len(mail_server.received) == 1


async def test_the_same_to_the_same_receiver_is_counted_and_sent_once(
    gateway: Gateway, webhook: Webhook, clock: ManualClock
) -> None:
    await _limited(gateway, webhook, repeat_minutes=5)
    for _ in range(3):
        assert (await _page(gateway, "91 %"))["result"] is True
    await _page(gateway, "92 %")
    await _page(gateway, "91 %", "13800000002")
    assert len(webhook.bodies) == 3
    found = (await gateway.data("search_deliveries", {"receiver": "13800000001"}))["items"]
    assert [(one["state"], one["repeats"]) for one in reversed(found)] == [
        ("sent", 2),
        ("duplicate", 0),
        ("duplicate", 0),
        ("sent", 0),
    ]
    clock.advance(minutes=5)
    await _page(gateway, "91 %")
    assert len(webhook.bodies) == 4


async def test_the_same_ten_times_at_once_is_sent_once(gateway: Gateway, webhook: Webhook) -> None:
    await _limited(gateway, webhook, repeat_minutes=5)
    answers = await asyncio.gather(*(_page(gateway, "91 %") for _ in range(10)))
    states = Counter(answer["data"]["deliveries"][0]["state"] for answer in answers)
    assert states == {"sent": 1, "duplicate": 9}
    assert len(webhook.bodies) == 1


async def test_ten_at_once_do_not_get_past_a_limit(gateway: Gateway, webhook: Webhook) -> None:
    await _limited(gateway, webhook, per_minute=3, per_receiver_per_hour=5)
    await asyncio.gather(*(_page(gateway, f"{n} %", f"1380000000{n}") for n in range(10)))
    assert len(webhook.bodies) == 3


async def test_what_failed_may_come_again_at_once(gateway: Gateway, webhook: Webhook) -> None:
    await _limited(gateway, webhook, repeat_minutes=5)
    webhook.status = 404
    assert (await _page(gateway, "91 %"))["result"] is False
    webhook.status = 200
    assert (await _page(gateway, "91 %"))["data"]["deliveries"][0]["state"] == "sent"


@pytest.mark.parametrize("limit", [{"per_minute": 2}, {"per_receiver_per_hour": 2}])
async def test_what_is_over_a_limit_waits_for_its_turn(
    gateway: Gateway, notify: NotifySystem, webhook: Webhook, clock: ManualClock, limit: dict[str, int]
) -> None:
    await _limited(gateway, webhook, **limit)
    states = [(await _page(gateway, f"{n} %"))["data"]["deliveries"][0]["state"] for n in range(4)]
    assert states == ["sent", "sent", "waiting", "waiting"]
    await notify.dispatcher.send_due()
    assert len(webhook.bodies) == 2
    clock.advance(hours=1)
    await notify.dispatcher.send_due()
    assert len(webhook.bodies) == 4
    assert (await _detail(gateway))["attempt_count"] == 1


@one_database
async def test_old_records_are_forgotten_and_waiting_ones_are_not(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, clock: ManualClock, database: Database
) -> None:
    await gateway.call("send_mail", MAIL)
    mail_server.broken = "busy"
    await gateway.call("send_mail", {**MAIL, "title": "Waits"})
    clock.advance(days=91)
    await notify.dispatcher.forget_old()
    async with database.reading() as session:
        assert (await session.execute(select(Message.title))).scalars().all() == ["Waits"]
        assert len((await session.execute(select(Attempt))).all()) == 1


@one_database
async def test_content_is_kept_sealed_while_it_waits(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    mail_server.broken = "busy"
    await gateway.call("send_mail", {**MAIL, "content": "the s3cret"})
    async with database.reading() as session:
        (sealed,) = (await session.execute(select(Message.content_sealed))).scalars()
    assert sealed.startswith("v2.")
    assert "s3cret" not in sealed


@one_database
async def test_deliveries_are_found_by_what_they_are_and_read_page_by_page(
    gateway: Gateway, mail_server: MailServer
) -> None:
    await gateway.call("send_mail", {**MAIL, "receiver": "ada@ops.test nobody@ops.test bob@ops.test"})
    assert len(mail_server.received) == 1
    failed = await gateway.data("search_deliveries", {"state": ["failed"], "msg_type": "mail", "app": "demo-app"})
    assert [one["receiver"] for one in failed["items"]] == ["nobody@ops.test"]
    first = await gateway.data("search_deliveries", {"limit": 2})
    second = await gateway.data("search_deliveries", {"limit": 2, "before": first["next"]})
    seen = [one["receiver"] for page in (first, second) for one in page["items"]]
    assert sorted(seen) == ["ada@ops.test", "bob@ops.test", "nobody@ops.test"]
    assert second["next"] == ""
    wrong = await gateway.call("get_delivery", {"id": "nothing"})
    assert wrong["message"] == "id: is no delivery on record"


@given(attempts=st.integers(1, 1000), chance=st.floats(0, 1))
def test_pauses_grow_up_to_a_bound_and_are_spread(attempts: int, chance: float) -> None:
    found = pause(attempts, chance).total_seconds()
    longest = min(900, 10 * 2 ** (attempts - 1))
    assert longest / 2 <= found <= longest
