"""The notification system as `bkapi-component-open` calls it."""

import base64
from collections.abc import Iterator

import httpx
import pytest
from bkapi_component.open.client import Client

from tests.functional.blueking.conftest import Site
from tests.functional.blueking.test_component_open import client_of

MAIL = {"receiver": "ada@ops.test;bob@ops.test", "title": "Disks", "content": "<p>91 %</p>"}


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with client_of(site) as made:
        yield made


def test_kinds_of_message_are_read(client: Client) -> None:
    kinds = client.cmsi.get_msg_type()["data"]
    assert {"mail", "sms", "voice", "weixin"} <= {kind["type"] for kind in kinds}
    assert all(set(kind) >= {"type", "label", "is_active", "icon"} for kind in kinds)


def test_a_mail_is_sent(client: Client, site: Site) -> None:
    answer = client.cmsi.send_mail(MAIL)
    assert (answer["result"], answer["data"]["username_check"]) == (True, {"invalid": []})
    (mail,) = site.mailbox.messages
    assert (mail["Subject"], mail["To"]) == ("Disks", "ada@ops.test, bob@ops.test")


def test_a_message_of_kind_mail_is_a_mail(client: Client, site: Site) -> None:
    message = {"msg_type": "mail", "receiver__username": "ada@ops.test", "title": "Disks", "body_format": "Text"}
    coded = {"content": base64.b64encode("磁盘".encode()).decode(), "is_content_base64": True}
    assert client.cmsi.send_msg({**message, **coded})["result"] is True
    body = site.mailbox.messages[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "磁盘"


def test_who_cannot_be_reached_is_told_while_the_others_get_theirs(client: Client, site: Site) -> None:
    answer = client.cmsi.send_mail({**MAIL, "receiver": "", "receiver__username": ["ada@ops.test", "zoe"]})
    assert answer["result"] is False
    assert answer["message"].startswith("Some users failed to send message: zoe")
    assert answer["data"]["username_check"] == {"invalid": ["zoe"]}
    assert [mail["To"] for mail in site.mailbox.messages] == ["ada@ops.test"]


def test_kinds_that_nobody_has_an_address_for_name_all_as_invalid(client: Client) -> None:
    weixin = {"receiver__username": "zoe", "data": {"heading": "Disks", "message": "91 %"}}
    spoken = {"auto_read_message": "full", "user_list_information": [{"username": "zoe"}]}
    for answer in (
        client.cmsi.send_sms({"receiver__username": "zoe", "content": "91 %"}),
        client.cmsi.send_weixin(weixin),
        client.cmsi.send_voice_msg(spoken),
    ):
        assert (answer["result"], answer["data"]["username_check"]) == (False, {"invalid": ["zoe"]})


@pytest.mark.parametrize("path", ["v2/cmsi", "cmsi"])
def test_the_path_may_have_a_version_or_none_and_a_query_will_do(site: Site, path: str) -> None:
    answer = httpx.get(
        f"{site.url}/api/c/compapi/{path}/send_mail/",
        params={"bk_app_code": site.app_code, "bk_app_secret": site.app_secret, "is_content_base64": "false", **MAIL},
    ).json()
    assert answer["result"] is True, answer
    assert site.mailbox.messages[0]["To"] == "ada@ops.test, bob@ops.test"
