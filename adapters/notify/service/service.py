"""What the notification system is asked besides sending: kinds, addresses, records."""

import base64
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service import schemas
from adapters.notify.service.channels import CHANNELS, MAIL, AddressRefused, AddressRules
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.models import UserAddress
from adapters.notify.service.receivers import is_mail_address
from adapters.notify.service.repository import NotifyRepository
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox
from kernel.settings import Settings

ADDRESS_PURPOSE = "notify address"
_SHOWN = 256
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="{colour}"/>'
    '<text x="12" y="16" font-size="11" font-family="sans-serif" text-anchor="middle" fill="#fff">{letter}</text></svg>'
)
_COLOURS = ("#3a84ff", "#2dcb56", "#ff9c01", "#ea3636", "#699df4", "#45e35f", "#ffb848", "#fd9c9c", "#979ba5")


class NotifyService:
    def __init__(self, repository: NotifyRepository, settings: Settings, secrets: SecretBox, clock: Clock) -> None:
        self._repository = repository
        self._settings = settings
        self._rules = AddressRules(settings)
        self._secrets = secrets
        self._clock = clock

    async def get_msg_type(self, _session: AsyncSession, _caller: SignedCaller, _asked: schemas.Nothing) -> Any:
        return [
            {
                "type": name,
                "label": channel.label.en,
                "label_zh": channel.label.zh,
                "is_active": bool(self._settings.smtp_host) if name == MAIL else channel.is_offered,
                "icon": base64.b64encode(_ICON.format(colour=colour, letter=name[0].upper()).encode()).decode(),
            }
            for (name, channel), colour in zip(CHANNELS.items(), _COLOURS, strict=True)
        ]

    async def update_user_address(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateAddress
    ) -> Any:
        before = await self._repository.address(session, asked.username, asked.msg_type)
        shown = self._checked(asked) if asked.address else ""
        record(
            session,
            caller.principal,
            "notify_address.updated",
            "notify_address",
            f"{asked.username}/{asked.msg_type}",
            before={"address": before.shown} if before else None,
            after={"address": shown} if shown else None,
        )
        if not asked.address:
            await self._repository.remove_address(session, asked.username, asked.msg_type)
            return {"username": asked.username, "msg_type": asked.msg_type, "address": "", "updated_at": ""}
        row = before or UserAddress(username=asked.username, msg_type=asked.msg_type, address_sealed="", shown="")
        row.address_sealed = self._secrets.seal(asked.address.encode(), ADDRESS_PURPOSE)
        row.shown = shown
        row.updated_by = caller.user or caller.app
        row.updated_at = self._clock.now()
        session.add(row)
        return _address_view(row)

    async def list_user_addresses(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListAddresses
    ) -> Any:
        return [_address_view(row) for row in await self._repository.listed_addresses(session, asked.username)]

    async def list_deliveries(self, session: AsyncSession, caller: SignedCaller, asked: schemas.ListDeliveries) -> Any:
        return [
            {
                "message_id": message.id,
                "msg_type": message.msg_type,
                "title": message.title,
                "app": message.app,
                "receiver": delivery.receiver,
                "state": delivery.state,
                "error": delivery.error,
                "created_at": _time(message.created_at),
                "finished_at": _time(delivery.finished_at) if delivery.finished_at else None,
            }
            for delivery, message in await self._repository.deliveries(session, caller.app, asked)
        ]

    def _checked(self, asked: schemas.UpdateAddress) -> str:
        if asked.msg_type == MAIL:
            if not is_mail_address(asked.address):
                raise ParameterWrong("address", "is not a mail address")
            return asked.address[:_SHOWN]
        channel = CHANNELS.get(asked.msg_type)
        if channel is None or not channel.is_offered:
            offered = [name for name, one in CHANNELS.items() if one.is_offered]
            raise ParameterWrong("msg_type", f"{asked.msg_type} is not offered; there are {', '.join(offered)}")
        try:
            return self._rules.check(asked.msg_type, asked.address)[:_SHOWN]
        except AddressRefused as error:
            raise ParameterWrong("address", str(error)) from None


def _address_view(row: UserAddress) -> dict[str, Any]:
    return {
        "username": row.username,
        "msg_type": row.msg_type,
        "address": row.shown,
        "updated_at": _time(row.updated_at),
    }


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
