"""Channels as administrators set them: served at once, tested truly, with their secrets kept."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.notify.service.app import build_notify
from adapters.notify.service.channels.models import ChannelRow
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer, Webhook, serving_mail

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = [one_database, pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")]


@pytest.fixture
async def tls_server(certificate: tuple[Path, str]) -> AsyncIterator[MailServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[0])
    async with serving_mail(tls=context) as made:
        yield made


@pytest.fixture
def settings(settings: Settings, tls_server: MailServer) -> Settings:
    return settings.model_copy(update={"allowed_mail_servers": (f"localhost:{tls_server.port}",)})


def _mail_channel(smtp_port: int, **changed: Any) -> dict[str, Any]:
    server = {"host": "localhost", "port": smtp_port, "mail_from": "Ops <ops@corp.test>"} | changed
    return {"msg_type": "mail", "kind": "mail", "mail": server}


async def test_a_mail_server_is_set_and_serves_the_next_mail_over_verified_tls(
    gateway: Gateway, tls_server: MailServer, mail_server: MailServer, certificate: tuple[Path, str]
) -> None:
    await gateway.data("set_channel", _mail_channel(tls_server.port, authority=certificate[1]))
    tested = await gateway.data("test_channel", {"msg_type": "mail", "receiver": "ada@ops.test"})
    assert (tested["sent"], tested["detail"]) == (True, "taken")
    await gateway.data("send_mail", {"receiver": "bob@ops.test", "title": "Disks", "content": "full"})
    assert [mail["From"] for _, mail in tls_server.received] == ["Ops <ops@corp.test>"] * 2
    assert tls_server.was_encrypted
    assert mail_server.received == []
    await gateway.data("delete_channel", {"msg_type": "mail"})
    await gateway.data("send_mail", {"receiver": "bob@ops.test", "title": "Disks", "content": "full"})
    assert len(mail_server.received) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(gateway: Gateway, tls_server: MailServer) -> None:
    await gateway.data("set_channel", _mail_channel(tls_server.port))
    tested = await gateway.data("test_channel", {"msg_type": "mail", "receiver": "ada@ops.test"})
    assert tested["sent"] is False
    assert "certificate" in tested["detail"].lower()
    assert tls_server.received == []


async def test_a_mail_server_inside_is_dialled_only_where_an_operator_listed_it(
    gateway: Gateway, mail_server: MailServer
) -> None:
    await gateway.data("set_channel", _mail_channel(mail_server.port + 1, host="127.0.0.1", security="none"))
    tested = await gateway.data("test_channel", {"msg_type": "mail", "receiver": "ada@ops.test"})
    assert tested["sent"] is False
    assert tested["detail"].endswith("is not public; an operator can list it in TRUNKLINE_ALLOWED_MAIL_SERVERS")


async def test_a_kept_password_goes_to_no_other_server_and_is_never_shown(
    gateway: Gateway, tls_server: MailServer, database: Database
) -> None:
    channel = {**_mail_channel(tls_server.port, username="ops"), "password": "s3cret"}
    await gateway.data("set_channel", channel)
    moved = _mail_channel(tls_server.port, username="ops", host="mail.attacker.test")
    refused = await gateway.call("set_channel", moved)
    assert refused["message"] == "password: is missing; a kept password does not go to another server"
    await gateway.data("set_channel", {**_mail_channel(tls_server.port, username="ops"), "label": "Mail!"})
    (mail,) = [one for one in await gateway.data("list_channels", {}) if one["msg_type"] == "mail"]
    assert (mail["has_password"], mail["label"], mail["is_set"]) == (True, "Mail!", True)
    async with database.reading() as session:
        rows = [row.model_dump() for row in (await session.execute(select(ChannelRow))).scalars()]
        audited = [(one.before, one.after) for one in (await session.execute(select(AuditRecord))).scalars()]
    assert "s3cret" not in f"{rows}{audited}{mail}"


async def test_an_sms_service_is_an_address_with_a_place_for_the_number(gateway: Gateway, webhook: Webhook) -> None:
    address = f"json://{webhook.origin}/sms?:mobile=${{address}}&+Authorization=Bearer%20t0ken"
    await gateway.data("set_channel", {"msg_type": "sms", "kind": "sms", "address": address, "label_zh": "短信"})
    await gateway.data("update_user_address", {"username": "ada", "msg_type": "sms", "address": "+8613800000002"})
    await gateway.data("send_sms", {"receiver": "13800000001", "content": "91 %"})
    answer = await gateway.call("send_sms", {"receiver__username": "ada,zoe", "content": "92 %"})
    assert answer["data"]["username_check"] == {"invalid": ["zoe"]}
    assert [one["mobile"] for one in webhook.bodies] == ["13800000001", "+8613800000002"]
    listed = await gateway.data("list_channels", {})
    assert "t0ken" not in str(listed)
    spoken = {"msg_type": "voice", "kind": "voice", "address": f"json://{webhook.origin}/call?:to=${{address}}"}
    await gateway.data("set_channel", spoken)
    called = {"auto_read_message": "full", "user_list_information": [{"username": "ada"}]}
    await gateway.data("send_voice_msg", called)
    named = [{"username": "zoe", "mobile_phone": "13800000003"}]
    await gateway.data("send_voice_msg", {**called, "user_list_information": named})
    assert [one["to"] for one in webhook.bodies[2:]] == ["+8613800000002", "13800000003"]


async def test_a_number_cannot_lead_an_address_elsewhere(gateway: Gateway, webhook: Webhook) -> None:
    address = f"json://{webhook.origin}/${{address}}"
    await gateway.data("set_channel", {"msg_type": "sms", "kind": "sms", "address": address})
    wrong = ["../admin", "1@127.0.0.1", "1?x=1", "1#", "json://127.0.0.1/x"]
    answer = await gateway.call("send_sms", {"receiver": wrong, "content": "91 %"})
    assert answer["data"]["username_check"] == {"invalid": wrong}
    assert webhook.paths == []


async def test_a_robot_of_a_group_tells_all_at_once(gateway: Gateway, webhook: Webhook) -> None:
    channel = {"msg_type": "weixin", "kind": "webhook", "address": f"json://{webhook.origin}/robot"}
    await gateway.data("set_channel", channel)
    message = {"receiver__username": "ada,bob", "data": {"heading": "Disks", "message": "91 %", "date": "today"}}
    sent = await gateway.data("send_weixin", message)
    assert [one["state"] for one in sent["deliveries"]] == ["sent", "sent"]
    (body,) = webhook.bodies
    assert (body["title"], body["message"]) == ("Disks", "91 %\ntoday")


async def test_a_channel_that_is_off_takes_nothing_and_gives_up_what_waits(gateway: Gateway, webhook: Webhook) -> None:
    channel = {"msg_type": "oncall", "kind": "webhook", "address": f"json://{webhook.origin}/robot"}
    await gateway.data("set_channel", channel)
    await gateway.data("set_channel", {**channel, "is_active": False})
    kinds = {one["type"]: one["is_active"] for one in await gateway.data("get_msg_type", {})}
    assert kinds["oncall"] is False
    message = {"msg_type": "oncall", "receiver__username": "ada", "title": "Disks", "content": "91 %"}
    refused = await gateway.call("send_msg", message)
    assert refused["message"].startswith("msg_type: oncall is not offered; there are mail, weixin")


async def test_a_channel_whose_secret_cannot_be_opened_is_off_and_the_others_work(
    gateway: Gateway, webhook: Webhook, mail_server: MailServer, kernel: KernelServices
) -> None:
    await gateway.data(
        "set_channel", {"msg_type": "oncall", "kind": "webhook", "address": f"json://{webhook.origin}/robot"}
    )
    other = replace(kernel, secrets=SecretBox("another root key"))
    elsewhere = build_notify(other, OneKey())
    moved = Gateway(elsewhere.embedded, kernel.clock)
    kinds = {one["type"]: one["is_active"] for one in await moved.data("get_msg_type", {})}
    assert (kinds["oncall"], kinds["mail"]) == (False, True)
    await moved.data("send_mail", {"receiver": "bob@ops.test", "title": "Disks", "content": "full"})
    assert len(mail_server.received) == 1
    await elsewhere.embedded.stop()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"msg_type": "Mail"}, "msg_type"),
        ({"msg_type": "mail"}, "kind: is mail for the kind of message mail"),
        ({"kind": "pigeon"}, "kind"),
        ({"kind": "mail"}, "mail: is missing"),
        ({"password": "x"}, "mail: and password are of kind mail alone"),
        ({"attempts": 0}, "attempts"),
        ({"address": "json://127.0.0.1:1/x"}, "address: http://127.0.0.1:1 is not public"),
        (
            {"address": "json://hook.test/${name}"},
            "address: ${name} is not known; there are ${address} and ${username}",
        ),
        ({"address": "json://${address}/x"}, "address: names its host by a value"),
        ({"address": "json://x.test/${address"}, "address: expected"),
        ({"address": "wecombot://key"}, "address: begins with none of json://"),
        ({"kind": "slack", "address": "slack://nothing"}, "address: lacks a part"),
    ],
)
async def test_a_channel_that_could_not_work_is_refused(
    gateway: Gateway, database: Database, changed: dict[str, Any], named: str
) -> None:
    channel = {"msg_type": "oncall", "kind": "webhook", "address": "json://hook.test/x"}
    answer = await gateway.call("set_channel", {**channel, **changed})
    assert (answer["result"], answer["code"]) == (False, 1306406)
    assert answer["message"].startswith(named), answer["message"]
    async with database.reading() as session:
        assert (await session.execute(select(ChannelRow))).first() is None


@pytest.mark.parametrize(
    "mail", [{"mail_from": "nobody"}, {"authority": "no certificate"}, {"host": "a b"}, {"port": 0}]
)
async def test_a_mail_server_that_could_not_work_is_refused(gateway: Gateway, mail: dict[str, Any]) -> None:
    answer = await gateway.call("set_channel", _mail_channel(25, **mail))
    assert answer["result"] is False
    assert answer["message"].startswith(f"mail.{next(iter(mail))}")


async def test_a_test_tells_what_the_other_side_said(gateway: Gateway, webhook: Webhook) -> None:
    channel = {"msg_type": "oncall", "kind": "webhook", "address": f"json://{webhook.origin}/robot"}
    await gateway.data("set_channel", channel)
    asked = {"msg_type": "oncall", "receiver": "ada"}
    assert (await gateway.data("test_channel", asked))["detail"] == "the receiving service answered 200"
    webhook.status = 503
    told = await gateway.data("test_channel", asked)
    assert (told["sent"], told["detail"]) == (False, "the receiving service answered 503")
    unknown = await gateway.call("test_channel", {"msg_type": "sms", "receiver": "ada"})
    assert unknown["message"] == "receiver: has no sms address that may be used"
