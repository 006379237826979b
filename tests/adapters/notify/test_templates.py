"""Texts of messages: versions that never change, two languages, values that stay values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.notify.service.app import build_notify
from adapters.notify.service.templates.models import TemplateVersion
from adapters.notify.service.templates.rendering import Text, render
from adapters.notify.service.transports.html import plain_text
from gateway.identity.users.models import User
from gateway.identity.users.profiles import UserProfiles
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.services import KernelServices
from tests.adapters.gateway import Gateway, OneKey
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer

DISK: dict[str, Any] = {
    "name": "disk.full",
    "texts": {
        "en": {"title": "${host.name} is full", "content": "<p>${host.name}: <b>${used} %</b></p>"},
        "zh": {"title": "${host.name} 磁盘已满", "content": "<p>${host.name}：<b>${used} %</b></p>"},
    },
}
VALUES = {"host": {"name": "web-1"}, "used": 91}


async def test_each_reads_the_template_in_his_language(kernel: KernelServices, mail_server: MailServer) -> None:
    async with kernel.database.unit_of_work() as session:
        session.add(User(username="ada", email="ada@ops.test", language="en"))
        session.add(User(username="bao", email="bao@ops.test", language="zh"))
    gateway = Gateway(build_notify(kernel, OneKey(), profiles=UserProfiles()).embedded, kernel.clock)
    assert await gateway.data("save_template", DISK) == {"name": "disk.full", "version": 1}
    notice = {"receiver__username": "ada bao", "template": "disk.full", "template_values": VALUES}
    await gateway.data("notify_users", notice)
    titles = {mail["To"]: mail["Subject"] for _, mail in mail_server.received}
    assert titles == {"ada@ops.test": "web-1 is full", "bao@ops.test": "web-1 磁盘已满"}


async def test_versions_stay_as_they_are_and_the_newest_is_used(gateway: Gateway) -> None:
    await gateway.data("save_template", DISK)
    changed = {**DISK, "body_format": "Text", "texts": {"en": {"content": "${used}"}}}
    assert (await gateway.data("save_template", changed))["version"] == 2
    newest = await gateway.data("get_template", {"name": "disk.full"})
    assert (newest["version"], newest["values"], newest["versions"]) == (2, ["used"], [2, 1])
    first = await gateway.data("get_template", {"name": "disk.full", "version": 1})
    assert (first["texts"], first["values"]) == (DISK["texts"], ["host.name", "used"])
    assert [one["version"] for one in await gateway.data("list_templates", {})] == [2]
    await gateway.data("delete_template", {"name": "disk.full"})
    assert await gateway.data("list_templates", {}) == []


@one_database
async def test_a_preview_shows_what_will_be_sent(gateway: Gateway) -> None:
    await gateway.data("save_template", DISK)
    asked = {"name": "disk.full", "language": "zh", "values": {**VALUES, "used": "<script>evil()</script>"}}
    preview = await gateway.data("preview_template", asked)
    assert preview["title"] == "web-1 磁盘已满"
    assert preview["content"] == "<p>web-1：<b>&lt;script&gt;evil()&lt;/script&gt; %</b></p>"
    draft = {"text": {"title": "t", "content": "<script>evil()</script><i>${a}</i>"}, "values": {"a": "x\ny"}}
    assert (await gateway.data("preview_template", draft))["content"] == "<i>x\ny</i>"


@one_database
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"texts": {}}, "texts"),
        ({"texts": {"fr": {"content": "x"}}}, "texts.fr"),
        ({"texts": {"en": {"content": "${host.}"}}}, "texts.en: expected"),
        ({"texts": {"en": {"content": "${open('x')}"}}}, "texts.en: expected"),
        ({"texts": {"en": {"content": "x", "title": "a\nb"}}}, "texts.en.title"),
        ({"name": "Disk"}, "name"),
    ],
)
async def test_a_template_that_cannot_be_read_is_refused(
    gateway: Gateway, database: Database, changed: dict[str, Any], named: str
) -> None:
    answer = await gateway.call("save_template", {**DISK, **changed})
    assert answer["result"] is False
    assert answer["message"].startswith(named), answer["message"]
    async with database.reading() as session:
        assert (await session.execute(select(TemplateVersion))).first() is None
        assert (await session.execute(select(AuditRecord))).first() is None


@one_database
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"template": "nothing"}, "name: there is no template nothing"),
        ({"template_version": 7}, "name: there is no template disk.full version 7"),
        ({"template_values": {}}, "template_values: host.name has no value"),
        ({"title": "x"}, "template: stands instead of title and content"),
        ({"template": ""}, "content: is missing; send title and content, or template"),
        ({"msg_types": ["pigeon"]}, "msg_type: pigeon is not offered"),
        ({"receiver__username": ""}, "receiver__username"),
    ],
)
async def test_a_notice_that_cannot_be_written_sends_nothing(
    gateway: Gateway, mail_server: MailServer, changed: dict[str, Any], named: str
) -> None:
    await gateway.data("save_template", DISK)
    notice = {"receiver__username": "ada@ops.test", "template": "disk.full", "template_values": VALUES}
    answer = await gateway.call("notify_users", {**notice, **changed})
    assert answer["result"] is False
    assert answer["message"].startswith(named), answer["message"]
    assert mail_server.received == []


@given(value=st.text() | st.integers() | st.lists(st.text(), max_size=3))
def test_a_value_is_never_read_as_markup_template_or_header(value: Any) -> None:
    content = render(Text("a ${x} b", "<p>${x}</p>"), "Html", {"x": value})
    assert "\n" not in content.title
    assert "\r" not in content.title
    assert content.text.count("<") == 2
    if isinstance(value, str) and value.strip().isalnum():
        assert plain_text(content.text).strip() == value.strip()
