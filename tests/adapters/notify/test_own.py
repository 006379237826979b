"""What people set for themselves, and what stays with administrators."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from adapters.notify.service.app import NotifySystem
from adapters.notify.service.people.own import OwnKind
from adapters.notify.service.people.schemas import PreferenceChoices
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database
from tests.adapters.notify.conftest import MailServer, Webhook

# A helper of Apprise tries a module that newer Pythons no longer have, and does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

ADA = Principal(PrincipalKind.USER, "ada")
NOTICE: dict[str, Any] = {"receiver__username": "ada", "title": "Disks", "content": "91 %", "topic": "disks"}
QUIET = {"quiet_from": "00:00", "quiet_to": "00:00"}


async def _kinds(notify: NotifySystem, database: Database) -> dict[str, OwnKind]:
    async with database.reading() as session:
        return {each.channel.msg_type: each for each in await notify.own.kinds(session, ADA)}


async def _set(notify: NotifySystem, database: Database, msg_type: str, address: str, who: Principal = ADA) -> OwnKind:
    async with database.unit_of_work() as session:
        return await notify.own.set_address(session, who, msg_type, address)


async def _prefer(notify: NotifySystem, database: Database, **wishes: Any) -> None:
    async with database.unit_of_work() as session:
        await notify.own.set_preferences(session, ADA, PreferenceChoices(**wishes))


async def test_a_person_is_reached_where_and_as_he_says(
    notify: NotifySystem, gateway: Gateway, database: Database, mail_server: MailServer
) -> None:
    administrator = replace(gateway, identity={**gateway.identity, "x-trunkline-user": "root"})
    await administrator.data("update_user_address", {"username": "ada", "address": "ada@office.test"})
    mail = (await _kinds(notify, database))["mail"]
    assert (mail.address, mail.address_from, mail.can_change) == ("ada@office.test", "administrator", True)
    mail = await _set(notify, database, "mail", "ada@home.test")
    assert (mail.address, mail.address_from) == ("ada@home.test", "own")
    await _prefer(notify, database, rules=[{"topic": "backups", "msg_types": []}])
    await gateway.data("notify_users", NOTICE)
    told = await gateway.data("notify_users", {**NOTICE, "topic": "backups"})
    assert [one["state"] for one in told["deliveries"]] == ["muted"]
    assert [to for to, _ in mail_server.received] == [["ada@home.test"]]
    async with database.reading() as session:
        kept = (await session.execute(select(AuditRecord).order_by(AuditRecord.id))).scalars().all()  # type: ignore[arg-type]
    assert [(one.actor, one.action) for one in kept if one.actor == "ada"] == [
        ("ada", "notify_address.updated"),
        ("ada", "notify_preferences.set"),
    ]


@one_database
async def test_what_is_mandatory_comes_whatever_people_prefer(
    notify: NotifySystem, gateway: Gateway, database: Database, webhook: Webhook
) -> None:
    oncall = {"msg_type": "oncall", "kind": "webhook", "address": f"json://{webhook.origin}/to/${{address}}"}
    await gateway.data("set_channel", oncall)
    await _set(notify, database, "oncall", "ada.pager")
    await _prefer(notify, database, **QUIET, rules=[{"msg_types": []}, {"topic": "disks", "msg_types": ["mail"]}])
    asked = {**NOTICE, "msg_types": ["oncall"]}
    assert [one["state"] for one in (await gateway.data("notify_users", asked))["deliveries"]] == ["muted"]

    await gateway.data("set_channel", {**oncall, "is_mandatory": True})
    told = (await gateway.data("notify_users", asked))["deliveries"]
    assert [(one["msg_type"], one["state"]) for one in told] == [("oncall", "sent")]
    direct = {"msg_type": "oncall", "receiver__username": "ada", "title": "t", "content": "c", "topic": "disks"}
    assert [one["state"] for one in (await gateway.data("send_msg", direct))["deliveries"]] == ["sent"]
    assert webhook.paths == ["/to/ada.pager", "/to/ada.pager"]
    kind = (await _kinds(notify, database))["oncall"]
    assert (kind.channel.is_mandatory, kind.can_change, kind.address) == (True, False, "ada.pager")
    for address in ("", "elsewhere"):
        with pytest.raises(PermissionDenied, match="Administrators say"):
            await _set(notify, database, "oncall", address)


@one_database
@pytest.mark.parametrize(
    ("msg_type", "address", "who", "problem"),
    [
        ("pigeon", "roof", ADA, NotFound),
        ("mail", "no address", ADA, Invalid),
        ("mail", "ada@home.test", replace(ADA, scopes=frozenset({"flow"})), PermissionDenied),
        ("mail", "ada@home.test", Principal(PrincipalKind.APP, "shop"), PermissionDenied),
        ("group", "ada", ADA, PermissionDenied),
    ],
)
async def test_what_is_not_his_to_set_stays(
    notify: NotifySystem, gateway: Gateway, database: Database, webhook: Webhook,
    msg_type: str, address: str, who: Principal, problem: type[Exception],
) -> None:  # fmt: skip
    shared = {"msg_type": "group", "kind": "webhook", "address": f"json://{webhook.origin}/all"}
    await gateway.data("set_channel", shared)
    with pytest.raises(problem):
        await _set(notify, database, msg_type, address, who)
    kinds = await _kinds(notify, database)
    assert (kinds["mail"].address_from, kinds["group"].address_from) == ("none", "channel")
