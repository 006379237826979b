import asyncio
import base64
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from adapters.notify.service.app import build_notify
from adapters.notify.service.models import Message, NotifyIdempotency
from adapters.notify.service.transports.html import plain_text, safe_html
from gateway.identity.users.models import User
from gateway.identity.users.profiles import UserProfiles
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer
from tests.support.server import free_port

MAIL: dict[str, Any] = {"receiver": "ada@ops.test", "title": "Disks", "content": "<p>91 %</p>"}


def _text(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


async def test_a_mail_is_delivered_with_its_text_for_both_kinds_of_readers(
    gateway: Gateway, mail_server: MailServer
) -> None:
    table = "<table><tbody><tr><td>/dev/sda1</td><td>91 %</td></tr></tbody></table><p>磁盘</p>"
    sent = await gateway.data("send_mail", {**MAIL, "title": "磁盘 check", "content": table, "sender": "ops@ops.test"})
    ((recipients, mail),) = mail_server.received
    assert recipients == ["ada@ops.test"]
    assert (mail["Subject"], mail["From"], mail["Reply-To"]) == ("磁盘 check", "trunkline@ops.test", "ops@ops.test")
    assert mail["Message-ID"] == f"<{sent['message_id']}@ops.test>"
    html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert html.get_content().strip() == table
    assert plain.get_content().split() == ["/dev/sda1", "91", "%", "磁盘"]
    assert sent["deliveries"] == [{"receiver": "ada@ops.test", "msg_type": "mail", "state": "sent", "error": ""}]
    assert sent["username_check"] == {"invalid": []}


async def test_plain_text_base64_copies_and_attachments(gateway: Gateway, mail_server: MailServer) -> None:
    attachments = [
        {"filename": "磁盘.csv", "content": base64.b64encode(b"a,b\n1,2\n").decode()},
        {
            "filename": "x.png",
            "content": _text("png"),
            "type": "image/png",
            "disposition": "inline",
            "content_id": "x1",
        },
    ]
    await gateway.data(
        "send_mail",
        {
            **MAIL,
            "receiver": ["ada@ops.test", "ada@ops.test", "bob@ops.test"],
            "cc": "eve@ops.test;ada@ops.test",
            "content": _text("all is well"),
            "is_content_base64": True,
            "body_format": "Text",
            "attachments": attachments,
        },
    )
    ((recipients, mail),) = mail_server.received
    assert recipients == ["ada@ops.test", "bob@ops.test", "eve@ops.test"]
    assert (mail["To"], mail["Cc"]) == ("ada@ops.test, bob@ops.test", "eve@ops.test")
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == ["all", "is", "well"]
    csv, png = mail.iter_attachments()
    assert (csv.get_filename(), csv.get_content().split()) == ("磁盘.csv", ["a,b", "1,2"])
    assert (png.get_content_type(), png["Content-ID"], png.get_content()) == ("image/png", "<x1>", b"png")


async def test_an_image_shown_in_the_text_stands_beside_it(gateway: Gateway, mail_server: MailServer) -> None:
    image = {"filename": "x.png", "content": _text("png"), "disposition": "inline", "content_id": "<x1>"}
    table = {"filename": "a.csv", "content": _text("a,b")}
    content = '<p>full</p><img src="cid:x1" alt="disk">'
    await gateway.data("send_mail", {**MAIL, "content": content, "attachments": [image, table]})
    mail = mail_server.received[0][1]
    parts = [part.get_content_type() for part in mail.walk()]
    kinds = ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    assert parts == [*kinds, "text/csv"]
    (shown,) = [part for part in mail.walk() if part["Content-ID"] == "<x1>"]
    assert (shown.get_content_disposition(), shown.get_content()) == ("inline", b"png")
    html = mail.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == '<p>full</p><img src="cid:x1" alt="disk">'


async def test_users_are_found_by_the_address_they_have(gateway: Gateway, mail_server: MailServer) -> None:
    await gateway.data("update_user_address", {"username": "ada", "address": "ada@ops.test"})
    await gateway.data("send_mail", {**MAIL, "receiver": "", "receiver__username": "ada, bob@ops.test"})
    assert mail_server.received[0][0] == ["ada@ops.test", "bob@ops.test"]
    await gateway.data("update_user_address", {"username": "ada", "address": ""})
    answer = await gateway.call("send_mail", {**MAIL, "receiver": "", "receiver__username": "ada"})
    assert (answer["result"], answer["data"]["username_check"]) == (False, {"invalid": ["ada"]})


async def test_receivers_that_fail_are_named_and_the_others_get_their_mail(
    gateway: Gateway, mail_server: MailServer
) -> None:
    answer = await gateway.call("send_mail", {**MAIL, "receiver": "ada@ops.test nobody@ops.test zoe"})
    assert mail_server.received[0][0] == ["ada@ops.test"]
    assert (answer["result"], answer["code"]) == (False, 1306000)
    assert answer["message"].startswith("Some users failed to send message: nobody@ops.test (550 no such mailbox)")
    assert answer["data"]["username_check"] == {"invalid": ["zoe"]}
    assert [one["state"] for one in answer["data"]["deliveries"]] == ["sent", "failed", "failed"]


async def test_a_server_that_refuses_is_a_failure_for_all(gateway: Gateway, mail_server: MailServer) -> None:
    mail_server.broken = "refuse"
    refused = await gateway.call("send_mail", MAIL)
    assert refused["message"].startswith("All users failed to send message: ada@ops.test (554 rejected)")
    refused = await gateway.call("send_mail", {**MAIL, "receiver": "nobody@ops.test"})
    assert refused["message"] == "All users failed to send message: nobody@ops.test (550 no such mailbox)"


async def test_a_server_that_is_away_is_named(kernel: KernelServices) -> None:
    port = free_port()
    away = KernelServices(
        kernel.settings.model_copy(update={"smtp_port": port}), kernel.database, kernel.secrets, kernel.clock
    )
    answer = await Gateway(build_notify(away, OneKey()).embedded, kernel.clock).call("send_mail", MAIL)
    assert f"the mail server 127.0.0.1:{port} did not take the call" in answer["message"]
    assert (answer["result"], answer["data"]["deliveries"][0]["state"]) == (True, "waiting")


async def test_a_key_repeated_twenty_times_at_once_sends_one_mail(gateway: Gateway, mail_server: MailServer) -> None:
    mail_server.pause = 0.3
    answers = await asyncio.gather(*(gateway.call("send_mail", MAIL, key="run:1") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["result"] is True
    assert await gateway.call("send_mail", MAIL, key="run:1") == answers[0]
    assert len(mail_server.received) == 1
    other = await gateway.call("send_mail", {**MAIL, "title": "Other"}, key="run:1")
    assert (other["result"], other["code"]) == (False, 1306409)
    assert len(mail_server.received) == 1


async def test_what_was_sent_is_on_record_for_the_app_that_sent_it(gateway: Gateway, database: Database) -> None:
    await gateway.call("send_mail", {**MAIL, "receiver": "ada@ops.test nobody@ops.test"}, key="run:1")
    records = await gateway.data("list_deliveries", {"idempotency_key": "run:1"})
    assert {(one["receiver"], one["state"]) for one in records} == {
        ("ada@ops.test", "sent"),
        ("nobody@ops.test", "failed"),
    }
    stranger = Gateway(gateway.system, gateway.clock, identity={"x-trunkline-app": "other"})
    assert await stranger.data("list_deliveries", {}) == []
    async with database.reading() as session:
        wanted = select(AuditRecord).where(AuditRecord.action == "message.sent")
        (audit,) = (await session.execute(wanted)).scalars()
    assert (audit.actor, audit.on_behalf_of) == ("demo-app", "ada")
    assert "91" not in str(audit.after)


@one_database
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"receiver": ""}, "receiver: is missing"),
        ({"receiver": [1]}, "receiver.0"),
        ({"receiver": [f"u{n}@ops.test" for n in range(201)]}, "receiver"),
        ({"title": ""}, "title"),
        ({"title": "a\r\nBcc: eve@ops.test"}, "title"),
        ({"title": "a\u2028b"}, "title"),
        ({"content": ""}, "content"),
        ({"content": "%%", "is_content_base64": True}, "content: is not UTF-8 text in base64"),
        ({"sender": "x\ny"}, "sender"),
        ({"sender": "nobody"}, "sender: is not a mail address"),
        ({"body_format": "Rtf"}, "body_format"),
        ({"attachments": [{"filename": "a"}]}, "attachments.0.content"),
        ({"attachments": [{"filename": "../a", "content": ""}]}, "attachments.0.filename"),
        ({"attachments": [{"filename": "a", "content": "%"}]}, "attachments.0.content: is not base64"),
    ],
)
async def test_a_wrong_parameter_is_named_and_nothing_is_kept_or_sent(
    gateway: Gateway, mail_server: MailServer, database: Database, change: dict[str, Any], named: str
) -> None:
    answer = await gateway.call("send_mail", {**MAIL, **change}, key="run:1")
    assert (answer["result"], answer["code"]) == (False, 1306406)
    assert named in answer["message"]
    assert mail_server.received == []
    async with database.reading() as session:
        assert (await session.execute(select(Message))).first() is None
        assert (await session.execute(select(NotifyIdempotency))).first() is None


