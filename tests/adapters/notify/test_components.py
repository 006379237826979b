"""The components as BlueKing's table of cmsi has them: what they are asked, by POST and by GET."""

import base64
from typing import Any

import pytest

from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer, Webhook

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = [one_database, pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def _reachable(gateway: Gateway, webhook: Webhook, msg_type: str, *usernames: str) -> None:
    for username in usernames:
        address = f"json://{webhook.origin}/{username}"
        await gateway.data("update_user_address", {"username": username, "msg_type": msg_type, "address": address})


async def test_an_sms_reaches_the_numbers_of_users(gateway: Gateway, webhook: Webhook) -> None:
    await _reachable(gateway, webhook, "sms", "ada", "bob")
    sent = await gateway.data(
        "send_sms",
        {"receiver__username": "ada; bob", "content": _base64("磁盘 91 %"), "is_content_base64": True},
    )
    assert [one["message"].strip() for one in webhook.bodies] == ["磁盘 91 %"] * 2
    assert sent["username_check"] == {"invalid": []}


async def test_a_wecom_message_has_its_parts_below_one_another(gateway: Gateway) -> None:
    data = {"heading": "Disks", "message": _base64("91 %"), "date": "today", "is_message_base64": True}
    answer = await gateway.call("send_weixin", {"receiver__username": "ada", "data": data})
    assert answer["data"]["username_check"] == {"invalid": ["ada"]}
    assert answer["message"] == "All users failed to send message: ada (has no weixin address that may be used)"


async def test_a_spoken_message_goes_to_whom_the_list_names(gateway: Gateway, webhook: Webhook) -> None:
    await _reachable(gateway, webhook, "voice", "ada")
    asked = {"auto_read_message": "The disk is full", "user_list_information": [{"username": "ada"}]}
    await gateway.data("send_voice_msg", {**asked, "receiver__username": "zoe"})
    await gateway.data("send_voice_msg", {"auto_read_message": "again", "receiver__username": ["ada"]})
    assert [one["message"].strip() for one in webhook.bodies] == ["The disk is full", "again"]


async def test_receivers_in_a_query_stand_between_commas_semicolons_and_spaces(
    gateway: Gateway, mail_server: MailServer
) -> None:
    mail = {"receiver": "ada@ops.test,bob@ops.test; eve@ops.test\tmay@ops.test", "title": "Disks", "content": "full"}
    answer = await gateway.get("send_mail", {**mail, "is_content_base64": "False", "body_format": "Text"})
    assert answer["result"] is True, answer
    assert mail_server.received[0][0] == ["ada@ops.test", "bob@ops.test", "eve@ops.test", "may@ops.test"]


async def test_given_receivers_beat_named_users(gateway: Gateway, mail_server: MailServer) -> None:
    mail = {"receiver": "ada@ops.test", "receiver__username": "zoe", "title": "Disks", "content": "full"}
    sent = await gateway.data("send_mail", mail)
    assert [one["receiver"] for one in sent["deliveries"]] == ["ada@ops.test"]


@pytest.mark.parametrize(
    ("component", "asked", "named"),
    [
        ("send_sms", {"receiver": "1"}, "content: is missing; give it"),
        ("send_sms", {"content": "x"}, "receiver: is missing"),
        ("send_sms", {"receiver": "1", "content": "%%", "is_content_base64": True}, "content: is not UTF-8 text"),
        ("send_sms", {"receiver": "1", "content": "AA==", "is_content_base64": True}, "content: is empty or holds"),
        ("send_weixin", {"receiver": "ada"}, "data: is missing; give it"),
        ("send_weixin", {"receiver": "ada", "data": {"heading": "x"}}, "data.message: is missing; give it"),
        ("send_voice_msg", {"receiver__username": "ada"}, "auto_read_message: is missing; give it"),
        ("send_voice_msg", {"auto_read_message": "x"}, "receiver: is missing"),
        (
            "send_voice_msg",
            {"auto_read_message": "x", "user_list_information": [{}]},
            "user_list_information.0.username",
        ),
    ],
)
async def test_what_is_missing_or_wrong_is_named(
    gateway: Gateway, component: str, asked: dict[str, Any], named: str
) -> None:
    answer = await gateway.call(component, asked)
    assert (answer["result"], answer["code"]) == (False, 1306406)
    assert named in answer["message"]
