"""Where users receive each kind of message."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service import schemas
from adapters.notify.service.channels.addresses import AddressRefused, AddressRules
from adapters.notify.service.channels.book import ChannelBook
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.people.book import ADDRESS_PURPOSE
from adapters.notify.service.people.models import UserAddress
from adapters.notify.service.people.repository import PeopleRepository
from adapters.notify.service.receivers import is_handle, is_mail_address, is_phone
from adapters.notify.service.times import shown_time
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

_SHOWN = 256


class AddressService:
    def __init__(
        self, repository: PeopleRepository, book: ChannelBook, rules: AddressRules, secrets: SecretBox, clock: Clock
    ) -> None:
        self._repository = repository
        self._book = book
        self._rules = rules
        self._secrets = secrets
        self._clock = clock

    async def update_user_address(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateAddress
    ) -> Any:
        before = await self._repository.address(session, asked.username, asked.msg_type)
        shown = await self._checked(session, asked) if asked.address else ""
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

    async def _checked(self, session: AsyncSession, asked: schemas.UpdateAddress) -> str:
        """What may be shown of the address.

        Raises:
            ParameterWrong: none of this kind of message.
        """
        channel = await self._book.find(session, asked.msg_type)
        if channel is None:
            known = [one.msg_type for one in await self._book.all(session)]
            raise ParameterWrong("msg_type", f"{asked.msg_type} is not offered; there are {', '.join(known)}")
        if channel.kind is Kind.MAIL:
            if not is_mail_address(asked.address):
                raise ParameterWrong("address", "is not a mail address")
            return asked.address[:_SHOWN]
        if "://" not in asked.address and channel.kind in {Kind.SMS, Kind.VOICE} and is_phone(asked.address):
            return asked.address
        if "://" not in asked.address and channel.template and is_handle(asked.address):
            return asked.address
        try:
            return self._rules.check(channel.kind, asked.address)[:_SHOWN]
        except AddressRefused as error:
            raise ParameterWrong("address", str(error)) from None


def _address_view(row: UserAddress) -> dict[str, Any]:
    return {
        "username": row.username,
        "msg_type": row.msg_type,
        "address": row.shown,
        "updated_at": shown_time(row.updated_at),
    }
