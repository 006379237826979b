"""Apprise's services send by our own client: no other address, no redirect, and the answer is known."""

import asyncio
import json
import logging
import ssl
from pathlib import Path

import pytest

from adapters.notify.service.channels.kinds import SCHEMES, Kind
from adapters.notify.service.content import Content
from adapters.notify.service.transports import services
from adapters.notify.service.transports.chat import ChatSender
from adapters.notify.service.transports.checked_requests import Exchange
from adapters.notify.service.transports.outcome import Ending
from kernel.transport.addresses import AddressPolicy
from tests.adapters.notify.conftest import Webhook

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

CONTENT = Content("Disks", "91 %")
SECRET = "0123456789abcdef0123456789abcdef"
ADDRESSES = {
    "wecombot": f"wecombot://{SECRET}",
    "dingtalk": f"dingtalk://{SECRET}{SECRET}",
    "feishu": f"feishu://{SECRET}",
    "lark": f"lark://{SECRET}-{SECRET}",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops",
    "workflows": f"workflows://127.0.0.1:1/{SECRET}/{SECRET}/",
    "twilio": f"twilio://AC{SECRET}:{SECRET}@18005551212/18005551213",
    "vonage": f"vonage://ACabcdef12:{SECRET[:16]}@18005551212/18005551213",
    "plivo": f"plivo://{'a' * 25}@{'b' * 40}/18005551212/18005551213",
    "clicksend": "clicksend://user:password@18005551213",
    "json": "json://127.0.0.1:1/x",
    "jsons": "jsons://127.0.0.1:1/x",
    "form": "form://127.0.0.1:1/x",
    "forms": "forms://127.0.0.1:1/x",
}


def test_every_scheme_has_an_address_here() -> None:
    assert set(ADDRESSES) == {name for schemes in SCHEMES.values() for name in schemes.names}


@pytest.mark.parametrize("scheme", ADDRESSES)
async def test_no_service_gets_past_the_address_rule(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def to_the_inside(*_args: object, **_options: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", to_the_inside)
    sender = ChatSender(AddressPolicy())
    outcome = await sender.send(Kind.SMS, ADDRESSES[scheme], CONTENT)
    assert outcome.ending is Ending.FAILED
    assert "resolves to an address that is not allowed" in outcome.detail
    sender.close()


async def test_a_redirect_is_not_followed(webhook: Webhook) -> None:
    sender = ChatSender(AddressPolicy.allowing([f"http://{webhook.origin}"]))
    webhook.status, webhook.headers = 302, f"Location: http://{webhook.origin}/elsewhere\r\n"
    outcome = await sender.send(Kind.WEBHOOK, f"json://{webhook.origin}/x?redirect=yes", CONTENT)
    assert (outcome.ending, outcome.detail) == (Ending.FAILED, "the receiving service answered 302")
    assert webhook.paths == ["/x"]
    sender.close()


async def test_an_address_cannot_switch_verification_off(certificate: tuple[Path, str], webhook: Webhook) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[0])
    server = await asyncio.start_server(webhook.serve, "127.0.0.1", 0, ssl=context)
    origin = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    sender = ChatSender(AddressPolicy.allowing([f"https://{origin}"]))
    outcome = await sender.send(Kind.WEBHOOK, f"jsons://{origin}/x?verify=no", CONTENT)
    assert outcome.ending is Ending.LATER
    assert "certificate" in outcome.detail.lower()
    assert webhook.paths == []
    sender.close()
    server.close()


async def test_a_service_that_is_away_or_breaks_off_may_do_better_later(webhook: Webhook) -> None:
    sender = ChatSender(AddressPolicy.allowing(["http://127.0.0.1:1", f"http://{webhook.origin}"]))
    assert (await sender.send(Kind.WEBHOOK, "json://127.0.0.1:1/x", CONTENT)).ending is Ending.LATER
    webhook.headers = "Content-Length: 7\r\n"
    assert (await sender.send(Kind.WEBHOOK, f"json://{webhook.origin}/x", CONTENT)).ending is Ending.UNKNOWN
    sender.close()


@pytest.mark.parametrize(
    ("kind", "status", "body", "ending"),
    [
        (Kind.WECOM, 200, {"errcode": 0, "errmsg": "ok"}, Ending.SENT),
        (Kind.WECOM, 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, Ending.FAILED),
        (Kind.WECOM, 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, Ending.LATER),
        (Kind.DINGTALK, 200, {"errcode": 310000, "errmsg": "sign not match"}, Ending.FAILED),
        (Kind.FEISHU, 200, {"code": 19024, "msg": "Key Words Not Found", "data": {}}, Ending.FAILED),
        (Kind.FEISHU, 200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success"}, Ending.SENT),
        (Kind.WEBHOOK, 200, {"code": 200, "msg": "fine"}, Ending.SENT),
        (Kind.WEBHOOK, 429, None, Ending.LATER),
        (Kind.WEBHOOK, 500, None, Ending.LATER),
        (Kind.WEBHOOK, 403, None, Ending.FAILED),
    ],
)
def test_what_a_service_says_decides(kind: Kind, status: int, body: object, ending: Ending) -> None:
    taken = 200 <= status < 300
    outcome = services._outcome(kind, Exchange(status, json.dumps(body).encode()), taken=taken)
    assert outcome.ending is ending


def test_a_spoken_text_is_never_carried_out() -> None:
    text = '<Response><Dial>0900123456</Dial></Response> & "so"'
    words = services._words(Kind.VOICE, ADDRESSES["twilio"], Content("", text))
    assert words.startswith("<Response><Say>&lt;Response&gt;")
    assert words.count("<") == 4


def test_a_wecom_text_is_cut_where_the_robot_would_refuse_it() -> None:
    words = services._words(Kind.WECOM, ADDRESSES["wecombot"], Content("磁盘", "磁" * 3000))
    assert words.endswith("磁 …")
    assert 2000 < len(f"磁盘{words}".encode()) <= 2040
    assert services._words(Kind.WEBHOOK, ADDRESSES["json"], Content("磁盘", "磁" * 3000)) == "磁" * 3000


async def test_nothing_of_an_address_is_logged(webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
    sender = ChatSender(AddressPolicy.allowing([f"http://{webhook.origin}"]))
    webhook.status = 500
    with caplog.at_level(logging.DEBUG):
        await sender.send(Kind.WEBHOOK, f"json://{webhook.origin}/{SECRET}", CONTENT)
    assert SECRET not in caplog.text
    sender.close()


def test_what_a_service_nests_without_end_says_nothing() -> None:
    taken = services._outcome(Kind.WECOM, Exchange(200, b"[" * 100_000), taken=True)
    assert taken.ending is Ending.SENT
