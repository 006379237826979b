"""What a repeat under the same key does when the first sender is gone, or only slow."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.notify.service.models import Delivery, Message
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.machine import ProcessIdentity, this_process
from tests.adapters.gateway import Gateway
from tests.adapters.notify.conftest import MailServer, Webhook

MAIL: dict[str, Any] = {
    "receiver": "ada@ops.test",
    "cc": "bob@ops.test",
    "title": "Disks",
    "content": "<p>91 %</p>",
    "attachments": [{"filename": "a.txt", "content": "YQ=="}],
}
_ME = this_process()
DEAD = str(ProcessIdentity(_ME.host, _ME.pid, _ME.started + 1))
ELSEWHERE = "another-machine/1/1"


async def _send_and_die(
    gateway: Gateway, database: Database, mail_server: MailServer, step: str, mail: dict[str, Any] = MAIL
) -> None:
    """As if the process had been killed when the server had come to this step."""
    mail_server.hold_at = step
    sending = asyncio.create_task(gateway.call("send_mail", mail, key="run:1"))
    await mail_server.held.wait()
    await _die(database, sending)
    mail_server.hold_at = ""
    mail_server.go.set()


async def _die(database: Database, sending: asyncio.Task[Any]) -> None:
    await _belongs_to(database, DEAD)
    ended = [sending, *(task for task in asyncio.all_tasks() if task.get_name() == "notify sending")]
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


async def _belongs_to(database: Database, owner: str, **more: Any) -> None:
    async with database.unit_of_work() as session:
        await session.execute(update(Message).values(owner=owner, **more))


async def _audited(database: Database) -> Sequence[dict[str, Any] | None]:
    async with database.reading() as session:
        wanted = select(AuditRecord).where(AuditRecord.action == "message.sent_again")
        return [record.after for record in (await session.execute(wanted)).scalars()]


async def _states(database: Database) -> set[str]:
    async with database.reading() as session:
        return {one.state for one in (await session.execute(select(Delivery))).scalars()}


async def test_who_dies_while_the_server_has_the_mail_is_followed_by_the_same_mail(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    await _send_and_die(gateway, database, mail_server, "mail")
    answer = await gateway.call("send_mail", MAIL, key="run:1")
    assert answer["result"] is True
    assert await gateway.call("send_mail", MAIL, key="run:1") == answer
    (to, first), (to_again, again) = mail_server.received
    assert to == to_again
    assert first.as_bytes() == again.as_bytes()
    assert first["Message-ID"] == f"<{answer['data']['message_id']}@ops.test>"
    both = ["ada@ops.test", "bob@ops.test"]
    assert await _audited(database) == [{"receivers": both, "perhaps_twice": both}]
    assert await _states(database) == {"sent"}


async def test_who_dies_before_the_server_has_the_mail_is_known_to_have_sent_nothing(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    await _send_and_die(gateway, database, mail_server, "receiver")
    assert await _states(database) == {"waiting"}
    assert (await gateway.call("send_mail", MAIL, key="run:1"))["result"] is True
    assert len(mail_server.received) == 1
    assert await _audited(database) == [{"receivers": ["ada@ops.test", "bob@ops.test"], "perhaps_twice": []}]


async def test_repeats_that_come_together_send_once_more(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    await _send_and_die(gateway, database, mail_server, "mail")
    answers = await asyncio.gather(*(gateway.call("send_mail", MAIL, key="run:1") for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    assert len(mail_server.received) == 2


async def test_a_mail_goes_again_to_the_address_it_first_went_to(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    mail = {**MAIL, "receiver": "ada", "cc": ""}
    await gateway.data("update_user_address", {"username": "ada", "address": "ada@ops.test"})
    await _send_and_die(gateway, database, mail_server, "mail", mail)
    await gateway.data("update_user_address", {"username": "ada", "address": "eve@ops.test"})
    await gateway.data("send_mail", mail, key="run:1")
    assert [to for to, _ in mail_server.received] == [["ada@ops.test"]] * 2


async def test_what_is_settled_is_not_sent_again(gateway: Gateway, mail_server: MailServer, database: Database) -> None:
    first = await gateway.call("send_mail", {**MAIL, "cc": "nobody@ops.test zoe"}, key="run:1")
    await _belongs_to(database, DEAD)
    assert await gateway.call("send_mail", {**MAIL, "cc": "nobody@ops.test zoe"}, key="run:1") == first
    assert len(mail_server.received) == 1


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
async def test_a_chat_message_goes_again_only_to_whom_it_is_not_known_to_have_gone(
    gateway: Gateway, webhook: Webhook, database: Database
) -> None:
    for username in ("ada", "bob"):
        address = {"username": username, "msg_type": "webhook", "address": f"json://{webhook.origin}/{username}"}
        await gateway.data("update_user_address", address)
    message = {"msg_type": "webhook", "receiver__username": "ada,bob", "title": "Disks", "content": "91 %"}
    webhook.hold_at = "/bob"
    sending = asyncio.create_task(gateway.call("send_msg", message, key="run:1"))
    await webhook.held.wait()
    for _ in range(1000):
        if await _states(database) == {"sent", "handing_over"}:
            break
        await asyncio.sleep(0.02)
    await _die(database, sending)
    webhook.hold_at = " "
    webhook.go.set()
    again = await gateway.data("send_msg", message, key="run:1")
    assert [one["state"] for one in again["deliveries"]] == ["sent", "sent"]
    assert sorted(webhook.paths) == ["/ada", "/bob", "/bob"]
    assert await _audited(database) == [{"receivers": ["bob"], "perhaps_twice": ["bob"]}]


async def test_a_sender_that_is_slow_is_waited_for(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    mail_server.hold_at = "mail"
    sending = asyncio.create_task(gateway.call("send_mail", MAIL, key="run:1"))
    await mail_server.held.wait()
    again = asyncio.create_task(gateway.call("send_mail", MAIL, key="run:1"))
    await asyncio.sleep(0.3)
    mail_server.go.set()
    assert await sending == await again
    assert len(mail_server.received) == 1


async def test_a_machine_that_has_long_been_silent_is_taken_for_dead(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    await _send_and_die(gateway, database, mail_server, "receiver")
    await _belongs_to(database, ELSEWHERE, owned_until=gateway.clock.now() - timedelta(seconds=1))
    assert (await gateway.call("send_mail", MAIL, key="run:1"))["result"] is True
    assert len(mail_server.received) == 1


async def test_who_was_taken_over_from_hands_nothing_over_any_more(
    gateway: Gateway, mail_server: MailServer, database: Database
) -> None:
    mail_server.hold_at = "receiver"
    slow = asyncio.create_task(gateway.call("send_mail", MAIL, key="run:1"))
    await mail_server.held.wait()
    await _belongs_to(database, ELSEWHERE)
    mail_server.go.set()
    await asyncio.sleep(0.3)
    assert mail_server.received == []
    assert (await slow)["data"]["deliveries"][0]["state"] == "waiting"
