"""The notification system's standard components: the same calls, the same meaning, whoever answers."""

from typing import Any

import pytest

from tests.contract.conftest import Surface

pytestmark = [pytest.mark.parametrize("surface", ["embedded", "esb", "apigw"], indirect=True)]

MAIL = {"title": "Disks", "content": "<p>91 %</p>"}


def arrived(surface: Surface) -> list[str]:
    """Whom mail went to."""
    if surface.is_embedded:
        return [str(mail["To"]) for mail in surface.mailbox.messages]
    return [params["receiver"][0] for _, params in surface.blueking.messages.sent]


def test_kinds_of_message_are_read(surface: Surface) -> None:
    kinds = surface.data("notify.get_msg_type")
    assert {"mail", "sms", "voice", "weixin"} <= {kind["type"] for kind in kinds}
    assert all(set(kind) >= {"type", "label", "is_active", "icon"} for kind in kinds)
    assert {kind["type"]: kind["is_active"] for kind in kinds}["mail"] is True


def test_a_mail_is_sent_to_an_address(surface: Surface) -> None:
    told = surface.data("notify.send_mail", receiver=["ada@ops.test"], **MAIL)
    assert told["username_check"] == {"invalid": []}
    assert arrived(surface) == ["ada@ops.test"]


def test_what_the_mail_node_of_a_flow_asks_is_answered(surface: Surface) -> None:
    """Receivers in one text, and afterwards what became of the mail."""
    told = surface.data("notify.send_mail", receiver="ada@ops.test; bob@ops.test", cc="", body_format="Html", **MAIL)
    assert isinstance(told["deliveries"], list)
    assert arrived(surface) == ["ada@ops.test, bob@ops.test" if surface.is_embedded else "ada@ops.test"]
    status = surface.data("notify.get_message_status", message_id=told["message_id"])
    assert (status["is_settled"], isinstance(status["deliveries"], list)) == (True, True)


def test_a_message_is_sent_by_its_kind(surface: Surface) -> None:
    message = {**MAIL, "msg_type": "mail", "receiver__username": ["ada@ops.test"]}
    if surface.is_embedded:
        assert surface.data("notify.send_msg", **message)["username_check"] == {"invalid": []}
    elif surface.offers("send_msg"):
        sent = {**message, "receiver__username": ["ada"]}
        assert surface.data("notify.send_msg", **sent)["username_check"] == {"invalid": []}


@pytest.mark.parametrize(
    ("component", "params"),
    [
        ("send_mail", {"receiver__username": ["zoe"], **MAIL}),
        ("send_sms", {"receiver__username": ["zoe"], "content": "91 %"}),
        ("send_weixin", {"receiver__username": ["zoe"], "data": {"heading": "Disks", "message": "91 %"}}),
        ("send_voice_msg", {"receiver__username": ["zoe"], "auto_read_message": "full"}),
    ],
)
def test_who_cannot_be_reached_is_named(surface: Surface, component: str, params: dict[str, Any]) -> None:
    answer = surface.call(f"notify.{component}", **params)
    assert (answer["result"], answer["code"] != 0) == (False, True)
    assert "zoe" in answer["message"]
    assert answer["data"]["username_check"] == {"invalid": ["zoe"]}
    assert arrived(surface) == []


@pytest.mark.parametrize(
    ("component", "params", "named"),
    [
        ("send_mail", {"receiver": ["ada@ops.test"], "title": "Disks"}, "content"),
        ("send_msg", {"receiver__username": ["ada"], **MAIL}, "msg_type"),
        ("send_sms", {"receiver__username": ["ada"]}, "content"),
        ("send_weixin", {"receiver__username": ["ada"], "data": {"heading": "Disks"}}, "message"),
        ("send_voice_msg", {"receiver__username": ["ada"]}, "auto_read_message"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_done(
    surface: Surface, component: str, params: dict[str, Any], named: str
) -> None:
    if surface.offers(component):
        assert named in surface.refused(f"notify.{component}", **params)
    assert surface.blueking.callers == []
