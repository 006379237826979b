import base64
from typing import Any

import pytest
from sqlalchemy import select

from adapters.notify.service.people.models import UserAddress
from kernel.db.database import Database
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer, Webhook

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MESSAGE: dict[str, Any] = {
    "msg_type": "webhook",
    "receiver__username": "ada",
    "title": "Disks",
    "content": "<b>91 %</b>",
}


async def _has_webhook(gateway: Gateway, webhook: Webhook, username: str = "ada") -> None:
    address = f"json://{webhook.origin}/hook/t0ken"
    view = await gateway.data("update_user_address", {"username": username, "msg_type": "webhook", "address": address})
    assert view["address"] == f"json://{webhook.origin}"


async def test_a_message_reaches_a_webhook(gateway: Gateway, webhook: Webhook) -> None:
    await _has_webhook(gateway, webhook)
    sent = await gateway.data("send_msg", MESSAGE, key="run:1")
    assert await gateway.data("send_msg", MESSAGE, key="run:1") == sent
    (body,) = webhook.bodies
    assert (body["title"], body["message"].strip()) == ("Disks", "91 %")


async def test_partial_failure_is_told_for_each_receiver(gateway: Gateway, webhook: Webhook) -> None:
    await _has_webhook(gateway, webhook)
    answer = await gateway.call("send_msg", {**MESSAGE, "receiver__username": ["ada", "bob"]})
    assert answer["message"] == "Some users failed to send message: bob (has no webhook address that may be used)"
    assert answer["data"]["username_check"] == {"invalid": ["bob"]}
    webhook.status = 404
    answer = await gateway.call("send_msg", MESSAGE)
    assert answer["message"] == "All users failed to send message: ada (the receiving service answered 404)"


async def test_a_message_of_kind_mail_is_a_mail(gateway: Gateway, mail_server: MailServer) -> None:
    await gateway.data("send_msg", {**MESSAGE, "msg_type": "mail", "receiver__username": "ada@ops.test"})
    assert mail_server.received[0][1]["Subject"] == "Disks"


async def test_callers_cannot_name_an_address_to_dial(gateway: Gateway, webhook: Webhook) -> None:
    answer = await gateway.call("send_msg", {**MESSAGE, "receiver": [f"json://{webhook.origin}/x"]})
    assert answer["result"] is False
    assert webhook.bodies == []


@one_database
@pytest.mark.parametrize(
    ("msg_type", "address", "named"),
    [
        ("webhook", "json://169.254.169.254/latest", "http://169.254.169.254 is not public"),
        ("webhook", "jsons://127.0.0.1/", "https://127.0.0.1 is not public"),
        ("webhook", "json://user:pass@127.0.0.1/", "without user or password"),
        ("webhook", "json://listed.test#@169.254.169.254/", "in plain characters"),
        ("webhook", "json://listed.test\\@169.254.169.254/", "in plain characters"),
        ("teams", "workflows://10.0.0.1:443/w/s", "https://10.0.0.1 is not public"),
        ("webhook", "file:///etc/passwd", "begins with none of json://, jsons://, form://, forms://"),
        ("slack", "json://127.0.0.1/", "begins with none of slack://"),
        ("mail", "nobody", "is not a mail address"),
        ("sms", "nobody", "begins with none of twilio://"),
        ("pigeon", "123", "pigeon is not offered"),
    ],
)
async def test_an_address_nobody_may_dial_is_refused(
    gateway: Gateway, database: Database, msg_type: str, address: str, named: str
) -> None:
    asked = {"username": "ada", "msg_type": msg_type, "address": address}
    answer = await gateway.call("update_user_address", asked)
    assert answer["result"] is False
    assert named in answer["message"]
    async with database.reading() as session:
        assert (await session.execute(select(UserAddress))).first() is None


async def test_addresses_are_kept_sealed_and_shown_without_their_secret(
    gateway: Gateway, webhook: Webhook, database: Database
) -> None:
    await _has_webhook(gateway, webhook)
    listed = await gateway.data("list_user_addresses", {})
    assert "t0ken" not in str(listed)
    async with database.reading() as session:
        (row,) = (await session.execute(select(UserAddress))).scalars()
    assert "t0ken" not in row.address_sealed


async def test_kinds_of_message_are_listed_with_whether_they_can_be_sent(gateway: Gateway) -> None:
    kinds = (await gateway.get("get_msg_type", {}))["data"]
    assert {"weixin", "mail", "sms", "voice"} <= {kind["type"] for kind in kinds if kind["is_active"]}
    assert all(base64.b64decode(kind["icon"]).startswith(b"<svg") and kind["label"] for kind in kinds)
    answer = await gateway.call("send_msg", {**MESSAGE, "msg_type": "pigeon"})
    assert answer["message"].startswith("msg_type: pigeon is not offered")
