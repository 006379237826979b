"""Where a message goes: whose address is whose, and the Apprise address a channel makes of it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.addresses import AddressRefused, AddressRules, filled, takes_address
from adapters.notify.service.channels.book import Channel
from adapters.notify.service.channels.kinds import SMS, Kind
from adapters.notify.service.people.book import AddressBook
from adapters.notify.service.receivers import Receiver, is_handle, is_mail_address, is_phone

_PHONES: Final = frozenset({Kind.SMS, Kind.VOICE})


class NoTarget(Exception):
    """The receiver can't be reached by this channel; the text says why."""


class TargetFinder:
    def __init__(self, people: AddressBook, rules: AddressRules) -> None:
        self._people = people
        self._rules = rules

    async def addresses(self, session: AsyncSession, channel: Channel, receivers: Sequence[Receiver]) -> dict[str, str]:
        """Receiver's name → address that may be kept and shown; empty where there is none that may be used.

        Of an address that is a secret itself only its kind is told.
        """
        users = [one.name for one in receivers if not one.given]
        own = await self._people.addresses(session, channel.msg_type, users)
        if channel.kind is Kind.VOICE and channel.template:
            phones = await self._people.addresses(session, SMS, [name for name in users if name not in own])
            own.update({name: phone for name, phone in phones.items() if is_phone(phone)})
        return {one.name: self._kept(channel, _given(channel, one) or own.get(one.name, "")) for one in receivers}

    async def target(self, session: AsyncSession, channel: Channel, receiver: str, address: str) -> str:
        """What to dial for an address that `addresses` gave.

        Raises:
            NoTarget: there is nothing to dial any more.
        """
        if not address:
            raise NoTarget(f"has no {channel.msg_type} address that may be used")
        if channel.kind is Kind.MAIL:
            return address
        if "://" not in address:
            if not channel.template:
                raise NoTarget(f"the channel {channel.msg_type} has no address for {receiver}")
            return filled(channel.template, address, receiver)
        own = (await self._people.addresses(session, channel.msg_type, [receiver])).get(receiver, "")
        if "://" in own and self._allowed(channel.kind, own):
            return own
        if not channel.template or takes_address(channel.template):
            raise NoTarget(f"has no {channel.msg_type} address that may be used")
        return filled(channel.template, "", receiver)

    def _kept(self, channel: Channel, address: str) -> str:
        if channel.kind is Kind.MAIL:
            return address if is_mail_address(address) else ""
        if "://" in address:
            return self._allowed(channel.kind, address)
        if not channel.template:
            return ""
        if not takes_address(channel.template):
            return channel.shown
        fits = is_phone if channel.kind in _PHONES else is_handle
        return address if fits(address) else ""

    def _allowed(self, kind: Kind, address: str) -> str:
        """What may be shown of an Apprise address; empty when it may not be dialled any more."""
        try:
            return self._rules.check(kind, address)
        except AddressRefused:
            return ""


def _given(channel: Channel, receiver: Receiver) -> str:
    """The address that the call gives itself; never one to dial, which only users' own addresses and channels name."""
    if channel.kind in _PHONES and is_phone(receiver.name):
        return receiver.given or receiver.name
    return "" if "://" in receiver.given else receiver.given
