"""Messages to users by the kinds each prefers, in the language each reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.book import ChannelBook
from adapters.notify.service.content import Content
from adapters.notify.service.delivery.outbox import Order
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.people.book import AddressBook
from adapters.notify.service.people.preference_service import Courtesy, PreferenceBook
from adapters.notify.service.receivers import Receiver
from adapters.notify.service.schemas import NotifyUsers
from adapters.notify.service.templates.service import TemplateService
from kernel.http.component_app import Call


@dataclass(frozen=True, slots=True)
class _Group:
    """Attributes:
    muted: users of the group who do not want the message at all.
    """

    msg_type: str
    language: str
    receivers: list[str]
    muted: set[str]


class NoticePlanner:
    def __init__(
        self, book: ChannelBook, people: AddressBook, preferences: PreferenceBook, templates: TemplateService
    ) -> None:
        self._book = book
        self._people = people
        self._preferences = preferences
        self._templates = templates

    async def plan(self, session: AsyncSession, call: Call[NotifyUsers]) -> list[Order]:
        """One order for each kind of message and language.

        Raises:
            ParameterWrong: neither text nor template, a missing value, or a kind that is not offered.
        """
        asked = call.params
        _check_text(asked)
        orders = []
        for group in await self._groups(session, asked):
            channel = await self._book.offered(session, group.msg_type)
            receivers = [Receiver(name) for name in group.receivers]
            courtesy = await self._preferences.courtesy(session, channel, receivers, asked.topic, asked.importance)
            orders.append(
                Order(
                    call.caller,
                    call.keyed,
                    channel,
                    await self._content(session, asked, group.language),
                    receivers,
                    importance=asked.importance,
                    topic=asked.topic,
                    courtesy=Courtesy(courtesy.held, frozenset(group.muted)),
                )
            )
        return orders

    async def _groups(self, session: AsyncSession, asked: NotifyUsers) -> Sequence[_Group]:
        wishes = await self._preferences.of(session, asked.receiver__username)
        mandatory = await self._mandatory(session, asked.msg_types)
        languages = await self._languages(session, asked)
        groups: dict[tuple[str, str], _Group] = {}
        for name in asked.receiver__username:
            chosen = wishes[name].msg_types(asked.topic, asked.importance) if name in wishes else None
            if chosen is not None:
                chosen = list(dict.fromkeys([*chosen, *mandatory]))
            for msg_type in chosen or ([asked.msg_types[0]] if chosen is not None else asked.msg_types):
                language = languages.get(name, "en")
                group = groups.setdefault((msg_type, language), _Group(msg_type, language, [], set()))
                group.receivers.append(name)
                if chosen is not None and not chosen:
                    group.muted.add(name)
        return list(groups.values())

    async def _mandatory(self, session: AsyncSession, msg_types: Sequence[str]) -> list[str]:
        """Those of the kinds that the caller asks for which no preference leaves out."""
        found = [await self._book.find(session, msg_type) for msg_type in msg_types]
        return [channel.msg_type for channel in found if channel is not None and channel.is_mandatory]

    async def _languages(self, session: AsyncSession, asked: NotifyUsers) -> dict[str, str]:
        """A text that is given is of no language, so its receivers are not told apart."""
        if not asked.template:
            return {}
        if asked.language:
            return dict.fromkeys(asked.receiver__username, asked.language)
        return await self._people.languages(session, asked.receiver__username)

    async def _content(self, session: AsyncSession, asked: NotifyUsers, language: str) -> Content:
        if not asked.template:
            return Content(asked.title, asked.content, asked.body_format)
        return await self._templates.rendered(
            session, asked.template, asked.template_version, language, asked.template_values, "template_values"
        )


def _check_text(asked: NotifyUsers) -> None:
    if asked.template and (asked.title or asked.content):
        raise ParameterWrong("template", "stands instead of title and content; send one of both")
    if not asked.template and not (asked.title and asked.content):
        raise ParameterWrong("content", "is missing; send title and content, or template")
