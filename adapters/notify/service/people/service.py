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
from kernel.principal import Principal
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
        by = caller.user or caller.app
        return await self.keep(session, caller.principal, by, asked.username, asked.msg_type, asked.address)

    async def keep(
        self, session: AsyncSession, principal: Principal, by: str, username: str, msg_type: str, address: str
    ) -> dict[str, Any]:
        """Args:
            by: who sets it: the user himself, or who may do so for others.
            address: empty to remove it.

        Raises:
            ParameterWrong: no address for this kind of message.
        """
        before = await self._repository.address(session, username, msg_type)
        shown = await self._checked(session, msg_type, address) if address else ""
        record(
            session,
            principal,
            "notify_address.updated",
            "notify_address",
            f"{username}/{msg_type}",
            before={"address": before.shown} if before else None,
            after={"address": shown} if shown else None,
        )
        if not address:
            await self._repository.remove_address(session, username, msg_type)
            return {"username": username, "msg_type": msg_type, "address": "", "updated_at": ""}
        row = before or UserAddress(username=username, msg_type=msg_type, address_sealed="", shown="")
        row.address_sealed = self._secrets.seal(address.encode(), ADDRESS_PURPOSE)
        row.shown = shown
        row.updated_by = by
        row.updated_at = self._clock.now()
        session.add(row)
        return _address_view(row)

    async def list_user_addresses(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListAddresses
    ) -> Any:
        return [_address_view(row) for row in await self._repository.listed_addresses(session, asked.username)]

    async def _checked(self, session: AsyncSession, msg_type: str, address: str) -> str:
        """What may be shown of the address.

        Raises:
            ParameterWrong: none of this kind of message.
        """
        channel = await self._book.find(session, msg_type)
        if channel is None:
            known = [one.msg_type for one in await self._book.all(session)]
            raise ParameterWrong("msg_type", f"{msg_type} is not offered; there are {', '.join(known)}")
        if channel.kind is Kind.MAIL:
            if not is_mail_address(address):
                raise ParameterWrong("address", "is not a mail address")
            return address[:_SHOWN]
        if "://" not in address and channel.kind in {Kind.SMS, Kind.VOICE} and is_phone(address):
            return address
        if "://" not in address and channel.template and is_handle(address):
            return address
        try:
            return self._rules.check(channel.kind, address)[:_SHOWN]
        except AddressRefused as error:
            raise ParameterWrong("address", str(error)) from None


def _address_view(row: UserAddress) -> dict[str, Any]:
    return {
        "username": row.username,
        "msg_type": row.msg_type,
        "address": row.shown,
        "updated_at": shown_time(row.updated_at),
    }
