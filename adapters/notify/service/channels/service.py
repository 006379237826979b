"""Channels: set, removed and listed by administrators."""

import ssl
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels import schemas
from adapters.notify.service.channels.addresses import AddressRefused, AddressRules
from adapters.notify.service.channels.book import SECRET_PURPOSE, Channel, ChannelBook
from adapters.notify.service.channels.kinds import BUILT_IN, MAIL, Kind
from adapters.notify.service.channels.models import ChannelRow
from adapters.notify.service.channels.repository import ChannelRepository
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.receivers import is_mail_address
from adapters.notify.service.transports.chat import ChatSender
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

_SHOWN = 256


class ChannelService:
    def __init__(
        self,
        repository: ChannelRepository,
        book: ChannelBook,
        rules: AddressRules,
        chats: ChatSender,
        secrets: SecretBox,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._book = book
        self._rules = rules
        self._chats = chats
        self._secrets = secrets
        self._clock = clock

    async def set_channel(self, session: AsyncSession, caller: SignedCaller, asked: schemas.SetChannel) -> Any:
        _check_kind(asked)
        row = await self._repository.find(session, asked.msg_type)
        before = _facts(self._book.read(row)) if row is not None else None
        if row is None:
            row = ChannelRow(msg_type=asked.msg_type, kind=asked.kind.value, label="", label_zh="")
        if row.kind != asked.kind.value:
            row.secret_sealed, row.shown = "", ""
            row.mail = None
        row.kind = asked.kind.value
        row.label = asked.label or asked.msg_type
        row.label_zh = asked.label_zh or row.label
        for name in ("is_active", "is_mandatory", "per_minute", "per_receiver_per_hour", "repeat_minutes", "attempts"):
            setattr(row, name, getattr(asked, name))
        if asked.mail is not None:
            self._set_mail(row, asked, asked.mail)
        elif asked.address is not None:
            await self._set_address(row, asked.kind, asked.address)
        row.updated_by = caller.user or caller.app
        row.updated_at = self._clock.now()
        session.add(row)
        given = asked.password if asked.mail is not None else asked.address
        after = {**_facts(self._book.read(row)), "secret": "kept" if given is None else "replaced"}
        record(
            session, caller.principal, "notify_channel.set", "notify_channel", row.msg_type, before=before, after=after
        )
        return {"msg_type": row.msg_type}

    async def delete_channel(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfChannel) -> Any:
        row = await self._repository.find(session, asked.msg_type)
        if row is None:
            known = "is as it came; there is nothing to delete" if asked.msg_type in BUILT_IN else "is not there"
            raise ParameterWrong("msg_type", f"{asked.msg_type} {known}")
        before = _facts(self._book.read(row))
        record(session, caller.principal, "notify_channel.deleted", "notify_channel", row.msg_type, before=before)
        await session.delete(row)
        return {"msg_type": asked.msg_type}

    async def list_channels(self, session: AsyncSession, _caller: SignedCaller, _asked: Any) -> Any:
        return [_shown(channel) for channel in await self._book.all(session)]

    def _set_mail(self, row: ChannelRow, asked: schemas.SetChannel, mail: schemas.MailServerSettings) -> None:
        if not is_mail_address(mail.mail_from.rpartition("<")[2].rstrip(">")):
            raise ParameterWrong("mail.mail_from", "is not a mail address, nor a name with one in angle brackets")
        if mail.authority:
            try:
                ssl.create_default_context(cadata=mail.authority)
            except (ssl.SSLError, ValueError):
                raise ParameterWrong("mail.authority", "holds no certificate in PEM") from None
        elsewhere = row.mail is not None and any(
            row.mail[name] != getattr(mail, name) for name in ("host", "port", "security")
        )
        if elsewhere and row.secret_sealed and asked.password is None:
            raise ParameterWrong("password", "is missing; a kept password does not go to another server")
        if asked.password is not None:
            row.secret_sealed = self._secrets.seal(asked.password.encode(), SECRET_PURPOSE) if asked.password else ""
        row.mail = mail.model_dump()
        row.shown = f"{mail.host}:{mail.port}"

    async def _set_address(self, row: ChannelRow, kind: Kind, address: str) -> None:
        if not address:
            row.secret_sealed, row.shown = "", ""
            return
        try:
            row.shown = self._rules.check(kind, address)[:_SHOWN]
        except AddressRefused as error:
            raise ParameterWrong("address", str(error)) from None
        if not await self._chats.can_read(self._rules.sample(address)):
            raise ParameterWrong("address", "lacks a part that addresses of this kind need")
        row.secret_sealed = self._secrets.seal(address.encode(), SECRET_PURPOSE)


def _check_kind(asked: schemas.SetChannel) -> None:
    if asked.kind is Kind.MAIL:
        if asked.mail is None:
            raise ParameterWrong("mail", "is missing; send the mail server's settings")
        if asked.address is not None:
            raise ParameterWrong("address", "is not of mail; the server stands in mail")
        return
    if asked.msg_type == MAIL:
        raise ParameterWrong("kind", "is mail for the kind of message mail")
    if asked.mail is not None or asked.password is not None:
        raise ParameterWrong("mail", "and password are of kind mail alone")


def _facts(channel: Channel) -> dict[str, Any]:
    """What of a channel may be seen, in a list as in the audit log."""
    limits = channel.limits
    return {
        "kind": channel.kind.value,
        "label": channel.label.en,
        "label_zh": channel.label.zh,
        "is_active": channel.is_active,
        "is_mandatory": channel.is_mandatory,
        "mail": _mail_facts(channel),
        "address": "" if channel.server is not None else channel.shown,
        "per_minute": limits.per_minute,
        "per_receiver_per_hour": limits.per_receiver_per_hour,
        "repeat_minutes": limits.repeat_minutes,
        "attempts": limits.attempts,
    }


def _mail_facts(channel: Channel) -> dict[str, Any] | None:
    server = channel.server
    if server is None:
        return None
    return {
        "host": server.host,
        "port": server.port,
        "security": server.security,
        "username": server.username,
        "mail_from": server.mail_from,
        "authority": server.authority,
    }


def _shown(channel: Channel) -> dict[str, Any]:
    has_password = channel.server is not None and bool(channel.server.password)
    return {
        "msg_type": channel.msg_type,
        "is_set": channel.is_set,
        "has_password": has_password,
        **_facts(channel),
    }