async def test_an_address_cannot_carry_a_header_or_command(gateway: Gateway, mail_server: MailServer) -> None:
    for receiver in (["ada@ops.test\r\nBcc: eve@ops.test"], ["<ada@ops.test> SIZE=1"], ["a..b@ops.test"], ["@"]):
        answer = await gateway.call("send_mail", {**MAIL, "receiver": receiver})
        assert answer["data"]["username_check"]["invalid"] == receiver
    assert mail_server.received == []


def test_html_reads_as_text_without_scripts_and_styles() -> None:
    html = "<head><style>p{}</style></head><p>one &amp; two</p><script>evil()</script><br>three<td>4"
    assert plain_text(html) == "one & two\nthree\t4\n"


def test_html_loses_what_acts_or_loads() -> None:
    html = (
        '<p style="color: red; position: fixed; background: url(http://x.test/)" onclick="evil()">hi</p>'
        '<a href="javascript:evil()">a</a><a href="https://ops.test/">b</a><img src="cid:x1" onerror="evil()">'
        '<img src="data:text/html,x"><script>evil()</script><style>p{}</style><iframe src="https://x.test"></iframe>'
        '<form action="https://x.test"><input name="password"></form><svg onload="evil()"></svg><base href="//x.test">'
    )
    safe = safe_html(html)
    assert safe.startswith('<p style="color:red">hi</p><a rel="noopener noreferrer">a</a>')
    assert '<a href="https://ops.test/" rel="noopener noreferrer">b</a><img src="cid:x1">' in safe
    assert not any(word in safe for word in ("evil", "x.test", "iframe", "form", "svg", "base", "data:", "style>"))


@one_database
async def test_a_user_without_an_address_here_has_the_one_of_his_account(
    kernel: KernelServices, mail_server: MailServer
) -> None:
    async with kernel.database.unit_of_work() as session:
        session.add(User(username="ada", email="ada@account.test"))
        session.add(User(username="eve", email="eve@account.test", is_active=False))
    gateway = Gateway(build_notify(kernel, OneKey(), profiles=UserProfiles()).embedded, kernel.clock)
    answer = await gateway.call("send_mail", {**MAIL, "receiver": "", "receiver__username": "ada, eve"})
    assert mail_server.received[0][0] == ["ada@account.test"]
    assert answer["data"]["username_check"] == {"invalid": ["eve"]}
    await gateway.data("update_user_address", {"username": "ada", "address": "ada@ops.test"})
    await gateway.data("send_mail", {**MAIL, "receiver": "", "receiver__username": "ada"})
    assert mail_server.received[1][0] == ["ada@ops.test"]


def test_a_listed_mail_server_has_its_port() -> None:
    with pytest.raises(ValidationError, match=r"mail\.corp has no port; write it as mail\.corp\.example:587"):
        Settings(allowed_mail_servers=("mail.corp",))
