"""What people set for themselves: where they are reached, and when they are left alone.

What administrators make mandatory stays theirs: its address too, by which it could be led away.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.addresses import takes_address
from adapters.notify.service.channels.book import Channel, ChannelBook
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.people.book import AddressBook
from adapters.notify.service.people.models import UserAddress
from adapters.notify.service.people.preference_service import PreferenceService
from adapters.notify.service.people.repository import PeopleRepository
from adapters.notify.service.people.schemas import PreferenceChoices
from adapters.notify.service.people.service import AddressService
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind

AddressFrom = Literal["own", "administrator", "account", "channel", "none"]


@dataclass(frozen=True, slots=True)
class OwnKind:
    """A kind of message as one person has it.

    Attributes:
        address: without its secret part. address_from: who gave it; `channel` for a kind that has one for all.
        can_change: the person may set an address.
    """

    channel: Channel
    address: str
    address_from: AddressFrom
    can_change: bool


class OwnNotifications:
    def __init__(
        self,
        repository: PeopleRepository,
        channels: ChannelBook,
        book: AddressBook,
        addresses: AddressService,
        preferences: PreferenceService,
    ) -> None:
        self._repository = repository
        self._channels = channels
        self._book = book
        self._addresses = addresses
        self._preferences = preferences

    async def kinds(self, session: AsyncSession, principal: Principal) -> list[OwnKind]:
        """The kinds of message that are offered."""
        username = principal.id
        kept = {row.msg_type: row for row in await self._repository.listed_addresses(session, [username])}
        offered = [channel for channel in await self._channels.all(session) if channel.is_active]
        return [await self._kind(session, username, channel, kept.get(channel.msg_type)) for channel in offered]

    async def set_address(self, session: AsyncSession, principal: Principal, msg_type: str, address: str) -> OwnKind:
        """Args:
            address: empty to remove it.

        Raises:
            NotFound: no such kind of message is offered.
            PermissionDenied: it is mandatory, or has one address for all.
            Invalid: no address of this kind.
        """
        _require_whole(principal)
        channel = await self._channels.find(session, msg_type)
        if channel is None or not channel.is_active:
            raise NotFound(f"There is no kind of message {msg_type}")
        if not _can_change(channel):
            raise PermissionDenied(f"Administrators say where messages of kind {msg_type} go; ask them for a change")
        try:
            await self._addresses.keep(session, principal, principal.id, principal.id, msg_type, address)
        except ParameterWrong as wrong:
            raise Invalid.field(wrong.field, wrong.problem, "Send an address of this kind of message") from wrong
        row = await self._repository.address(session, principal.id, msg_type)
        return await self._kind(session, principal.id, channel, row)

    async def preferences(self, session: AsyncSession, principal: Principal) -> dict[str, Any]:
        return await self._preferences.read(session, principal.id)

    async def set_preferences(
        self, session: AsyncSession, principal: Principal, wishes: PreferenceChoices
    ) -> dict[str, Any]:
        _require_whole(principal)
        return await self._preferences.keep(session, principal, principal.id, principal.id, wishes)

    async def _kind(self, session: AsyncSession, username: str, channel: Channel, row: UserAddress | None) -> OwnKind:
        can_change = _can_change(channel)
        if row is not None:
            given: AddressFrom = "own" if row.updated_by == username else "administrator"
            return OwnKind(channel, row.shown, given, can_change)
        if channel.kind is Kind.MAIL:
            mail = (await self._book.addresses(session, channel.msg_type, [username])).get(username, "")
            return OwnKind(channel, mail, "account" if mail else "none", can_change)
        return OwnKind(channel, "", "channel" if _is_shared(channel) else "none", can_change)


def _is_shared(channel: Channel) -> bool:
    return bool(channel.template) and not takes_address(channel.template)


def _can_change(channel: Channel) -> bool:
    return not channel.is_mandatory and not _is_shared(channel)


def _require_whole(principal: Principal) -> None:
    """An API token that carries less than its owner's rights could lead his messages elsewhere; apps have none."""
    if principal.is_narrowed or principal.kind is not PrincipalKind.USER:
        raise PermissionDenied("Your notifications are set by you, or with an API token that carries all your rights")
