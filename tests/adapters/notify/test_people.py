"""What people want to hear of, by which kinds of message, and when they are left alone."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.notify.service.app import NotifySystem
from adapters.notify.service.people.models import UserPreferences
from adapters.notify.service.people.preferences import Preferences, QuietHours
from kernel.clock import ManualClock
from kernel.db.database import Database
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer, Webhook

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOTICE: dict[str, Any] = {"receiver__username": "ada,bob", "title": "Disks", "content": "91 %", "topic": "disks"}


async def _reachable(gateway: Gateway, webhook: Webhook) -> None:
    """Ada and Bob by mail, and by a chat of kind `oncall`."""
    channel = {"msg_type": "oncall", "kind": "webhook", "address": f"json://{webhook.origin}/to/${{username}}"}
    await gateway.data("set_channel", channel)
    for name in ("ada", "bob"):
        await gateway.data("update_user_address", {"username": name, "address": f"{name}@ops.test"})


async def test_users_are_told_by_the_kinds_they_prefer(
    gateway: Gateway, mail_server: MailServer, webhook: Webhook
) -> None:
    await _reachable(gateway, webhook)
    rules = [
        {"topic": "disks", "importance": ["high", "urgent"], "msg_types": ["oncall", "mail"]},
        {"topic": "disks", "msg_types": ["mail"]},
        {"msg_types": []},
    ]
    await gateway.data("set_preferences", {"username": "ada", "rules": rules})
    high = await gateway.data("notify_users", {**NOTICE, "importance": "high", "msg_types": ["oncall"]})
    assert sorted((one["receiver"], one["msg_type"]) for one in high["deliveries"]) == [
        ("ada", "mail"),
        ("ada", "oncall"),
        ("bob", "oncall"),
    ]
    await gateway.data("notify_users", {**NOTICE, "receiver__username": "ada"})
    other = await gateway.data("notify_users", {**NOTICE, "topic": "backups"})
    assert [(one["receiver"], one["state"]) for one in other["deliveries"]] == [("ada", "muted"), ("bob", "sent")]
    assert [to for to, _ in mail_server.received] == [["ada@ops.test"], ["ada@ops.test"], ["bob@ops.test"]]
    assert sorted(webhook.paths) == ["/to/ada", "/to/bob"]


async def test_a_repeat_of_a_key_tells_nobody_twice(
    gateway: Gateway, mail_server: MailServer, webhook: Webhook
) -> None:
    await _reachable(gateway, webhook)
    notice = {**NOTICE, "msg_types": ["mail", "oncall"]}
    first = await gateway.call("notify_users", notice, key="run:1")
    assert await gateway.call("notify_users", notice, key="run:1") == first
    assert len(first["data"]["message_ids"]) == 2
    assert (len(mail_server.received), len(webhook.bodies)) == (1, 2)


@one_database
async def test_quiet_hours_hold_what_is_not_urgent_and_no_mail(
    gateway: Gateway, notify: NotifySystem, mail_server: MailServer, webhook: Webhook, clock: ManualClock
) -> None:
    """It is 11:04 in Shanghai."""
    await _reachable(gateway, webhook)
    quiet = {"time_zone": "Asia/Shanghai", "quiet_from": "09:00", "quiet_to": "12:30"}
    await gateway.data("set_preferences", {"username": "ada", **quiet})
    message = {"msg_type": "oncall", "receiver__username": "ada", "title": "Disks", "content": "91 %"}
    held = await gateway.data("send_msg", message)
    assert held["deliveries"][0]["state"] == "waiting"
    assert (await gateway.data("search_deliveries", {}))["items"][0]["next_at"] == "2026-01-02T04:30:00Z"
    await gateway.data("send_msg", {**message, "importance": "urgent"})
    await gateway.data("send_msg", {**message, "msg_type": "mail"})
    assert (len(webhook.bodies), len(mail_server.received)) == (1, 1)
    clock.advance(hours=2)
    await notify.dispatcher.send_due()
    assert len(webhook.bodies) == 2


@one_database
async def test_a_topic_somebody_muted_does_not_come_by_that_kind(
    gateway: Gateway, mail_server: MailServer, webhook: Webhook
) -> None:
    await _reachable(gateway, webhook)
    await gateway.data("set_preferences", {"username": "ada", "rules": [{"topic": "disks", "msg_types": ["oncall"]}]})
    mail = {"receiver__username": "ada,bob", "title": "Disks", "content": "91 %"}
    sent = await gateway.data("send_mail", {**mail, "topic": "disks"})
    assert [one["state"] for one in sent["deliveries"]] == ["muted", "sent"]
    assert sent["username_check"] == {"invalid": []}
    ((to, letter),) = mail_server.received
    assert (to, letter["To"]) == (["bob@ops.test"], "bob@ops.test")
    await gateway.data("send_mail", mail)
    assert mail_server.received[1][0] == ["ada@ops.test", "bob@ops.test"]


@one_database
async def test_preferences_are_read_and_deleted(gateway: Gateway) -> None:
    await gateway.data("set_preferences", {"username": "ada", "quiet_from": "22:00", "quiet_to": "07:00"})
    assert (await gateway.data("get_preferences", {"username": "ada"}))["quiet_to"] == "07:00"
    gone = await gateway.data("delete_preferences", {"username": "ada"})
    assert (gone["is_set"], gone["quiet_from"]) == (False, "")


@one_database
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone: is no time zone"),
        ({"quiet_from": "22:00"}, "quiet_from and quiet_to go together"),
        ({"quiet_from": "24:00", "quiet_to": "07:00"}, "quiet_from"),
        ({"rules": [{"importance": ["deadly"]}]}, "rules.0.importance.0"),
        ({"rules": [{"topic": "a b"}]}, "rules.0.topic"),
        ({"username": ""}, "username"),
    ],
)
async def test_preferences_that_mean_nothing_are_refused(
    gateway: Gateway, database: Database, changed: dict[str, Any], named: str
) -> None:
    answer = await gateway.call("set_preferences", {"username": "ada", **changed})
    assert answer["result"] is False
    assert named in answer["message"]
    async with database.reading() as session:
        assert (await session.execute(select(UserPreferences))).first() is None


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  made aware below
    start=st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    end=st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_quiet_hours_end_at_their_local_end_within_a_day(at: datetime, start: time, end: time, zone: str) -> None:
    now = at.replace(tzinfo=UTC)
    until = Preferences(zone, QuietHours(start, end)).quiet_until(now)
    if until is None:
        assert not QuietHours(start, end).holds(now.astimezone(ZoneInfo(zone)).time())
        return
    assert until - now <= timedelta(hours=26)
    assert until > now - timedelta(hours=2)
    local = until.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (end.hour, end.minute) or local.utcoffset() != now.astimezone(
        ZoneInfo(zone)
    ).utcoffset()
